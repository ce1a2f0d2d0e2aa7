"""Hooks that stand in a pod already: just injected by Velero's own action, or left by an earlier restore."""

from __future__ import annotations

import re
import typing

import msgspec

from init_hooks.finding import quote
from init_hooks.names import GENERATED_NAME_START, RECORD, RESTORE_NAME_LABEL

if typing.TYPE_CHECKING:
    from init_hooks.finding import Findings
    from init_hooks.pod import Pod


class VeleroHook(msgspec.Struct):
    """An init container as Velero's own action makes it."""

    name: str = ""
    image: str | None = None
    command: list[str] | None = None


class _Metadata(msgspec.Struct):
    labels: dict[str, str] | None = None


class _Spec(msgspec.Struct, rename="camel"):
    init_containers: list[VeleroHook] | None = None


class _PodFromBackup(msgspec.Struct):
    metadata: _Metadata | None = None
    spec: _Spec | None = None

    def was_restored(self) -> bool:
        return RESTORE_NAME_LABEL in ((self.metadata and self.metadata.labels) or {})

    def init_containers(self, name: str) -> list[VeleroHook]:
        containers = (self.spec and self.spec.init_containers) or []
        return [container for container in containers if container.name == name]


_RECORD = msgspec.json.Decoder(list[str])
_POD_FROM_BACKUP = msgspec.json.Decoder(_PodFromBackup)


def read_record(pod: Pod, findings: Findings) -> list[str] | None:
    """Read our note of the hooks from an earlier restore; None where there is none, or none that can be read."""
    text = pod.record()
    if text is None:
        return None
    try:
        return _RECORD.decode(text)
    except msgspec.DecodeError:
        findings.add(
            RECORD,
            quote(text),
            "the JSON list of names that this plugin writes there",
            "remove the annotation if the pod has no hook of an earlier restore",
        )
        return None


def find_hooks(pod: Pod, item_from_backup: bytes, velero_hooks: list[VeleroHook], record: list[str] | None) -> set[int]:
    """Find the init containers that are hooks already, whoever injected them and when.

    Known are those that we noted in the pod (`record`), those with a name that Velero generates, and those with the
    name of one that Velero's own action injects into this pod (`velero_hooks`), as far as they were not in the backup.

    Returns:
        Their indexes among the pod's init containers.
    """
    hooks = {
        index
        for index, container in enumerate(pod.init_containers)
        if (record and container.name in record) or _is_generated(container.name)
    }
    for velero_hook in velero_hooks:
        same_name = [
            index
            for index, container in enumerate(pod.init_containers)
            if container.name == velero_hook.name and index not in hooks
        ]
        if same_name:
            backup = _POD_FROM_BACKUP.decode(item_from_backup)
            old = backup.init_containers(velero_hook.name)
            new = max(len(same_name) - len(old), 0)  # Velero puts its own before those from the backup
            hooks.update(same_name[:new])
            if record is None and backup.was_restored() and any(_are_alike(velero_hook, one) for one in old):
                hooks.update(same_name[new:])
    return hooks


def _is_generated(name: str) -> bool:
    return name.startswith(GENERATED_NAME_START) and bool(
        re.fullmatch("[0-9a-f]{8}", name.removeprefix(GENERATED_NAME_START))
    )


def _are_alike(asked: VeleroHook, present: VeleroHook) -> bool:
    """Tell whether a container is a hook that Velero alone restored earlier; the annotation may have changed since.

    A pod's own init container can't be taken for one: with both of one name, the API server had refused the pod.
    """
    return asked.image == present.image or asked.command == present.command
