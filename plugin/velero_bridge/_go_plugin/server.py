"""The process's life: socket, handshake, gRPC server, end."""

import os
import select
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import grpc

from velero_bridge._go_plugin.handler import Handler, Handlers
from velero_bridge._go_plugin.handshake import HostSettings, handshake_line
from velero_bridge._go_plugin.services import host_services
from velero_bridge._go_plugin.socket import (
    SocketAddress,
    choose_address,
    owner_only_files,
    remove_file,
    share_with_group,
)
from velero_bridge.errors import HandshakeError

_STDOUT, _STDERR = 1, 2
# Velero runs one Execute at a time; health, Progress and Shutdown must get through beside it.
_THREADS = 8
_OPTIONS = (("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1))


class _HandlersByName(grpc.GenericRpcHandler):  # type: ignore[type-arg]  # generic in the stubs only
    """Finds the handler of a call by its full method name; bytes go in and out."""

    def __init__(self, handlers: Handlers) -> None:
        self._handlers = handlers

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> "Handler | None":
        return self._handlers.get(handler_call_details.method)


def serve(protocol_version: int, settings: HostSettings, handlers: Handlers) -> None:
    """Serve until the host says Shutdown or is gone, then end the process. It does not return.

    Raises:
        HandshakeError: The socket can't be made as the host wants it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C at the host's terminal is for the host to handle
    host = _take_stdout()
    address = choose_address(settings)
    end = partial(_end, address)
    signal.signal(signal.SIGTERM, lambda *_: end())
    server = grpc.server(ThreadPoolExecutor(max_workers=_THREADS), options=_OPTIONS)
    server.add_generic_rpc_handlers((_HandlersByName({**host_services(end), **handlers}),))
    _bind(server, address)
    if address.path is not None and settings.socket_group is not None:
        share_with_group(address.path, settings.socket_group)
    server.start()
    try:
        os.write(host, handshake_line(protocol_version, address.for_host, settings))
    except BrokenPipeError:
        end()
    _await_end_of(host)
    end()


def _bind(server: grpc.Server, address: SocketAddress) -> None:
    try:
        with owner_only_files():
            server.add_insecure_port(address.for_grpc)
    except RuntimeError as error:  # gRPC tells the reason on stderr only, just before
        raise HandshakeError(
            f"the socket {address.for_host} can't be made; where PLUGIN_UNIX_SOCKET_DIR or TMPDIR names its folder, "
            "that must exist and be writable for this process"
        ) from error


def _take_stdout() -> int:
    """Keep stdout for the handshake alone: whatever else the process prints goes to the host's log by stderr."""
    sys.stdout.flush()
    host = os.dup(_STDOUT)
    os.dup2(_STDERR, _STDOUT)
    sys.stdout = sys.stderr
    return host


def _await_end_of(host: int) -> None:
    """Return when the host has closed its end of the pipe, which the kernel does for it when it is killed."""
    poll = select.poll()
    poll.register(host, 0)
    poll.poll()


def _end(address: SocketAddress) -> None:
    """End at once: nothing is left to be flushed, and Velero waits for the exit at the end of every restore."""
    remove_file(address)
    os._exit(0)
