"""The handshake: what the host says by environment variables, and the one line that answers it.

The rules are go-plugin's (`docs/internals.md` and `server.go` of its module).
"""

from collections.abc import Mapping
from typing import NamedTuple

from velero_bridge.errors import HandshakeError

CORE_PROTOCOL_VERSION = 1


class Cookie(NamedTuple):
    """The environment variable by which a host shows that it, and no person, launched the plugin."""

    name: str
    value: str


class HostSettings(NamedTuple):
    """What the host asks of this process.

    `socket_dir` and `socket_group` are set when the socket must be a file there, or one that the group may write.
    `multiplex` is true when the host wants to know whether broker connections can share the socket.
    """

    socket_dir: str | None
    socket_group: str | None
    multiplex: bool


def launched_by_host(environ: Mapping[str, str], cookie: Cookie) -> bool:
    """Whether the environment holds the host's cookie."""
    return environ.get(cookie.name) == cookie.value


def host_settings(environ: Mapping[str, str], protocol_version: int) -> HostSettings:
    """Read what the host asks for.

    Raises:
        HandshakeError: The host speaks another protocol version, or wants TLS on the socket (AutoMTLS).
    """
    versions = environ.get("PLUGIN_PROTOCOL_VERSIONS", "")
    if versions and str(protocol_version) not in versions.split(","):
        raise HandshakeError(
            f"PLUGIN_PROTOCOL_VERSIONS is {versions!r}: this plugin speaks version {protocol_version} only; "
            "it needs a host (Velero) that offers it"
        )
    if environ.get("PLUGIN_CLIENT_CERT"):
        raise HandshakeError(
            "PLUGIN_CLIENT_CERT is set: the host wants TLS on the socket (AutoMTLS), which this plugin does not "
            "speak and Velero does not ask for; unset it"
        )
    return HostSettings(
        socket_dir=environ.get("PLUGIN_UNIX_SOCKET_DIR") or None,
        socket_group=environ.get("PLUGIN_UNIX_SOCKET_GROUP") or None,
        multiplex=bool(environ.get("PLUGIN_MULTIPLEX_GRPC")),
    )


def handshake_line(protocol_version: int, address: str, settings: HostSettings) -> bytes:
    """The line that tells the host where to connect: core version, version, network, address, protocol, no cert."""
    line = f"{CORE_PROTOCOL_VERSION}|{protocol_version}|unix|{address}|grpc|"
    if settings.multiplex:
        line += "|false"  # a host that insists on it then says so itself, instead of waiting for a knock
    return f"{line}\n".encode()
