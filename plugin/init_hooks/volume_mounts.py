"""The app container's volumes in the hook's container: mounts and raw block devices."""

from __future__ import annotations

import typing

import msgspec
from msgspec import Raw

from init_hooks.env import attach_needed_env
from init_hooks.finding import quote
from init_hooks.pod import NULL, decode_list, decode_object

if typing.TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from init_hooks.finding import Findings
    from init_hooks.pod import AppContainer, Object

_TERMINATION_LOG = "/dev/termination-log"  # kubelet mounts its own file here: core/v1 TerminationMessagePathDefault


class VolumeMount(msgspec.Struct, rename="camel"):
    """What decides whether a mount can be shared."""

    name: str = ""
    mount_path: str = ""
    sub_path_expr: str | None = None
    mount_propagation: str | None = None


class VolumeDevice(msgspec.Struct, rename="camel"):
    """What decides whether a raw block device can be shared."""

    name: str = ""
    device_path: str = ""


class _SecurityContext(msgspec.Struct):
    privileged: bool | None = None


_TEXT = msgspec.json.Decoder(str | None)
_MOUNTS = msgspec.json.Decoder(list[VolumeMount] | None)
_DEVICES = msgspec.json.Decoder(list[VolumeDevice] | None)
_SECURITY_CONTEXT = msgspec.json.Decoder(_SecurityContext | None)


def attach_volume_mounts(container: Object, app: AppContainer, volumes: AbstractSet[str]) -> None:
    """Let the hook see the app container's files: its volumeMounts and volumeDevices, where it has none written.

    Left out is what the API server or kubelet would refuse: a volume that the pod doesn't have (Velero strips
    service-account tokens), a path or block device twice, a path where kubelet mounts its own termination log.
    """
    mounts, devices = _written_mounts(container), _written_devices(container)
    taken = {device.device_path for device in devices} | {mount.mount_path for mount in mounts}
    taken.add(_termination_log(container))
    if "volumeMounts" not in container:
        unusable = {device.name for device in devices}
        attached: list[object] = []
        for mount, raw in zip(_MOUNTS.decode(app.volume_mounts) or [], decode_list(app.volume_mounts), strict=True):
            if mount.name in volumes and mount.name not in unusable and mount.mount_path not in taken:
                taken.add(mount.mount_path)
                mounts.append(mount)
                attached.append(_allowed(mount, raw, container))
        if attached:
            container["volumeMounts"] = attached
    if "volumeDevices" not in container and app.volume_devices != NULL:
        _attach_volume_devices(container, app, volumes - {mount.name for mount in mounts}, taken)
    expressions = [mount.sub_path_expr for mount in mounts if mount.sub_path_expr]
    if expressions:
        attach_needed_env(container, app, expressions)


def check_written_mounts(container: Object, where: str, volumes: AbstractSet[str], findings: Findings) -> None:
    """Find what the API server would refuse in the mounts that are written for the hook itself."""
    paths: set[str] = set()
    for index, mount in enumerate(_written_mounts(container)):
        place = f"{where}.volumeMounts[{index}]"
        _check_volume(mount.name, place, volumes, findings)
        _check_path(mount.mount_path, f"{place}.mountPath", paths, findings)
        if mount.mount_propagation == "Bidirectional" and not is_privileged(container):
            expected = "HostToContainer, or a privileged securityContext for the hook"
            findings.add(f"{place}.mountPropagation", "Bidirectional", expected)
    for index, device in enumerate(_written_devices(container)):
        place = f"{where}.volumeDevices[{index}]"
        _check_volume(device.name, place, volumes, findings)
        _check_path(device.device_path, f"{place}.devicePath", paths, findings)


def is_privileged(container: Object) -> bool:
    """Tell whether a container is privileged: Kubernetes allows the mount propagation Bidirectional to no other."""
    context = _SECURITY_CONTEXT.decode(_written(container, "securityContext"))
    return bool(context and context.privileged)


def _check_volume(name: str, place: str, volumes: AbstractSet[str], findings: Findings) -> None:
    if name not in volumes:
        known = ", ".join(sorted(volumes)) or "it has none"
        findings.add(f"{place}.name", quote(name), f"a volume of the pod: {known}")


def _check_path(path: str, place: str, paths: set[str], findings: Findings) -> None:
    if path in paths:
        findings.add(place, quote(path), "a path that no other mount of the container has")
    paths.add(path)


def _written_mounts(container: Object) -> list[VolumeMount]:
    raw = container.get("volumeMounts")
    return _MOUNTS.decode(raw) or [] if isinstance(raw, Raw) else []


def _written_devices(container: Object) -> list[VolumeDevice]:
    raw = container.get("volumeDevices")
    return _DEVICES.decode(raw) or [] if isinstance(raw, Raw) else []


def _attach_volume_devices(container: Object, app: AppContainer, volumes: AbstractSet[str], taken: set[str]) -> None:
    attached: list[object] = []
    names: set[str] = set()
    for device, raw in zip(_DEVICES.decode(app.volume_devices) or [], decode_list(app.volume_devices), strict=True):
        if device.name in volumes and device.name not in names and device.device_path not in taken:
            names.add(device.name)
            taken.add(device.device_path)
            attached.append(raw)
    if attached:
        container["volumeDevices"] = attached


def _allowed(mount: VolumeMount, raw: Raw, container: Object) -> object:
    """Give the mount as the container may have it: without privilege it still sees what the host mounts there."""
    if mount.mount_propagation != "Bidirectional" or is_privileged(container):
        return raw
    return {**decode_object(raw), "mountPropagation": "HostToContainer"}


def _termination_log(container: Object) -> str:
    path = container.get("terminationMessagePath")
    return (isinstance(path, Raw) and _TEXT.decode(path)) or _TERMINATION_LOG


def _written(container: Object, key: str) -> Raw:
    value = container.get(key)
    return value if isinstance(value, Raw) else NULL
