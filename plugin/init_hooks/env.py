"""Environment variables that a mount's subPathExpr refers to."""

from __future__ import annotations

import re
import typing

import msgspec
from msgspec import Raw

from init_hooks.pod import decode_list

if typing.TYPE_CHECKING:
    from collections.abc import Iterable

    from init_hooks.pod import AppContainer, Object


class _EnvVar(msgspec.Struct):
    name: str = ""
    value: str | None = None


class _EnvFrom(msgspec.Struct):
    prefix: str | None = None


_ENV = msgspec.json.Decoder(list[_EnvVar] | None)
_ENV_FROM = msgspec.json.Decoder(list[_EnvFrom] | None)


def attach_needed_env(container: Object, app: AppContainer, expressions: Iterable[str]) -> None:
    """Give the container those variables of the app container that the expressions refer to, and no others.

    Without them kubelet can't make the container: it must know every variable in a subPathExpr. A variable
    may refer to others by its value; one that no `env` entry sets may come from an `envFrom` source.
    What the container sets itself stays as it is.
    """
    entries = _ENV.decode(app.env) or []
    own = {entry.name for entry in _ENV.decode(_own(container, "env")) or []}
    needed, unset = _closure(expressions, entries, own)
    env = [raw for raw, entry in zip(decode_list(app.env), entries, strict=True) if entry.name in needed]
    _append(container, "env", env)
    if unset:
        sources = zip(decode_list(app.env_from), _ENV_FROM.decode(app.env_from) or [], strict=True)
        own_sources = set(map(bytes, decode_list(_own(container, "envFrom"))))
        env_from = [
            raw
            for raw, source in sources
            if any(name.startswith(source.prefix or "") for name in unset) and bytes(raw) not in own_sources
        ]
        _append(container, "envFrom", env_from)


def references(text: str) -> list[str]:
    """Find the variables in a text by Kubernetes' syntax: $(NAME) is one, $$(NAME) is not."""
    return [name for name in re.findall(r"\$(?:\$|\(([^)]*)\))", text) if name]


def _closure(expressions: Iterable[str], entries: list[_EnvVar], own: set[str]) -> tuple[set[str], set[str]]:
    """Follow references to their end: the variables needed, and those that no entry sets before they are used."""
    names = {entry.name for entry in entries}
    needed: set[str] = set()
    unset: set[str] = set()
    waiting = [name for text in expressions for name in references(text)]
    while waiting:
        name = waiting.pop()
        if name in needed or name in own:
            continue
        needed.add(name)
        if name not in names:
            unset.add(name)
        for entry in entries:
            if entry.name == name and entry.value:
                referred = references(entry.value)
                waiting += referred
                if name in referred:  # PATH=$(PATH):/more extends what came from elsewhere
                    unset.add(name)
    return needed, unset


def _own(container: Object, key: str) -> Raw:
    value = container.get(key)
    return value if isinstance(value, Raw) else Raw(msgspec.json.encode(value))


def _append(container: Object, key: str, entries: list[Raw]) -> None:
    if entries:
        container[key] = [*decode_list(_own(container, key)), *entries]
