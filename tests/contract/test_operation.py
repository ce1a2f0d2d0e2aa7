from pathlib import Path

import pytest

from tests.contract.pods import probe_pod
from tests.contract.velero_server import RESTORE, PluginError, VeleroServer

V2 = {"name": "probe.example.com/v2"}
DB_CONFIG = {"Group": "", "Resource": "configmaps", "Namespace": "web", "Name": "db-config"}
DB = {"Group": "apps", "Resource": "deployments", "Namespace": "web", "Name": "db"}


def test_execute_begins_an_operation(server: VeleroServer, probe: Path, tmp_path: Path) -> None:
    """Every field of version 2's answer arrives; the timeout is in Go's nanoseconds."""
    server.discover(probe.parent)
    item = probe_pod("operate", folder=str(tmp_path))

    assert server.execute(item=item, **V2).result == {
        "UpdatedItem": item,
        "AdditionalItems": [DB_CONFIG, DB],
        "SkipRestore": False,
        "OperationID": str(tmp_path),
        "WaitForAdditionalItems": True,
        "AdditionalItemsReadyTimeout": 2_500_000_000,
    }


def test_the_progress_is_told_by_another_process(server: VeleroServer, probe: Path, tmp_path: Path) -> None:
    """Velero stops a restore's plugins before it polls: the operation ID is all that another process has."""
    server.discover(probe.parent)
    item = probe_pod("operate", folder=str(tmp_path))
    operation = server.execute(item=item, clients="restore", **V2).result["OperationID"]
    (executing,) = server.plugin_pids()
    server.ask("cleanup", clients="restore")

    poll = {"clients": "operations", "operationID": operation, "restore": RESTORE, **V2}
    first = server.ask("progress", **poll).result
    (polling,) = server.plugin_pids()
    (tmp_path / "done").touch()
    second = server.ask("progress", **poll).result

    assert polling != executing
    description = f"pid {polling}, after-disaster"
    assert first == {
        "Completed": False,
        "Err": "",
        "NCompleted": 1,
        "NTotal": 2,
        "OperationUnits": "hooks",
        "Description": description,
        "Started": "2023-11-14T22:13:20.5Z",
        "Updated": "0001-01-01T00:00:00Z",
    }
    assert second == {
        "Completed": True,
        "Err": "hook failed 3 times",
        "NCompleted": 2,
        "NTotal": 2,
        "OperationUnits": "hooks",
        "Description": description,
        "Started": "2023-11-14T22:13:20.5Z",
        "Updated": "2023-11-14T22:13:21.5Z",
    }


def test_a_failing_poll_is_an_error_with_its_place(server: VeleroServer, probe: Path, tmp_path: Path) -> None:
    """Errors of the other calls of version 2 arrive as those of Execute do."""
    server.discover(probe.parent)
    (tmp_path / "lost").touch()

    with pytest.raises(PluginError) as failed:
        server.ask("progress", operationID=str(tmp_path), restore=RESTORE, **V2)

    assert failed.value.message == (f"rpc error: code = Unknown desc = LookupError: nothing is known of {tmp_path}")
    assert failed.value.function == "__main__.ProbeV2.progress"


def test_an_operation_can_be_cancelled(server: VeleroServer, probe: Path, tmp_path: Path) -> None:
    """Cancel reaches the action, with the Restore; there is nothing to answer."""
    server.discover(probe.parent)

    cancelled = server.ask("cancel", operationID=str(tmp_path), restore=RESTORE, **V2)

    (pid,) = server.plugin_pids()
    assert cancelled.result is None
    assert (tmp_path / "cancelled").read_text() == f"pid {pid}, after-disaster"


@pytest.mark.parametrize(("items", "ready"), [([DB_CONFIG], True), ([DB_CONFIG, DB], False), (None, False)])
def test_velero_asks_whether_additional_items_are_ready(
    server: VeleroServer, probe: Path, items: list[dict[str, str]] | None, *, ready: bool
) -> None:
    """The items arrive as they were answered by Execute."""
    server.discover(probe.parent)

    answer = server.ask("areAdditionalItemsReady", additionalItems=items, restore=RESTORE, **V2)

    assert answer.result is ready


def test_an_action_of_version_1_has_no_operations(server: VeleroServer, probe: Path) -> None:
    """Velero's own adapter answers for it, without asking the plugin."""
    server.discover(probe.parent)

    with pytest.raises(PluginError, match="Plugin does not support asynchronous operations"):
        server.ask("progress", name="probe.example.com/v1", operationID="any", restore=RESTORE)
