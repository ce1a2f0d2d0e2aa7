"""The unix socket that the host connects to.

By default it is an abstract one (unix(7)): it needs no writable folder, and the kernel takes it back with the
process, however that ends. Where the host names a folder or a group it is a file, as asked.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

from velero_bridge._go_plugin.handshake import HostSettings
from velero_bridge.errors import HandshakeError

_OWNER_ONLY = 0o177
_GROUP_WRITABLE = 0o660


class SocketAddress(NamedTuple):
    """One socket in the spellings of those who use it; `path` is None when it is no file."""

    for_grpc: str
    for_host: str
    path: str | None


def choose_address(settings: HostSettings) -> SocketAddress:
    """A new address that no other process has."""
    name = f"velero-bridge-{os.getpid()}-{os.urandom(8).hex()}"
    if settings.socket_dir is None and settings.socket_group is None:
        return SocketAddress(for_grpc=f"unix-abstract:{name}", for_host=f"@{name}", path=None)
    folder = settings.socket_dir or os.environ.get("TMPDIR") or "/tmp"  # noqa: S108 (as go-plugin does)
    path = os.path.join(folder, name)  # noqa: PTH118 (pathlib's import takes as long as the handshake)
    return SocketAddress(for_grpc=f"unix:{path}", for_host=path, path=path)


@contextmanager
def owner_only_files() -> Iterator[None]:
    """While it is entered, what the process creates is its owner's alone: no moment with an open socket file."""
    umask = os.umask(_OWNER_ONLY)
    try:
        yield
    finally:
        os.umask(umask)


def share_with_group(path: str, group: str) -> None:
    """Give the socket file to a group, by name or number, and let it write.

    Raises:
        HandshakeError: There is no such group, or this process may not give the file to it.
    """
    try:
        os.chown(path, -1, _group_id(group))
        os.chmod(path, _GROUP_WRITABLE)  # noqa: PTH101
    except OSError as error:
        raise HandshakeError(
            f"PLUGIN_UNIX_SOCKET_GROUP is {group!r}: the socket {path} can't be given to it: {error.strerror}"
        ) from error


def _group_id(group: str) -> int:
    if group.isdigit():
        return int(group)
    import grp  # noqa: PLC0415 (rarely needed, and not at every start)

    try:
        return grp.getgrnam(group).gr_gid
    except KeyError:
        raise HandshakeError(
            f"PLUGIN_UNIX_SOCKET_GROUP is {group!r}: there is no such group here; give its number"
        ) from None


def remove_file(address: SocketAddress) -> None:
    """Remove the socket's file, if it is one; gRPC may have done so already."""
    if address.path is not None:
        with suppress(FileNotFoundError):
            os.unlink(address.path)  # noqa: PTH108
