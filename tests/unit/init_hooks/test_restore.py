"""Which of a Restore's hooks are for a pod."""

import json

import pytest

from init_hooks.restore import read_restore


@pytest.mark.parametrize(
    ("included", "excluded", "chosen"),
    [
        ([], [], True),
        (None, None, True),
        (["shop"], [], True),
        (["bank"], [], False),
        (["*"], [], True),
        (["bank", "sh*"], [], True),
        ([], ["shop"], False),
        (["shop"], ["s*"], False),
        (["*"], ["bank"], True),
        (["[", "shop"], [], False),  # Velero gives up at the first pattern that is none, in sorted order
        (["Z", "["], [], False),
        (["*", "["], [], True),
        ([], ["[", "shop"], True),
    ],
)
def test_namespaces(included: list[str] | None, excluded: list[str] | None, chosen: bool) -> None:
    """Included, unless excluded; nothing included means everything."""
    assert is_chosen({"includedNamespaces": included, "excludedNamespaces": excluded}) is chosen


@pytest.mark.parametrize(
    ("selector", "chosen"),
    [
        (None, True),
        ({}, True),
        ({"matchLabels": {"app": "shop"}}, True),
        ({"matchLabels": {"app": "shop", "tier": "web"}}, False),
        ({"matchLabels": {"none": ""}}, False),
        ({"matchExpressions": [{"key": "tier", "operator": "In", "values": ["web", "db"]}]}, True),
        ({"matchExpressions": [{"key": "none", "operator": "In", "values": ["web"]}]}, False),
        ({"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["db"]}]}, False),
        ({"matchExpressions": [{"key": "none", "operator": "NotIn", "values": ["db"]}]}, True),
        ({"matchExpressions": [{"key": "tier", "operator": "Exists"}]}, True),
        ({"matchExpressions": [{"key": "none", "operator": "Exists"}]}, False),
        ({"matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]}, False),
        ({"matchExpressions": [{"key": "none", "operator": "DoesNotExist"}]}, True),
        ({"matchExpressions": [{"key": "tier", "operator": "Equals", "values": ["db"]}]}, False),
        ({"matchLabels": {"app": "shop"}, "matchExpressions": [{"key": "none", "operator": "Exists"}]}, False),
    ],
)
def test_labels(selector: object, chosen: bool) -> None:
    """Every requirement of a selector has to be met; a label that is absent is in no list."""
    assert is_chosen({"labelSelector": selector}) is chosen


def test_an_empty_restore_has_no_hooks_and_maps_nothing() -> None:
    """Everything in a Restore may be missing."""
    for restore in (b"", b"{}", b'{"spec":null}', b'{"spec":{"hooks":{}}}', b'{"spec":{"hooks":{"resources":null}}}'):
        read = read_restore(restore)
        assert (read.init_hooks("shop", {}), read.target_namespace("shop")) == ([], "shop")


def test_the_restore_of_the_last_pod_is_kept() -> None:
    """The same bytes, in whatever object, are read once."""
    text = b'{"spec":{"namespaceMapping":{"shop":"copy"}}}'
    assert read_restore(text) is read_restore(bytes(bytearray(text)))


def is_chosen(resource: dict[str, object]) -> bool:
    """Whether a hook with these selectors is for the pod of these tests."""
    hook = {"init": {"initContainers": [{"name": "a"}]}}
    spec = {"hooks": {"resources": [{"name": "b", "postHooks": [hook], **resource}]}}
    read = read_restore(json.dumps({"spec": spec}).encode())
    return bool(read.init_hooks("shop", {"app": "shop", "tier": "db"}))
