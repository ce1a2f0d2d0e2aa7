from pathlib import Path

import pytest

from tests.contract.pods import in_bytes, my_web_app, probe_pod
from tests.contract.velero_server import RESTORE, PluginError, VeleroServer

V1 = {"name": "probe.example.com/v1"}
V1_AS_V1 = {"name": "probe.example.com/v1", "kind": "RestoreItemAction"}
V2 = {"name": "probe.example.com/v2"}
EACH_VERSION = pytest.mark.parametrize("action", [V1_AS_V1, V1, V2], ids=["v1", "v1 as v2", "v2"])

NOTHING_MORE = {
    "AdditionalItems": None,
    "AdditionalItemsReadyTimeout": 0,
    "OperationID": "",
    "SkipRestore": False,
    "WaitForAdditionalItems": False,
}


@EACH_VERSION
def test_the_selector_arrives_whole(server: VeleroServer, probe: Path, action: dict[str, str]) -> None:
    """AppliesTo: all five fields, as the action answered them."""
    server.discover(probe.parent)

    assert server.ask("appliesTo", **action).result == {
        "IncludedNamespaces": ["web", "shop"],
        "ExcludedNamespaces": ["kube-system"],
        "IncludedResources": ["pods", "deployments.apps"],
        "ExcludedResources": ["secrets"],
        "LabelSelector": "app=web,tier!=cache",
    }


@EACH_VERSION
def test_an_action_gets_all_three_objects_and_changes_the_item(
    server: VeleroServer, probe: Path, action: dict[str, str]
) -> None:
    """The item after earlier actions, the item as the backup has it, and the Restore."""
    server.discover(probe.parent)
    item = probe_pod("label")
    del item["spec"]["nodeName"]

    done = server.ask("execute", **action, item=item, itemFromBackup=my_web_app(), restore=RESTORE)

    item["metadata"]["labels"] = {"node": "node-1", "restore": "after-disaster"}
    assert done.result == {"UpdatedItem": item, **NOTHING_MORE}


@EACH_VERSION
def test_an_item_that_is_left_alone_comes_back_as_it_went(
    server: VeleroServer, probe: Path, action: dict[str, str]
) -> None:
    """No updated item means: the one that came."""
    server.discover(probe.parent)
    item = probe_pod("leave")

    assert server.execute(item=item, **action).result == {"UpdatedItem": item, **NOTHING_MORE}


def test_the_bytes_of_an_item_that_is_left_alone_are_the_very_same(server: VeleroServer, probe: Path) -> None:
    """Velero parses what it gets, so this looks at the answer below it."""
    server.ask("wireLaunch", command=[str(probe)])
    item = in_bytes(probe_pod("leave"))

    assert server.execute_bytes("probe.example.com/v2", item) == item


@EACH_VERSION
def test_an_item_can_be_skipped(server: VeleroServer, probe: Path, action: dict[str, str]) -> None:
    """Velero then does not create it."""
    server.discover(probe.parent)
    item = probe_pod("skip")

    done = server.execute(item=item, **action)

    assert done.result == {"UpdatedItem": item, **NOTHING_MORE, "SkipRestore": True}


@EACH_VERSION
def test_an_item_of_8_mib_passes_both_ways(server: VeleroServer, probe: Path, action: dict[str, str]) -> None:
    """16 MiB in one message, four times what gRPC servers take by default."""
    server.discover(probe.parent)
    item = probe_pod("leave")
    item["metadata"]["annotations"]["large"] = "x" * 8 * 1024 * 1024

    assert server.execute(item=item, **action).result["UpdatedItem"] == item


@EACH_VERSION
def test_an_error_arrives_with_the_place_where_it_was_raised(
    server: VeleroServer, probe: Path, action: dict[str, str]
) -> None:
    """What Velero logs as error.file and error.function is the Python line; the process goes on."""
    server.discover(probe.parent)
    source = probe.read_text().splitlines()
    line = 1 + next(number for number, text in enumerate(source) if "raise ValueError" in text)

    with pytest.raises(PluginError) as failed:
        server.execute(item=probe_pod("fail"), **action)
    pids = server.plugin_pids()

    assert failed.value.message == "rpc error: code = Unknown desc = ValueError: the command is no JSON array"
    assert failed.value.file == f"probe.py:{line}"
    assert failed.value.function == "__main__.Probe.fail"
    assert server.execute(item=probe_pod("leave"), **action).result["UpdatedItem"] == probe_pod("leave")
    assert server.plugin_pids() == pids


def test_an_exit_in_an_action_is_what_a_panic_is_in_go(server: VeleroServer, probe: Path) -> None:
    """The call is aborted; the process is there for the next item."""
    server.discover(probe.parent)

    with pytest.raises(PluginError) as failed:
        server.execute(item=probe_pod("exit"), **V2)

    assert failed.value.message == "rpc error: code = Aborted desc = SystemExit: enough"
    assert failed.value.function == "__main__.Probe.exit"
    assert server.execute(item=probe_pod("leave"), **V2).result["UpdatedItem"] == probe_pod("leave")


def test_an_action_of_version_2_is_none_of_version_1(server: VeleroServer, probe: Path) -> None:
    """Each name is registered under one kind: Velero would run it twice otherwise."""
    server.discover(probe.parent)

    with pytest.raises(PluginError) as refused:
        server.ask("appliesTo", name="probe.example.com/v2", kind="RestoreItemAction")

    assert refused.value.message == 'unable to get valid RestoreItemAction for "probe.example.com/v2"'


def test_calls_run_beside_each_other(server: VeleroServer, probe: Path) -> None:
    """Two items, each of which is done only when both are in work; health and AppliesTo get through meanwhile."""
    server.discover(probe.parent)
    item = probe_pod("meet")
    one_of_two = {"item": item, "itemFromBackup": item, "restore": RESTORE, **V2}

    first = server.begin("execute", **one_of_two)
    assert server.ask("appliesTo", **V2).result["IncludedResources"] == ["pods", "deployments.apps"]
    assert not first.done()
    second = server.begin("execute", **one_of_two)

    assert [call.result(60).result["UpdatedItem"] for call in (first, second)] == [item, item]
