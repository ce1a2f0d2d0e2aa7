"""The process's life: socket, handshake, gRPC server, end."""

import os
import select
import signal
import sys
from collections.abc import Callable
from functools import partial

from velero_bridge._go_plugin.handler import Handlers
from velero_bridge._go_plugin.handshake import HostSettings, handshake_line
from velero_bridge._go_plugin.services import host_services
from velero_bridge._go_plugin.socket import (
    SocketAddress,
    choose_address,
    owner_only_files,
    remove_file,
    share_with_group,
)

_STDOUT, _STDERR = 1, 2
# How long a call may keep the others from being answered.
_PATIENCE_MILLISECONDS = 100


def serve(protocol_version: int, settings: HostSettings, handlers: Handlers, flush_log: Callable[[], None]) -> None:
    """Serve until the host says Shutdown or is gone, then end the process. It does not return.

    Args:
        protocol_version: The one that the plugin speaks.
        settings: What the host asks for.
        handlers: The plugin's own services.
        flush_log: Writes what waits to be logged; called after each answer, every now and then, and at the end.

    Raises:
        HandshakeError: The socket can't be made as the host wants it.
    """
    # The thread that asks gRPC for events is to read the socket itself, and not to be woken by another one that does.
    os.environ.setdefault("GRPC_EXPERIMENTS", "-event_engine_listener")
    from velero_bridge._go_plugin.rpc_server import RpcServer  # noqa: PLC0415 (gRPC reads its environment when loaded)

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C at the host's terminal is for the host to handle
    host = _take_stdout()
    address = choose_address(settings)
    end = partial(_end, address, flush_log)
    signal.signal(signal.SIGTERM, lambda *_: end())
    server = RpcServer({**host_services(end), **handlers}, flush_log)
    with owner_only_files():
        server.listen(address.for_grpc)
    if address.path is not None and settings.socket_group is not None:
        share_with_group(address.path, settings.socket_group)
    try:
        os.write(host, handshake_line(protocol_version, address.for_host, settings))
    except BrokenPipeError:
        end()
    server.start()
    hangup = select.poll()
    hangup.register(host, 0)  # the host, or the kernel for one that was killed, closes its end of the pipe
    while not hangup.poll(_PATIENCE_MILLISECONDS):
        server.relieve()
        flush_log()
    end()


def _take_stdout() -> int:
    """Keep stdout for the handshake alone: whatever else the process prints goes to the host's log by stderr."""
    sys.stdout.flush()
    host = os.dup(_STDOUT)
    os.dup2(_STDERR, _STDOUT)
    sys.stdout = sys.stderr
    return host


def _end(address: SocketAddress, flush_log: Callable[[], None]) -> None:
    """End at once: Velero waits for the exit at the end of every restore."""
    flush_log()
    remove_file(address)
    os._exit(0)
