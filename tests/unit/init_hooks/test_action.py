"""The action, as Velero calls it: what it answers, what it logs, what it announces."""

import json
import logging

import pytest

from init_hooks.action import InjectInitHooks, InvalidHooksError
from init_hooks.operation import HookWait, Operation, parse_operation_id
from init_hooks.settings import Settings
from velero_bridge import ExecuteInput, ExecuteOutput, OperationProgress, RestoreItemActionV2

PREFIX = "init.hook.restore.velero.io/"
RESTORE = json.dumps({"metadata": {"name": "r"}, "spec": {"namespaceMapping": {"shop": "shop-2"}}}).encode()
NOW = 1_000_000.0


def pod(**annotations: str) -> bytes:
    """A pod with hook annotations."""
    metadata = {
        "name": "web",
        "namespace": "shop",
        "annotations": {PREFIX + key: annotations[key] for key in annotations},
    }
    return json.dumps({"metadata": metadata, "spec": {"containers": [{"name": "app"}]}}).encode()


def execute(item: bytes, settings: Settings | None = None) -> ExecuteOutput:
    """What the action answers for an item."""
    action = InjectInitHooks(lambda: settings or Settings(), clock=lambda: NOW)
    return action.execute(ExecuteInput(item, item, RESTORE))


def test_it_is_an_action_of_version_2() -> None:
    """Velero can call each of its methods; it is for pods, wherever they are."""
    action = InjectInitHooks(Settings)
    assert isinstance(action, RestoreItemActionV2)
    assert action.applies_to().included_resources == ("pods",)
    assert action.are_additional_items_ready((), RESTORE)


def test_a_pod_without_hooks_is_answered_with_the_very_bytes(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is announced, nothing logged, and the settings are not asked for."""
    item = b'{ "metadata": {"name":"web"},  "spec":{} }'

    def unasked() -> Settings:
        raise AssertionError("the settings were read for a pod without hooks")

    output = InjectInitHooks(unasked).execute(ExecuteInput(item, item, RESTORE))
    assert output == ExecuteOutput(updated_item=item)
    assert output.updated_item is item
    assert caplog.records == []


def test_the_restore_waits_for_a_hook_in_the_mapped_namespace(caplog: pytest.LogCaptureFixture) -> None:
    """The operation names the pod as it will be in the cluster, the hook and its timeout; the log says it too."""
    caplog.set_level(logging.INFO)
    output = execute(pod(command='["true"]', timeout="90s"))
    operation = parse_operation_id(output.operation_id)
    assert operation == Operation("shop-2", "web", (HookWait("velero-restore-init-0", 90.0),))
    (record,) = caplog.records
    assert (record.levelname, record.pod) == ("INFO", "shop-2/web")  # type: ignore[attr-defined]


@pytest.mark.parametrize(("settings", "annotations"), [(Settings(wait=False), {}), (None, {"wait": "false"})])
def test_without_waiting_no_operation_is_announced(settings: Settings | None, annotations: dict[str, str]) -> None:
    """The hook is in the pod all the same."""
    output = execute(pod(command='["true"]', **annotations), settings)
    assert output.operation_id == ""
    assert json.loads(output.updated_item or b"")["spec"]["initContainers"][0]["name"] == "velero-restore-init-0"


def test_mistakes_are_all_told_and_fail_the_operation(caplog: pytest.LogCaptureFixture) -> None:
    """Each in a line of its own at level error, all in the operation, which fails with them at once."""
    action = InjectInitHooks(Settings, clock=lambda: NOW)
    item = pod(command='["true"', timeout="soon")
    output = action.execute(ExecuteInput(item, item, RESTORE))
    told = {record.annotation: record.levelname for record in caplog.records}  # type: ignore[attr-defined]
    assert told == {f"{PREFIX}command": "ERROR", f"{PREFIX}timeout": "ERROR"}
    assert "initContainers" not in json.loads(output.updated_item or b"")["spec"]
    progress = action.progress(output.operation_id, RESTORE)
    assert progress.completed
    assert all(f"{PREFIX}{key}" in progress.err for key in ("command", "timeout"))


def test_on_invalid_fail_refuses_the_pod() -> None:
    """The error is for people: all mistakes, no Python in it."""
    with pytest.raises(InvalidHooksError, match=rf"shop-2/web: {PREFIX}timeout: found") as caught:
        execute(pod(command='["true"]', timeout="soon"), Settings(on_invalid="fail"))
    assert "expected" in str(caught.value)


def test_an_api_server_that_is_away_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside a cluster there is none: the operation is not completed, and says why; Velero asks again."""
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    action = InjectInitHooks(Settings, clock=lambda: NOW)
    progress = action.progress("shop/web: velero-restore-init-0 (10m)", RESTORE)
    assert isinstance(progress, OperationProgress)
    assert (progress.completed, progress.err) == (False, "")
    assert progress.description.startswith("not known: ")


def test_a_foreign_operation_is_an_error() -> None:
    """An ID that this plugin has not written is named in the error."""
    with pytest.raises(ValueError, match="not written by this version"):
        InjectInitHooks(Settings).progress("{}", RESTORE)


def test_cancel_is_accepted_and_told(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is there to stop; the log says for what nobody waits any more."""
    caplog.set_level(logging.INFO)
    InjectInitHooks(Settings).cancel("shop/web: hook (10m)", RESTORE)
    assert "shop/web: hook (10m)" in caplog.text
