"""The handshake: what the host asks, and the line that answers."""

import pytest

from velero_bridge import HandshakeError, launched_by_velero
from velero_bridge._go_plugin.handshake import HostSettings, handshake_line, host_settings

PLAIN = HostSettings(socket_dir=None, socket_group=None, multiplex=False)


@pytest.mark.parametrize(
    ("environ", "expected"),
    [({"VELERO_PLUGIN": "hello"}, True), ({"VELERO_PLUGIN": "bye"}, False), ({}, False)],
)
def test_only_the_cookie_says_that_velero_launched_us(environ: dict[str, str], expected: bool) -> None:
    """Velero's cookie is VELERO_PLUGIN=hello; everything else is a person at a terminal."""
    assert launched_by_velero(environ) is expected


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, PLAIN),
        ({"PLUGIN_PROTOCOL_VERSIONS": "1,2"}, PLAIN),
        ({"PLUGIN_UNIX_SOCKET_DIR": ""}, PLAIN),
        ({"PLUGIN_UNIX_SOCKET_DIR": "/scratch"}, PLAIN._replace(socket_dir="/scratch")),
        ({"PLUGIN_UNIX_SOCKET_GROUP": "1000"}, PLAIN._replace(socket_group="1000")),
        ({"PLUGIN_MULTIPLEX_GRPC": "true"}, PLAIN._replace(multiplex=True)),
    ],
)
def test_what_the_host_asks_for(environ: dict[str, str], expected: HostSettings) -> None:
    """Each of go-plugin's variables is read; an empty one is none."""
    assert host_settings(environ, protocol_version=2) == expected


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"PLUGIN_PROTOCOL_VERSIONS": "1,3"}, "PLUGIN_PROTOCOL_VERSIONS is '1,3'"),
        ({"PLUGIN_CLIENT_CERT": "-----BEGIN"}, "PLUGIN_CLIENT_CERT is set"),
    ],
)
def test_what_can_not_be_done_is_refused(environ: dict[str, str], named: str) -> None:
    """A host that wants another version or TLS gets an error that names the variable."""
    with pytest.raises(HandshakeError, match=named):
        host_settings(environ, protocol_version=2)


def test_the_line() -> None:
    """Core version, protocol version, network, address, protocol, no certificate."""
    assert handshake_line(2, "@name", PLAIN) == b"1|2|unix|@name|grpc|\n"


def test_the_line_for_a_host_that_multiplexes() -> None:
    """A host that asks about multiplexing reads a seventh field: it can't be had."""
    assert handshake_line(2, "/a", PLAIN._replace(multiplex=True)) == b"1|2|unix|/a|grpc||false\n"
