import shutil
from pathlib import Path

import pytest

from tests.contract.conftest import StartServer
from tests.contract.velero_server import PluginError, Registered, VeleroServer


def test_velero_registers_each_action_with_its_kind_name_and_command(server: VeleroServer, probe: Path) -> None:
    """What ListPlugins answers is what Velero launches later: the very path it found."""
    assert server.discover(probe.parent) == [
        Registered("RestoreItemAction", "probe.example.com/v1", str(probe)),
        Registered("RestoreItemActionV2", "probe.example.com/v2", str(probe)),
    ]


def test_discovery_leaves_nothing_behind(server: VeleroServer, probe: Path) -> None:
    """The processes of discovery end when asked to; neither Velero nor go-plugin has anything to complain of."""
    server.discover(probe.parent, log_level="debug")

    assert server.plugin_pids() == set()
    lines = [line for line in server.logs() if line.fields.get("cmd") == str(probe)]
    assert {line.level for line in lines} == {"debug", "info"}
    assert "plugin exited" in [line.message for line in lines]


def test_a_second_copy_of_a_plugin_stops_the_server(server: VeleroServer, probe: Path) -> None:
    """Velero's own refusal names both files."""
    copy = Path(shutil.copy(probe, probe.with_name("second-copy")))

    with pytest.raises(PluginError) as refused:
        server.discover(probe.parent)

    assert refused.value.message == (
        "unable to register plugin (kind=RestoreItemAction, name=probe.example.com/v1, "
        f"command={copy}) because another plugin is already registered for this kind and name (command={probe})"
    )


def test_the_flags_of_the_velero_server_do_not_disturb_a_plugin(start_server: StartServer, probe: Path) -> None:
    """Velero hands all its flags to each plugin, those of versions to come included."""
    flags = ["--log-level", "debug", "--features=EnableCSI", "--metrics-address", ":8085", "--new-in-2030", "-v"]

    found = start_server(*flags).discover(probe.parent)

    assert [plugin.name for plugin in found] == ["probe.example.com/v1", "probe.example.com/v2"]
    assert all(plugin.command == str(probe) for plugin in found)


def test_a_restore_runs_the_actions_of_both_versions(server: VeleroServer, probe: Path) -> None:
    """Velero adapts version 1 to version 2, and asks for all actions at once."""
    server.discover(probe.parent)

    assert server.ask("actions").result == ["probe.example.com/v1", "probe.example.com/v2"]
