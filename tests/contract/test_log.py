from pathlib import Path

from tests.contract.conftest import StartServer
from tests.contract.pods import probe_pod
from tests.contract.velero_server import LogLine, VeleroServer

NAME = "probe.example.com/v2"


def line_of(probe: Path, text: str) -> str:
    """Where Velero is told that a line of the probe is."""
    source = probe.read_text().splitlines()
    return f"probe.py:{1 + next(number for number, line in enumerate(source) if text in line)}"


def test_log_lines_arrive_with_level_place_and_fields(server: VeleroServer, probe: Path) -> None:
    """What an action logs is in Velero's log as if Velero's own code had logged it."""
    server.discover(probe.parent)
    server.execute(NAME, probe_pod("log"))
    server.wait_for_log(lambda line: line.message == "the hook was left out")

    common = {"cmd": str(probe), "pluginName": "probe.py"}
    assert [line for line in server.logs() if line.source.startswith("probe.py:")] == [
        LogLine(
            "info",
            "the hook was injected",
            line_of(probe, "the hook was injected"),
            {**common, "pod": "web/my-web-app", "containers": 2},
        ),
        LogLine(
            "warning",
            "no permission to read the ConfigMap",
            line_of(probe, "no permission to read the ConfigMap"),
            common,
        ),
        LogLine("error", "wrong annotation: command", line_of(probe, "wrong annotation"), common),
        LogLine(
            "error",
            "the hook was left out",
            line_of(probe, "the hook was left out"),
            {
                **common,
                "error": "ValueError: the command is no JSON array",
                "error.file": line_of(probe, "raise ValueError"),
                "error.function": "__main__.Probe.fail",
            },
        ),
    ]


def test_debug_lines_come_when_velero_is_asked_for_them(start_server: StartServer, probe: Path) -> None:
    """`velero server --log-level debug` reaches the plugin."""
    server = start_server("--log-level", "debug")
    server.discover(probe.parent, log_level="debug")
    server.execute(NAME, probe_pod("log"))

    line = server.wait_for_log(lambda line: line.message == "a detail")

    assert (line.level, line.source) == ("debug", line_of(probe, "a detail"))


def test_a_line_that_is_too_long_keeps_its_level_and_fields(server: VeleroServer, probe: Path) -> None:
    """go-plugin would take the pieces of it as plain text; it is cut before that, and says so."""
    server.discover(probe.parent)
    server.execute(NAME, probe_pod("log_much"))

    line = server.wait_for_log(lambda line: line.message.startswith("too long: xxx"))

    assert line.level == "error"
    assert line.fields["pod"] == "web/my-web-app"
    assert line.message.endswith("more characters)")


def test_what_a_plugin_prints_is_no_handshake(start_server: StartServer, probe: Path) -> None:
    """Stdout belongs to the handshake; a stray print is a debug line in Velero's log, and does no harm."""
    server = start_server("--log-level=debug")
    server.discover(probe.parent, log_level="debug")
    item = probe_pod("chat")

    assert server.execute(NAME, item).result["UpdatedItem"] == item

    line = server.wait_for_log(lambda line: line.message == "1|2|unix|/tmp/elsewhere|grpc|")
    assert line.level == "debug"
    assert server.execute(NAME, item).result["UpdatedItem"] == item
