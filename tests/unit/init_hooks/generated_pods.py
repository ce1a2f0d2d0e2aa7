"""Pods by the whole schema of Kubernetes v1, as Velero might send them, with spellings that only other programs use."""

import functools
import json
import re
from typing import Any

from hypothesis import strategies as st
from kubernetes import client

from tests.unit.init_hooks.case import PREFIX, RECORD


class Spelled(str):
    """JSON in a spelling of its own, which has to stay."""

    __slots__ = ()


SPELLINGS = st.sampled_from(
    [
        Spelled(text)
        for text in (
            "1.0",
            "1.50e+2",
            "-0",
            "1E400",
            "123456789012345678901234567890",
            r'"\u003ca\u003e \/ \ud83d\ude00"',
            '{"b" : 1,\n "a":[ 1.0 , null]}',
            '{"a": {"a": [[], {}, ""]}}',
        )
    ]
)
NAMES = st.sampled_from(["app", "worker", "one", "data", "velero-restore-init-0"])
TEXT = st.one_of(NAMES, st.sampled_from(["", "/data", "$(app)", "x-$(one)$$(data)", "<&>"]), st.text(max_size=8))
KEYS = st.one_of(st.sampled_from(["cpu", "memory", "nvidia.com/gpu"]), TEXT)
RIGHT: dict[str, st.SearchStrategy[str]] = {
    "command": st.sampled_from(['["/bin/sh", "-c", "a < b"]', "run", "[]"]),
    "container-image": st.sampled_from(["tool:1", ""]),
    "container-name": st.sampled_from(["hook", "velero-restore-init-0a1b2c3d", ""]),
    "timeout": st.sampled_from(["5m", "1h30m0.5s", ""]),
    "image-pull-policy": st.sampled_from(["Always", "Never"]),
    "inherit": st.sampled_from(["", "env", "volume-mounts, env", "volume-mounts,security-context,resources,env"]),
    "wait": st.sampled_from(["true", "false"]),
    "containers": st.sampled_from(
        ["[]", "- {name: hook}\n- {image: a}", '[{"env": [{"name": "one"}], "volumeMounts": []}]']
    ),
    "another-key": TEXT,
}
WRONG: dict[str, st.SearchStrategy[str]] = {
    "command": st.just("[1]"),
    "container-image": st.just("a b"),
    "container-name": st.sampled_from(["Not_A_Name", "app", "restore-wait"]),
    "timeout": st.sampled_from(["0", "soon"]),
    "image-pull-policy": st.just("always"),
    "inherit-from": st.just("nobody"),
    "inherit": st.just("all"),
    "after": st.just("nobody"),
    "wait": st.just("2"),
    "containers": st.sampled_from(["[", "{}", "- {comand: [x]}"]),
    "comand": TEXT,
}
OWN_INIT_CONTAINERS = ["migrate", "proxy", "velero-restore-init-1"]
OTHER_INIT_CONTAINERS = ["restore-wait", "restic-wait", "hook", "prepare", "velero-restore-init-0a1b2c3d"]


@st.composite
def pods(draw: st.DrawFn) -> dict[str, Any]:
    """Pods of the schema with hook annotations, most of them right, and fields that no schema has."""
    kind = draw(st.sampled_from(["hook", "hook", "hook", "wrong", "none"]))
    volumes = draw(st.lists(_model("V1Volume", 2), max_size=3))
    mounts = draw(st.lists(_model("V1VolumeMount", 2), max_size=3))
    containers = draw(st.lists(_model("V1Container", 2), min_size=int(kind == "hook"), max_size=3))
    for container in containers[:1]:
        container |= {"volumeMounts": mounts, "resources": draw(_model("V1ResourceRequirements", 2))}
    metadata = draw(_model("V1ObjectMeta", 2))
    spec = draw(_model("V1PodSpec", 1)) | {"containers": containers, "volumes": volumes}
    _name(spec["containers"], ["app", "worker", "sidecar"])
    _name(spec.get("ephemeralContainers"), ["debug", "debug-2", "debug-3"])
    _name(spec.get("initContainers"), draw(st.permutations(OWN_INIT_CONTAINERS + OTHER_INIT_CONTAINERS)))
    own = [one["name"] for one in spec.get("initContainers") or [] if one["name"] in OWN_INIT_CONTAINERS]
    hooks: dict[str, st.SearchStrategy[str]] = {**RIGHT, "inherit-from": _one_of(spec["containers"])}
    if own:
        hooks["after"] = st.sampled_from(own)
    kind = draw(st.sampled_from(["hook", "hook", "hook", "wrong", "none"]))
    if kind == "wrong":
        hooks = WRONG
    optional = {} if kind == "none" else {PREFIX + key: values for key, values in hooks.items()}
    required = {PREFIX + "command": optional.pop(PREFIX + "command")} if kind == "hook" else {}
    annotations = draw(st.fixed_dictionaries(required, optional=optional))
    records = st.sampled_from(['["hook","app"]', '["prepare"]', "[]", "?" if kind == "wrong" else "[]"])
    record = draw(st.fixed_dictionaries({}, optional={RECORD: records}))
    if annotations or record:
        metadata["annotations"] = (metadata.get("annotations") or {}) | annotations | record
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, **draw(_unknown())}


def restores() -> st.SearchStrategy[dict[str, Any]]:
    """Restores, some with hooks of their own."""
    container = st.fixed_dictionaries(
        {"name": st.sampled_from(["prepare", "app"]), "image": st.just("tool:1"), "command": st.just(["run"])}
    )
    init = st.fixed_dictionaries(
        {"initContainers": st.lists(container, max_size=2)}, optional={"timeout": st.sampled_from(["0s", "1m0s", "x"])}
    )
    resource = st.fixed_dictionaries(
        {"postHooks": st.lists(st.fixed_dictionaries({"init": init}), max_size=2)},
        optional={"includedNamespaces": st.lists(st.sampled_from(["*", "data", "[", "ap?"]), max_size=2)},
    )
    spec = st.fixed_dictionaries(
        {}, optional={"hooks": st.fixed_dictionaries({"resources": st.lists(resource, max_size=2)})}
    )
    return st.fixed_dictionaries({"spec": spec})


def to_json(value: object) -> bytes:
    """Write JSON; what is spelled keeps its spelling."""
    return _text(value).encode()


def _name(containers: list[dict[str, Any]] | None, names: list[str]) -> None:
    """Give containers names of their own, as Kubernetes asks for."""
    for container, name in zip(containers or [], names, strict=False):
        container["name"] = name


def _one_of(containers: list[dict[str, Any]]) -> st.SearchStrategy[str]:
    return st.sampled_from([one["name"] for one in containers] or [""])


def _text(value: object) -> str:
    if isinstance(value, Spelled):
        return value
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}: {_text(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_text, value)) + "]"
    return json.dumps(value)


def _unknown() -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(["newField", "x-<&>", "status"]), SPELLINGS, max_size=2)


@functools.cache
def _model(name: str, depth: int = 0) -> st.SearchStrategy[dict[str, Any]]:
    """Make objects of a class of the Kubernetes client, which has the whole schema."""
    model = getattr(client, name)
    fields: dict[str, st.SearchStrategy[Any]] = {}
    for attribute, kind in model.openapi_types.items():
        key = model.attribute_map[attribute]
        values = NAMES if key in {"name", "namespace"} else _values(kind, depth)
        fields[key] = values if key in {"name", "containers"} else st.one_of(values, st.none())
    required = {key: fields.pop(key) for key in ("name", "containers") if key in fields and name != "V1ObjectMeta"}
    known = st.fixed_dictionaries(required, optional=fields)
    return st.builds(lambda one, other: {**one, **other}, known, _unknown())


def _values(kind: str, depth: int) -> st.SearchStrategy[Any]:
    if match := re.fullmatch(r"List\[(.*)\]", kind):
        return st.lists(_values(match[1], depth), max_size=3)
    if match := re.fullmatch(r"Dict\[str, (.*)\]", kind):
        return st.dictionaries(KEYS, _values(match[1], depth), max_size=2)
    simple: dict[str, st.SearchStrategy[Any]] = {
        "str": TEXT,
        "int": st.integers(0, 2**31),
        "bool": st.booleans(),
        "datetime": st.just("2026-01-31T12:00:00Z"),
        "object": SPELLINGS,
    }
    if kind in simple:
        return simple[kind]
    return _model(kind, depth + 1) if depth < 3 else _unknown()
