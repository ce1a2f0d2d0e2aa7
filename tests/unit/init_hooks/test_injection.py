"""The behaviour of the core, case by case: cases/*.yaml say what a user writes and what the restored pod has."""

import json

import msgspec
import pytest

from init_hooks.config import parse_settings
from init_hooks.injection import inject_hooks
from tests.unit.init_hooks.case import ALWAYS, RECORD, Case, cases

CASES = cases()


@pytest.mark.parametrize("case", CASES, ids=[case.behaviour for case in CASES])
def test_case(case: Case) -> None:
    """Each case is what the file says it is."""
    injection = case.inject()
    assert [str(finding) for finding in injection.findings] == case.findings
    item = json.dumps(case.item()).encode()
    pod = json.loads(injection.item)
    if case.unchanged:
        assert injection.item == item
    if case.initContainers is not msgspec.UNSET:
        assert pod["spec"].get("initContainers", []) == case.initContainers
    if case.shared is not None:
        [hook] = pod["spec"]["initContainers"]
        assert {key: value for key, value in hook.items() if key not in ALWAYS} == case.shared
    if case.hooks is not None:
        assert [
            {"name": hook.name, "timeout": hook.timeout, "wait": hook.wait} for hook in injection.hooks
        ] == case.hooks
    assert list(injection.replaced) == case.replaced
    if injection.namespace:
        assert (injection.namespace, injection.pod) == (case.namespace, "my-web-app")


@pytest.mark.parametrize("case", CASES, ids=[case.behaviour for case in CASES])
def test_nothing_else_in_the_pod_changes(case: Case) -> None:
    """But for the init containers and our note of the hooks among them, the pod is the one that came."""
    before, injection = case.item(), case.inject()
    after = json.loads(injection.item)
    if after == before:
        return
    names = [one["name"] for one in before["spec"].pop("initContainers", [])]
    for name in injection.replaced:
        names.remove(name)
    hooks = [hook.name for hook in injection.hooks]
    init_containers = after["spec"].pop("initContainers", [])
    assert sorted(names + hooks) == sorted(one["name"] for one in init_containers)
    before["metadata"]["annotations"].pop(RECORD, None)
    assert json.loads(after["metadata"]["annotations"].pop(RECORD, "[]")) == hooks
    assert after == before


@pytest.mark.parametrize("case", CASES, ids=[case.behaviour for case in CASES])
def test_a_second_time_changes_nothing(case: Case) -> None:
    """The action applied to its own result gives the same bytes, and the same hooks."""
    first = case.inject()
    settings, _ = parse_settings(case.config, "ConfigMap velero/init-hooks")
    second = inject_hooks(first.item, first.item, json.dumps({"spec": case.restore}).encode(), lambda: settings)
    assert (second.item, second.hooks) == (first.item, first.hooks)
