"""The annotations by which a pod asks for hooks."""

from __future__ import annotations

import typing

import msgspec

from init_hooks.finding import Findings, nearest
from init_hooks.names import PREFIX
from init_hooks.settings import PullPolicy, Settings, Sharing
from init_hooks.value import (
    WrongValueError,
    read_command,
    read_container_name,
    read_image,
    read_inherit,
    read_pull_policy,
    read_timeout,
    read_wait,
)

if typing.TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_READERS: dict[str, Callable[[str], object]] = {
    "command": read_command,
    "container-image": read_image,
    "container-name": read_container_name,
    "timeout": read_timeout,
    "image-pull-policy": read_pull_policy,
    "inherit-from": str,
    "inherit": read_inherit,
    "after": str,
    "wait": read_wait,
    "containers": str,  # its containers are read with the pod that they are for
}
_ASK_FOR_A_HOOK = (PREFIX + "command", PREFIX + "container-image", PREFIX + "containers")


class HookAnnotations(msgspec.Struct, frozen=True):
    """What a pod's annotations say; None where a key is absent, empty (but for `inherit`) or wrong."""

    command: list[str] | None = None
    container_image: str | None = None
    container_name: str | None = None
    timeout: float | None = None  # seconds
    image_pull_policy: PullPolicy | None = None
    inherit_from: str | None = None
    inherit: frozenset[Sharing] | None = None
    after: str | None = None
    wait: bool | None = None
    containers: str | None = None

    def over(self, settings: Settings) -> Settings:
        """Give the settings with what this pod's annotations say in place of the defaults."""
        return Settings(
            image=settings.image if self.container_image is None else self.container_image,
            image_pull_policy=self.image_pull_policy or settings.image_pull_policy,
            timeout=settings.timeout if self.timeout is None else self.timeout,
            wait=settings.wait if self.wait is None else self.wait,
            inherit=settings.inherit if self.inherit is None else self.inherit,
            security_context=settings.security_context,
            resources=settings.resources,
            on_invalid=settings.on_invalid,
        )


def asks_for_a_hook(annotations: Mapping[str, str]) -> bool:
    """Tell whether the pod itself names a hook; an empty value names none, as with Velero."""
    return any(map(annotations.get, _ASK_FOR_A_HOOK))


def read_annotations(annotations: Mapping[str, str], findings: Findings) -> HookAnnotations:
    """Read every annotation under our prefix; what is wrong in one goes to the findings."""
    fields: dict[str, typing.Any] = {}
    for name, text in annotations.items():
        key = name.removeprefix(PREFIX)
        reader = _READERS.get(key)
        if reader and (text or key == "inherit"):
            try:
                fields[key.replace("-", "_")] = reader(text)
            except WrongValueError as wrong:
                findings.add(where(key), wrong.found, wrong.expected, wrong.hint)
    return HookAnnotations(**fields)


def check_keys(annotations: Mapping[str, str], findings: Findings) -> None:
    """Find keys that are no key of ours but so near to one that it was surely meant.

    Others under the prefix are left alone: a later Velero may know them.
    """
    for name in annotations:
        key = name.removeprefix(PREFIX)
        if key not in _READERS and (near := nearest(key, list(_READERS))):
            findings.add(where(key), "a key that means nothing", f"{PREFIX}{near}")


def where(key: str) -> str:
    """Name an annotation in a finding."""
    return PREFIX + key
