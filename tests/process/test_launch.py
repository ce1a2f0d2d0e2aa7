"""Launching a plugin: with the host's cookie, without it, and with what the host may ask for."""

import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import grpc
import pytest
from velero_host import LAUNCH_ENVIRONMENT, LaunchError

from tests.process.conftest import ECHO, Launch
from velero_bridge._wire import messages as wire

NAME = "example.com/echo"


def test_one_line_on_stdout_and_nothing_else(launch: Launch) -> None:
    """The handshake is all that stdout ever gets; what the plugin prints is on stderr, where the host reads it."""
    host = launch()
    assert host.handshake == f"1|2|unix|{host.address}|grpc|"
    host.execute(NAME, b"print")
    assert host.process.stdout is not None
    assert host.shutdown() == 0
    assert b"a line on stdout\n" in host.log


def test_without_the_cookie_it_says_what_it_is() -> None:
    """Two lines for a person who started it by hand: what it is, how to install it."""
    environ = {key: value for key, value in os.environ.items() if key not in LAUNCH_ENVIRONMENT}
    result = subprocess.run(ECHO, env=environ, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        "This is a Velero plugin (example.com/echo): Velero launches it, it does nothing by hand.",
        "Install its image with: velero plugin add IMAGE",
    ]


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"PLUGIN_PROTOCOL_VERSIONS": "1"}, "PLUGIN_PROTOCOL_VERSIONS is '1'"),
        ({"PLUGIN_CLIENT_CERT": "cert"}, "PLUGIN_CLIENT_CERT is set"),
        ({"PLUGIN_UNIX_SOCKET_GROUP": "no-such-group"}, "there is no such group here"),
        ({"PLUGIN_UNIX_SOCKET_DIR": "/no/such/folder"}, "/no/such/folder"),
    ],
)
def test_a_handshake_that_can_not_be_done_is_told_in_the_hosts_log(
    launch: Launch, environment: dict[str, str], told: str
) -> None:
    """The process ends, and the last line on stderr names the variable; the host logs it as an error."""
    with pytest.raises(LaunchError) as caught:
        launch(environment=environment)
    assert told in str(caught.value)
    assert "[ERROR] this Velero plugin can't start: " in str(caught.value)


def test_the_socket_is_a_file_where_the_host_asks_for_one(launch: Launch, tmp_path: Path) -> None:
    """In the host's folder, its owner's alone, gone after Shutdown."""
    host = launch(environment={"PLUGIN_UNIX_SOCKET_DIR": str(tmp_path)})
    assert Path(host.address).parent == tmp_path
    mode = Path(host.address).stat().st_mode
    assert (stat.S_ISSOCK(mode), stat.S_IMODE(mode)) == (True, 0o600)
    assert host.execute(NAME, b"item").item == b"item"
    host.shutdown()
    assert list(tmp_path.iterdir()) == []


def test_the_socket_is_shared_with_the_group_that_the_host_names(launch: Launch, tmp_path: Path) -> None:
    """Owner and group may connect, nobody else."""
    group = os.getgid()
    host = launch(environment={"PLUGIN_UNIX_SOCKET_GROUP": str(group), "TMPDIR": str(tmp_path)})
    status = Path(host.address).stat()
    assert (stat.S_IMODE(status.st_mode), status.st_gid) == (0o660, group)
    assert Path(host.address).parent == tmp_path


@pytest.mark.parametrize("environment", [{"PLUGIN_UNIX_SOCKET_DIR": "{}"}, {"PLUGIN_UNIX_SOCKET_GROUP": "0"}])
def test_a_socket_file_is_removed_when_the_process_is_asked_to_terminate(
    launch: Launch, environment: dict[str, str], tmp_path: Path
) -> None:
    """SIGTERM ends the plugin as Shutdown does."""
    places = {key: value.format(tmp_path) for key, value in environment.items()}
    host = launch(environment={**places, "TMPDIR": str(tmp_path)})
    host.process.terminate()
    assert host.process.wait(10) == 0
    assert list(tmp_path.iterdir()) == []


def test_no_folder_need_be_writable(launch: Launch) -> None:
    """By default the socket is an abstract one: no file, so nothing that a killed process could leave."""
    host = launch(environment={"TMPDIR": "/no/such/folder"})
    assert host.address.startswith("@")
    assert host.execute(NAME, b"item").item == b"item"


def test_health_answers_for_the_name_that_hosts_ask_for(launch: Launch) -> None:
    """SERVING for `plugin`, NOT_FOUND for any other service."""
    host = launch()
    method = "/grpc.health.v1.Health/Check"
    answer = host.call(method, wire.HealthCheckRequest(service="plugin"), wire.HealthCheckResponse)
    assert answer == wire.HealthCheckResponse(status=1)
    with pytest.raises(grpc.RpcError) as caught:
        host.call(method, wire.HealthCheckRequest(service="other"), wire.HealthCheckResponse)
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


def test_unknown_flags_are_ignored_and_the_log_level_is_obeyed(launch: Launch) -> None:
    """Velero passes its own server's flags; at level error a warning is not written."""
    for level, written in (("info", True), ("error", False)):
        host = launch(flags=("--default-backup-ttl=72h", "--log-level", level, "positional"))
        host.execute(NAME, b"log")
        host.shutdown()
        lines = [json.loads(line) for line in host.log.splitlines()]
        messages = [(line["@message"], line["pod"]) for line in lines]
        assert messages == ([("a line in the log", "a/b")] if written else [])


def test_an_interrupt_is_for_the_host(launch: Launch) -> None:
    """Ctrl-C reaches the whole process group; the plugin goes on until the host is done with it."""
    host = launch()
    host.process.send_signal(signal.SIGINT)
    assert host.execute(NAME, b"item").item == b"item"
    assert host.shutdown() == 0


def test_an_error_of_any_length_arrives(launch: Launch) -> None:
    """A megabyte of exception text is cut to what a log can show, and is an error of that call only."""
    host = launch()
    with pytest.raises(grpc.RpcError) as caught:
        host.execute(NAME, b"fail")
    assert caught.value.code() is grpc.StatusCode.UNKNOWN
    text = str(caught.value.details())
    assert (text[:15], text[-16:], len(text) < 20_000) == ("ValueError: xxx", "more characters)", True)
    assert host.execute(NAME, b"item").item == b"item"


def test_the_command_that_velero_launches_again_is_the_one_that_it_launched(launch: Launch) -> None:
    """ListPlugins answers the executable's own path, as Go plugins do."""
    (plugin,) = launch().list_plugins()
    assert (plugin.command, plugin.kind, plugin.name) == (ECHO[1], "RestoreItemActionV2", NAME)


def test_the_start_does_without_what_only_later_calls_need() -> None:
    """The import set of the start path holds no Kubernetes client, no YAML, no command line, no protobuf runtime."""
    code = (
        "import velero_bridge._go_plugin.rpc_server, velero_bridge._go_plugin.server\n"
        "import velero_bridge._velero.restore_item_action, sys; print(*sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {"kubernetes", "yaml", "argparse", "google.protobuf", "urllib3"}.isdisjoint(loaded)
