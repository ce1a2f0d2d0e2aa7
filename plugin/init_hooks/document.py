"""Text in an annotation or a ConfigMap that is JSON or YAML."""

from __future__ import annotations

import functools
import typing

import msgspec
from msgspec import Raw

from init_hooks.finding import quote
from init_hooks.value import WrongValueError

if typing.TYPE_CHECKING:
    import yaml


def read_document(text: str, expected: str) -> Raw:
    """Read text as JSON, which keeps its bytes, else as YAML.

    Raises:
        WrongValueError: It is neither.
    """
    try:
        return msgspec.json.decode(text, type=Raw).copy()
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError) as error:
        not_json = error
    import yaml  # noqa: PLC0415 - JSON does without

    try:
        return Raw(msgspec.json.encode(yaml.load(text, _loader())))  # noqa: S506 - it is a SafeLoader
    except (yaml.YAMLError, ValueError, TypeError, OverflowError, RecursionError) as not_yaml:
        reason = " ".join(str(not_yaml).split())
        raise WrongValueError(f"{quote(text)} (as JSON: {not_json}; as YAML: {reason})", expected) from None


@functools.cache
def _loader() -> type[yaml.SafeLoader]:
    """Make a loader for Kubernetes' YAML: dates are text, and no alias can make a small text into a huge one."""
    import yaml  # noqa: PLC0415 - JSON does without

    class Loader(yaml.SafeLoader):
        def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
            if self.check_event(yaml.AliasEvent):
                raise yaml.YAMLError("an alias (*name) is not read here, the whole text must be written out")
            return super().compose_node(parent, index)

    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return Loader
