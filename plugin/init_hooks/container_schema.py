"""What Kubernetes takes in a container that a user writes as a whole (core/v1 Container, used as init container).

The API server refuses a pod for one wrong field of one container. Here it costs the hook, not the pod.
"""

from __future__ import annotations

import functools
import re
import typing
from typing import Annotated, Literal

import msgspec
from msgspec import Raw

from init_hooks.finding import nearest, one_of, quote
from init_hooks.pod import NULL
from init_hooks.quantity import parse_quantity
from init_hooks.settings import PullPolicy

if typing.TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from init_hooks.finding import Findings

_Text = Annotated[str, msgspec.Meta(min_length=1)]
_Anything = dict[str, object]
_MountPropagation = Literal["None", "HostToContainer", "Bidirectional"]
_RestartPolicy = Literal["Never", "OnFailure"]  # not Always: with it a hook never ends
_MessagePolicy = Literal["File", "FallbackToLogsOnError"]


class _EnvVar(msgspec.Struct, rename="camel"):
    name: _Text
    value: str | None = None
    value_from: _Anything | None = None


class _EnvFrom(msgspec.Struct, rename="camel"):
    prefix: str | None = None
    config_map_ref: _Anything | None = None
    secret_ref: _Anything | None = None


class _Port(msgspec.Struct, rename="camel"):
    container_port: int
    name: str | None = None
    host_port: int | None = None
    protocol: str | None = None
    host_ip: str | None = msgspec.field(default=None, name="hostIP")


class _Mount(msgspec.Struct, rename="camel"):
    name: _Text
    mount_path: _Text
    read_only: bool | None = None
    recursive_read_only: str | None = None
    sub_path: str | None = None
    sub_path_expr: str | None = None
    mount_propagation: _MountPropagation | None = None


class _Device(msgspec.Struct, rename="camel"):
    name: _Text
    device_path: _Text


class _Resources(msgspec.Struct):
    limits: dict[str, str | int | float] | None = None
    requests: dict[str, str | int | float] | None = None
    claims: list[_Anything] | None = None


class _Capabilities(msgspec.Struct):
    add: list[str] | None = None
    drop: list[str] | None = None


class _SecurityContext(msgspec.Struct, rename="camel"):
    capabilities: _Capabilities | None = None
    privileged: bool | None = None
    se_linux_options: _Anything | None = None
    windows_options: _Anything | None = None
    run_as_user: int | None = None
    run_as_group: int | None = None
    run_as_non_root: bool | None = None
    read_only_root_filesystem: bool | None = None
    allow_privilege_escalation: bool | None = None
    proc_mount: str | None = None
    seccomp_profile: _Anything | None = None
    app_armor_profile: _Anything | None = None


_FIELDS: dict[str, object] = {
    "name": str,
    "image": str,
    "command": list[str],
    "args": list[str],
    "workingDir": str,
    "ports": list[_Port],
    "env": list[_EnvVar],
    "envFrom": list[_EnvFrom],
    "resources": _Resources,
    "volumeMounts": list[_Mount],
    "volumeDevices": list[_Device],
    "imagePullPolicy": PullPolicy,
    "securityContext": _SecurityContext,
    "restartPolicy": _RestartPolicy,
    "restartPolicyRules": list[_Anything],
    "terminationMessagePath": str,
    "terminationMessagePolicy": _MessagePolicy,
    "stdin": bool,
    "stdinOnce": bool,
    "tty": bool,
}
_CHOICES: dict[str, tuple[str, ...]] = {
    "imagePullPolicy": typing.get_args(PullPolicy),
    "mountPropagation": typing.get_args(_MountPropagation),
    "restartPolicy": typing.get_args(_RestartPolicy),
    "terminationMessagePolicy": typing.get_args(_MessagePolicy),
}
_NOT_FOR_HOOKS = ("lifecycle", "livenessProbe", "readinessProbe", "startupProbe", "resizePolicy")
_NO_FIELDS: dict[str, Raw] = {}
_CONTAINER = msgspec.json.Decoder(dict[str, Raw])


def read_fields(container: Raw, where: str, findings: Findings) -> dict[str, Raw]:
    """Open a container and give its fields that are right; null is the same as a field left out."""
    try:
        fields = _CONTAINER.decode(container)
    except msgspec.ValidationError:
        findings.add(where, quote(bytes(container).decode(errors="replace")), "a container: an object with its fields")
        return _NO_FIELDS
    fields = {key: value for key, value in fields.items() if value != NULL}
    return {key: value for key, value in fields.items() if _is_right(key, value, f"{where}.{key}", findings)}


def check_field(key: str, value: Raw, where: str, findings: Findings) -> bool:
    """Check one field of a container: its type, and what the API server asks for beyond it."""
    try:
        read = _decoder(key).decode(value)
    except (msgspec.DecodeError, RecursionError) as error:
        path, found, expected = _explain(error, key, value)
        findings.add(where + path, found, expected)
        return False
    wrong = list(_refused(read))
    for path, found, expected in wrong:
        findings.add(where + path, found, expected)
    return not wrong


def _refused(field: object) -> Iterator[tuple[str, str, str]]:
    """Find what has the right type and still makes the API server refuse a pod: path, found, expected."""
    if isinstance(field, _Resources):
        yield from _refused_resources(field)
    if isinstance(field, _SecurityContext) and field.privileged and field.allow_privilege_escalation is False:
        yield ".allowPrivilegeEscalation", "false", "true, since privileged is"
    for index, entry in enumerate(field if isinstance(field, list) else []):
        if isinstance(entry, _EnvVar) and entry.value and entry.value_from:
            yield f"[{index}]", "value and valueFrom", "one of them"
        if isinstance(entry, _Mount) and entry.sub_path and entry.sub_path_expr:
            yield f"[{index}]", "subPath and subPathExpr", "one of them"


def _refused_resources(resources: _Resources) -> Iterator[tuple[str, str, str]]:
    amounts: dict[tuple[str, str], Decimal] = {}
    for kind, given in (("limits", resources.limits), ("requests", resources.requests)):
        for name, amount in (given or {}).items():
            try:
                amounts[kind, name] = parse_quantity(str(amount))
            except ValueError:
                yield f".{kind}.{name}", quote(str(amount)), "a quantity such as 100m, 0.5 or 64Mi"
    for (kind, name), quantity in amounts.items():
        limit = amounts.get(("limits", name), quantity)
        if kind == "requests" and quantity > limit:
            yield f".{kind}.{name}", f"more than the limit ({quantity} of {limit})", "at most the limit"


def _is_right(key: str, value: Raw, where: str, findings: Findings) -> bool:
    if key in _FIELDS:
        return check_field(key, value, where, findings)
    if key in _NOT_FOR_HOOKS:
        findings.add(where, "a field that only app containers have", "a container without it")
    elif near := nearest(key, list(_FIELDS)):
        findings.add(where, "a field that means nothing", near)
    else:
        return True  # a later Kubernetes may know it
    return False


@functools.cache
def _decoder(key: str) -> msgspec.json.Decoder[object]:
    return msgspec.json.Decoder(typing.cast("type[object]", _FIELDS[key]))


def _explain(error: Exception, key: str, value: Raw) -> tuple[str, str, str]:
    """Take a decoder's message apart: the path inside the field, what was found, what was expected."""
    message, _, path = str(error).replace("`", "").partition(" - at $")
    types = re.fullmatch(r"Expected (.+), got (\w+)", message)
    if types:
        words = [_words(name) for name in types[1].split(" | ") if name not in {"null", "float"}]
        return path, _words(types[2]), one_of(words)
    not_one = re.fullmatch(r"Invalid enum value '(.*)'", message)
    if not_one:
        return path, quote(not_one[1]), one_of(_CHOICES[path.rpartition(".")[2] or key])
    missing = re.fullmatch(r"Object missing required field (\w+)", message)
    if missing:
        return path, f"no {missing[1]}", f"an object with a {missing[1]}"
    return path, quote(bytes(value).decode(errors="replace")), f"what Kubernetes takes here ({message})"


def _words(name: str) -> str:
    words = {"str": "text", "int": "a whole number", "float": "a fraction", "bool": "true or false"}
    return words.get(name, f"an {name}" if name in {"array", "object"} else name)
