"""The hooks that are asked for: by the pod's annotations, else by the Restore's spec."""

from __future__ import annotations

import typing

import msgspec
from msgspec import Raw

from init_hooks.annotations import HookAnnotations, where
from init_hooks.container import Hook
from init_hooks.earlier_hooks import VeleroHook
from init_hooks.finding import quote
from init_hooks.names import PREFIX
from init_hooks.pod import NULL
from init_hooks.value import WrongValueError, read_command, read_container_name, read_image, read_timeout

if typing.TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from init_hooks.finding import Findings
    from init_hooks.restore import InitHook

_CONTAINERS = msgspec.json.Decoder(list[Raw])
_VELERO_HOOK = msgspec.json.Decoder(VeleroHook)
_TEXT = msgspec.json.Decoder(str | None)


def hooks_of_annotations(annotations: HookAnnotations, findings: Findings) -> list[Hook]:
    """Give the hooks of a pod that asks by its annotations.

    `containers` goes before `command` and `container-name`, which describe a single hook.
    """
    if annotations.containers is None:
        fields: dict[str, object] = {"command": annotations.command} if annotations.command else {}
        return [Hook(PREFIX, where("container-name"), annotations.container_name, fields)]
    try:
        containers = _read_containers(annotations.containers)
    except WrongValueError as wrong:
        findings.add(where("containers"), wrong.found, wrong.expected)
        return []
    return [
        _whole_container(container, f"{where('containers')}[{index}]", None, findings)
        for index, container in enumerate(containers)
    ]


def hooks_of_restore(init_hooks: Iterable[tuple[str, InitHook]], findings: Findings) -> list[Hook]:
    """Give the hooks that a Restore's spec has for a pod."""
    return [
        _whole_container(container, f"{path}.initContainers[{index}]", _timeout(init, path, findings), findings)
        for path, init in init_hooks
        for index, container in enumerate(init.init_containers or [])
    ]


def hooks_of_velero(annotations: Mapping[str, str], init_hooks: Iterable[tuple[str, InitHook]]) -> list[VeleroHook]:
    """Give the hooks that Velero's own action injects into the pod: one by annotations, else the Restore's.

    The rule is that of Velero's InitContainerRestoreHookHandler: without an image the annotations count for nothing.
    """
    image = annotations.get(where("container-image"))
    if not image:
        return [_VELERO_HOOK.decode(container) for _, init in init_hooks for container in init.init_containers or []]
    text = annotations.get(where("command"), "")
    try:
        command = read_command(text)
    except WrongValueError:
        command = [text]
    return [VeleroHook(annotations.get(where("container-name"), ""), image, command)]


def _read_containers(text: str) -> list[Raw]:
    from init_hooks.document import read_document  # noqa: PLC0415 - only this annotation needs it

    expected = "a JSON or YAML list of containers"
    document = read_document(text, expected)
    try:
        return _CONTAINERS.decode(document)
    except msgspec.ValidationError:
        raise WrongValueError(quote(text), expected) from None


def _whole_container(container: Raw, path: str, timeout: float | None, findings: Findings) -> Hook:
    from init_hooks.container_schema import read_fields  # noqa: PLC0415 - only whole containers need it

    fields = read_fields(container, path, findings)
    texts: dict[str, str] = {}
    for key, reader in (("name", read_container_name), ("image", read_image)):
        raw = fields.pop(key, NULL)
        try:
            text = _TEXT.decode(raw)
            if text:
                texts[key] = reader(text)
        except WrongValueError as wrong:
            findings.add(f"{path}.{key}", wrong.found, wrong.expected)
    image: dict[str, object] = {"image": texts["image"]} if "image" in texts else {}
    return Hook(path, f"{path}.name", texts.get("name"), {**image, **fields}, timeout)


def _timeout(init: InitHook, path: str, findings: Findings) -> float | None:
    if init.timeout in {None, "0s"}:  # Go writes a duration that is not set as 0s
        return None
    try:
        return read_timeout(init.timeout or "")
    except WrongValueError as wrong:
        findings.add(f"{path}.timeout", wrong.found, wrong.expected)
        return None
