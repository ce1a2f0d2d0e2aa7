"""The plugin's ConfigMap: its keys change the defaults for every hook of the cluster."""

from __future__ import annotations

import typing

from init_hooks.container_schema import check_field
from init_hooks.document import read_document
from init_hooks.finding import Finding, Findings, nearest, quote
from init_hooks.settings import Settings
from init_hooks.value import WrongValueError, read_image, read_inherit, read_pull_policy, read_timeout, read_wait

if typing.TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from msgspec import Raw


def parse_settings(data: Mapping[str, str], source: str) -> tuple[Settings, tuple[Finding, ...]]:
    """Read the data of the plugin's ConfigMap.

    A key that is wrong leaves its default as it is, and is told; the others count.

    Args:
        data: The ConfigMap's data.
        source: What to call it in a finding: "ConfigMap velero/init-hooks".
    """
    findings = Findings(pod="")
    fields: dict[str, typing.Any] = {}
    for key, text in data.items():
        where = f"{source}: {key}"
        reader = _READERS.get(key)
        if reader is None:
            near = nearest(key, list(_READERS))
            expected = f"one of {', '.join(_READERS)}"
            findings.add(where, "a key that means nothing", expected, f"did you mean {near}?" if near else "")
        elif text or key == "inherit":
            try:
                fields[key.replace("-", "_")] = reader(text, where, findings)
            except WrongValueError as wrong:
                findings.add(where, wrong.found, wrong.expected, wrong.hint)
    return Settings(**{key: value for key, value in fields.items() if value is not None}), findings.all()


def _plain(read: Callable[[str], object]) -> Callable[[str, str, Findings], object]:
    return lambda text, _where, _findings: read(text)


def _read_on_invalid(text: str) -> str:
    if text not in {"restore", "fail"}:
        raise WrongValueError(quote(text), "restore (the pod without its hooks) or fail (refuse the pod)")
    return text


def _field(name: str) -> Callable[[str, str, Findings], Raw | None]:
    def read(text: str, where: str, findings: Findings) -> Raw | None:
        document = read_document(text, f"a container's {name} as JSON or YAML")
        return document if check_field(name, document, where, findings) else None

    return read


_READERS: dict[str, Callable[[str, str, Findings], object]] = {
    "image": _plain(read_image),
    "image-pull-policy": _plain(read_pull_policy),
    "timeout": _plain(read_timeout),
    "wait": _plain(read_wait),
    "inherit": _plain(read_inherit),
    "security-context": _field("securityContext"),
    "resources": _field("resources"),
    "on-invalid": _plain(_read_on_invalid),
}
