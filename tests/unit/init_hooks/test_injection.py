"""The behaviour of the core, case by case: cases/*.yaml say what a user writes and what the restored pod has."""

import json
import subprocess
import sys

import msgspec
import pytest

from init_hooks.config import parse_settings
from init_hooks.injection import inject_hooks
from init_hooks.settings import Settings
from tests.unit.init_hooks.case import ALWAYS, PREFIX, RECORD, Case, cases

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


def test_settings_are_read_once_and_for_pods_with_a_hook_only() -> None:
    """Reading them may cost a call to the API server, so pods that only lose old hooks don't pay for it."""
    asked = []

    def settings() -> Settings:
        asked.append(1)
        return Settings()

    old = {"spec": {"initContainers": [{"name": "velero-restore-init-0a1b2c3d"}], "containers": [{"name": "app"}]}}
    for pod in (old, {"metadata": {"annotations": {PREFIX + "timeout": "5m"}}}):
        item = json.dumps(pod).encode()
        inject_hooks(item, item, b"{}", settings)
    assert asked == []
    item = json.dumps({"metadata": {"annotations": {PREFIX + "containers": "[{},{}]"}}}).encode()
    assert len(inject_hooks(item, item, b"{}", settings).hooks) == 2
    assert asked == [1]


def test_a_pod_without_a_name_is_known_by_its_generate_name() -> None:
    """Velero may restore a pod that has only generateName."""
    item = json.dumps({"metadata": {"generateName": "web-", "annotations": {PREFIX + "command": "["}}}).encode()
    [finding] = inject_hooks(item, item, b"{}", Settings).findings
    assert finding.pod == "/web-*"


def test_a_restore_without_hooks_starts_without_what_hooks_need() -> None:
    """The door to the core opens the rest only for a pod that may have a hook: the plugin starts faster."""
    program = """
import sys
from init_hooks.injection import inject_hooks
from init_hooks.settings import Settings
from init_hooks.settings import Settings
item = b'{"metadata":{"annotations":{"init.hook.restore.velero.io/command":"x"}},"spec":{}}'
assert "init_hooks.pod" not in sys.modules
inject_hooks(item, item, b"{}", Settings)
assert "init_hooks.pod" in sys.modules
rare = {"yaml", "kubernetes", "difflib", "logging", "dataclasses", "init_hooks.container_schema"}
print(*sorted(rare & {*sys.modules}))
"""
    run = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert run.stdout == "\n"
