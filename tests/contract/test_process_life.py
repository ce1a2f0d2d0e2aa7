import contextlib
import os
import signal
from pathlib import Path

import pytest

from tests.contract.conftest import StartServer
from tests.contract.pods import probe_pod
from tests.contract.velero_server import (
    RESTORE,
    PluginError,
    VeleroServer,
    alive,
    await_condition,
    children,
)

NAME = "probe.example.com/v2"


def sockets() -> str:
    """The kernel's table of unix sockets."""
    return Path("/proc/net/unix").read_text()


def test_a_restore_has_a_process_of_its_own_which_ends_with_it(start_server: StartServer, probe: Path) -> None:
    """All actions of an executable share one process; at the end it exits by itself, so Velero need not kill it."""
    server = start_server("--log-level=debug")
    server.discover(probe.parent, log_level="debug")
    server.execute(NAME, probe_pod("leave"), clients="first")
    first = server.plugin_pids()
    server.execute("probe.example.com/v1", probe_pod("leave"), clients="first")
    assert server.plugin_pids() == first
    server.execute(NAME, probe_pod("leave"), clients="second")
    both = server.plugin_pids()

    server.ask("cleanup", clients="first")

    assert (len(first), len(both)) == (1, 2)
    assert server.plugin_pids() == both - first
    server.wait_for_log(lambda line: line.message == "plugin exited" and line.fields["cmd"] == str(probe))
    assert "plugin failed to exit gracefully" not in [line.message for line in server.logs()]


def test_the_socket_goes_with_the_process(server: VeleroServer, probe: Path) -> None:
    """Health answers over the socket; afterwards neither a file nor an entry in the kernel's table is left."""
    launched = server.ask("wireLaunch", command=[str(probe)]).result
    server.ask("wirePing")
    pid, socket = int(launched["pid"]), launched["socket"]
    assert server.plugin_pids() == {pid}
    assert socket in sockets()

    server.ask("wireKill")

    assert not alive(pid)
    assert socket not in sockets()
    assert not Path(socket).exists()


def test_nothing_comes_over_the_stdio_service(server: VeleroServer, probe: Path) -> None:
    """go-plugin asks for the stream at each start; what the plugin prints is in the log already."""
    server.ask("wireLaunch", command=[str(probe)])
    server.execute_bytes(NAME, str(probe_pod("chat")).replace("'", '"').encode())

    assert server.ask("wireKill").result == {"stdout": "", "stderr": ""}


def test_velero_restarts_a_plugin_that_was_killed(server: VeleroServer, probe: Path) -> None:
    """Calls may fail until Velero notices; then there is a new process, and the same action works on."""
    server.discover(probe.parent)
    item = probe_pod("leave")
    server.execute(NAME, item)
    (killed,) = server.plugin_pids()
    os.kill(killed, signal.SIGKILL)

    def works_again() -> bool:
        with contextlib.suppress(PluginError):
            return bool(server.execute(NAME, item).result["UpdatedItem"] == item)
        return False

    await_condition(works_again, "the action works again")

    assert "Plugin process exited - restarting." in [line.message for line in server.logs()]
    (new,) = server.plugin_pids()
    assert new != killed


def test_a_plugin_that_dies_in_a_call_fails_that_call_only(server: VeleroServer, probe: Path) -> None:
    """Velero reports the item and goes on with a new process."""
    server.discover(probe.parent)

    told = r"rpc error: code = Unavailable desc = error reading from server: (EOF|connection reset by peer)"
    with pytest.raises(PluginError, match=told):
        server.execute(NAME, probe_pod("die"))

    line = server.wait_for_log(lambda line: line.message == "plugin process exited" and line.level == "error")
    assert line.fields["error"] == "exit status 3"


def test_a_plugin_whose_server_was_killed_ends_by_itself(start_server: StartServer, probe: Path) -> None:
    """Nobody is left to ask it to: not when it is idle, and not in the middle of a call."""
    server = start_server()
    server.discover(probe.parent)
    server.execute(NAME, probe_pod("leave"), clients="idle")
    waiting = probe_pod("meet")
    server.begin("execute", name=NAME, item=waiting, itemFromBackup=waiting, restore=RESTORE, clients="busy")
    await_condition(lambda: len(set(children(server.process.pid))) == 2, "both plugins run")
    pids = server.plugin_pids()

    server.process.kill()

    await_condition(lambda: not any(alive(pid) for pid in pids), f"the plugins {pids} have ended")
