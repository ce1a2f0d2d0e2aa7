"""Laws that hold for every pod, with hypothesis in search of one that breaks them."""

import json
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from init_hooks.injection import inject_hooks
from init_hooks.settings import Settings
from tests.unit.init_hooks.case import PREFIX, RECORD
from tests.unit.init_hooks.generated_pods import RIGHT, SPELLINGS, pods, restores, to_json

Raw = msgspec.Raw
HELPERS = {"restore-wait", "restic-wait"}


def open_level(raw: bytes | Raw | None) -> list[tuple[str, bytes]]:
    """The fields of one JSON object in their order, each in its bytes."""
    fields = msgspec.json.decode(raw or b"null", type=dict[str, Raw] | None) or {}
    return [(key, bytes(value)) for key, value in fields.items()]


def foreign_bytes(item: bytes) -> list[tuple[str, str, bytes]]:
    """Everything in a pod that is not ours to change."""
    top = dict(open_level(item))
    metadata = dict(open_level(top["metadata"]))
    annotations = dict(open_level(metadata.get("annotations")))
    levels = {"": top, "metadata": metadata, "annotations": annotations, "spec": dict(open_level(top["spec"]))}
    ours = {
        ("", "metadata"),
        ("", "spec"),
        ("metadata", "annotations"),
        ("annotations", RECORD),
        ("spec", "initContainers"),
    }
    return [
        (level, key, raw) for level, fields in levels.items() for key, raw in fields.items() if (level, key) not in ours
    ]


def init_containers(item: bytes) -> list[tuple[str, bytes]]:
    """The names and bytes of a pod's init containers."""
    spec = dict(open_level(dict(open_level(item))["spec"]))
    raws = msgspec.json.decode(spec.get("initContainers", b"null"), type=list[Raw] | None) or []
    return [(json.loads(bytes(raw))["name"], bytes(raw)) for raw in raws]


@given(pods(), restores())
def test_what_is_not_ours_keeps_its_bytes_and_order(pod: dict[str, Any], restore: dict[str, Any]) -> None:
    """Unknown fields, key order, number spelling, escapes: every field but ours is the one that came."""
    item = to_json(pod)
    injection = inject_hooks(item, item, to_json(restore), Settings)
    assert foreign_bytes(injection.item) == foreign_bytes(item)


@given(pods(), restores())
def test_own_init_containers_keep_their_bytes_and_order(pod: dict[str, Any], restore: dict[str, Any]) -> None:
    """The pod's own init containers are there, in their order; before the hooks stand only those they wait for."""
    item = to_json(pod)
    injection = inject_hooks(item, item, to_json(restore), Settings)
    hooks = [hook.name for hook in injection.hooks]
    before = [one for one in init_containers(item) if one[0] not in injection.replaced]
    after = init_containers(injection.item)
    assert [one for one in after if one[0] not in hooks] == before
    names = [name for name, _ in after]
    if hooks:
        first = names.index(hooks[0])
        assert names[first : first + len(hooks)] == hooks
        asked = (pod["metadata"].get("annotations") or {}).get(PREFIX + "after")
        assert first == 0 or names[first - 1] in HELPERS | {asked}
        assert not HELPERS & set(names[first:])


@given(pods(), restores())
def test_a_second_time_changes_nothing(pod: dict[str, Any], restore: dict[str, Any]) -> None:
    """The action applied to its own result, also as the backup of a next restore, gives the same bytes."""
    item, of_restore = to_json(pod), to_json(restore)
    first = inject_hooks(item, item, of_restore, Settings)
    for backup in (item, first.item):
        second = inject_hooks(first.item, backup, of_restore, Settings)
        assert (second.item, second.hooks, second.findings) == (first.item, first.hooks, first.findings)


@given(pods(), restores())
def test_hooks_have_names_of_their_own(pod: dict[str, Any], restore: dict[str, Any]) -> None:
    """No hook has the name of another container of the pod."""
    item = to_json(pod)
    injection = inject_hooks(item, item, to_json(restore), Settings)
    hooks = [hook.name for hook in injection.hooks]
    spec = json.loads(injection.item)["spec"]
    lists = ("initContainers", "containers", "ephemeralContainers")
    names = [one["name"] for key in lists for one in spec.get(key) or []]
    assert [names.count(name) for name in hooks] == [1] * len(hooks)


@given(pods(), restores())
def test_shared_mounts_are_such_as_kubernetes_takes(pod: dict[str, Any], restore: dict[str, Any]) -> None:
    """Each mount of a hook is of a volume of the pod, at a path of its own."""
    item = to_json(pod)
    injection = inject_hooks(item, item, to_json(restore), Settings)
    hooks = [hook.name for hook in injection.hooks]
    spec = json.loads(injection.item)["spec"]
    volumes = {volume["name"] for volume in spec.get("volumes") or []}
    for container in spec.get("initContainers") or []:
        if container["name"] in hooks:
            mounts = container.get("volumeMounts", []) + container.get("volumeDevices", [])
            assert {mount["name"] for mount in mounts} <= volumes
            paths = [mount.get("mountPath") or mount.get("devicePath") for mount in mounts]
            assert len(paths) == len(set(paths))


@given(pods())
def test_without_hooks_the_very_bytes_come_back(pod: dict[str, Any]) -> None:
    """A pod that asks for no hook and carries none is not even copied, and nobody reads the settings."""
    pod["metadata"].pop("annotations", None)
    pod["spec"].pop("initContainers", None)
    item = to_json(pod)
    assert inject_hooks(item, item, b'{"spec":{}}', no_settings).item is item


KEYS = st.sampled_from(
    ["metadata", "spec", "annotations", "labels", "name", "namespace", "containers", "initContainers", "volumes"]
    + ["volumeMounts", "env", "resources", "hooks", "resources", "postHooks", "init", "labelSelector", RECORD]
    + [PREFIX + key for key in RIGHT]
)
ANY_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5), SPELLINGS),
    lambda values: st.one_of(st.lists(values, max_size=3), st.dictionaries(KEYS, values, max_size=6)),
    max_leaves=30,
)


@given(ANY_JSON, ANY_JSON, ANY_JSON)
def test_no_json_makes_it_fail(item: object, backup: object, restore: object) -> None:
    """Whatever JSON comes, the answer is a pod or a finding, never an exception."""
    text = to_json({"metadata": {"annotations": {PREFIX + "command": "x"}}, "spec": item})
    for sent in (to_json(item), text):
        injection = inject_hooks(sent, to_json(backup), to_json({"spec": restore}), Settings)
        assert injection.item is sent or json.loads(injection.item)


@given(st.binary(max_size=50))
def test_no_bytes_make_it_fail(noise: bytes) -> None:
    """What is no JSON comes back as it is, with a finding."""
    item = noise + PREFIX.encode()
    injection = inject_hooks(item, noise, noise, Settings)
    assert injection.item is item
    assert [finding.where for finding in injection.findings] == ["what Velero sent"]


def test_no_depth_makes_it_fail() -> None:
    """JSON nested beyond all measure is a finding."""
    item = b'{"metadata":{"annotations":{"%scommand":"x"}},"spec":%s' % (PREFIX.encode(), b'{"a":' * 100_000)
    assert [finding.where for finding in inject_hooks(item, item, b"{}", Settings).findings] == ["what Velero sent"]


def no_settings() -> Settings:
    """The settings of a test where nobody may read them."""
    raise AssertionError
