"""Velero's half of the conversation with a plugin, in Python: for the demo and the process tests.

It launches the plugin as Velero does: cookie and protocol version in the environment, the server's flags as
arguments, the address from the one line on stdout, then gRPC over the unix socket.
"""

import os
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import grpc

from velero_bridge._wire import messages as wire
from velero_bridge._wire.codec import Message

MessageT = TypeVar("MessageT", bound=Message)

# What a Velero server passes on of its own flags.
SERVER_FLAGS = ("--features=", "--log-level=info", "--metrics-address=:8085", "--uploader-type=kopia")
LAUNCH_ENVIRONMENT = {
    "VELERO_PLUGIN": "hello",
    "PLUGIN_PROTOCOL_VERSIONS": "2",
    "PLUGIN_MIN_PORT": "10000",
    "PLUGIN_MAX_PORT": "25000",
}
_CHANNEL_OPTIONS = (
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    ("grpc.max_metadata_size", 16 * 1024 * 1024),  # as Go clients have it
    ("grpc.absolute_max_metadata_size", 16 * 1024 * 1024),
)


class LaunchError(Exception):
    """The plugin process did not answer with a handshake; the text holds what it printed instead."""


class VeleroHost:
    """A launched plugin process, and the calls that Velero makes to it."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        flags: Sequence[str] = SERVER_FLAGS,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.process = subprocess.Popen(
            [*command, *flags],
            env={**os.environ, **LAUNCH_ENVIRONMENT, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.log = b""
        self.handshake = self._stdout_line()
        try:
            _core, _version, network, self.address, protocol, *_ = self.handshake.split("|")
        except ValueError:
            self.kill()
            raise LaunchError(f"{command[0]}: no handshake on stdout, found {self.handshake!r}; {self.log!r}") from None
        if (network, protocol) != ("unix", "grpc"):
            self.kill()
            raise LaunchError(f"{command[0]}: expected gRPC over a unix socket, found {self.handshake!r}")
        self._channel = grpc.insecure_channel(_grpc_target(self.address), options=_CHANNEL_OPTIONS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def call(self, method: str, request: Message, response: type[MessageT]) -> MessageT:
        """One unary call by the method's full name.

        Raises:
            grpc.RpcError: The plugin answered with an error.
        """
        return response.decode(self._channel.unary_unary(method, bytes, bytes)(request.encode(), timeout=30))

    def list_plugins(self) -> tuple[wire.PluginIdentifier, ...]:
        """Which actions the executable holds."""
        method = f"/{wire.GENERATED_PLUGINLISTER}/ListPlugins"
        return self.call(method, wire.GeneratedEmpty(), wire.ListPluginsResponse).plugins

    def applies_to(self, plugin: str) -> wire.ResourceSelector:
        """Which items the action is for."""
        response = self.call(
            f"/{wire.V2_RESTOREITEMACTION}/AppliesTo",
            wire.V2RestoreItemActionAppliesToRequest(plugin=plugin),
            wire.V2RestoreItemActionAppliesToResponse,
        )
        return response.resource_selector or wire.ResourceSelector()

    def execute(
        self, plugin: str, item: bytes, item_from_backup: bytes | None = None, restore: bytes = b"{}", version: int = 2
    ) -> wire.V2RestoreItemActionExecuteResponse:
        """Hand over one item; without `item_from_backup` it is the item itself. Version 1 answers fewer fields."""
        request = wire.V2RestoreItemActionExecuteRequest(
            plugin=plugin,
            item=item,
            item_from_backup=item if item_from_backup is None else item_from_backup,
            restore=restore,
        )
        service = wire.V2_RESTOREITEMACTION if version > 1 else wire.GENERATED_RESTOREITEMACTION
        return self.call(f"/{service}/Execute", request, wire.V2RestoreItemActionExecuteResponse)

    def shutdown(self, timeout: float = 10) -> int:
        """End the plugin as Velero does at the end of a restore; its exit code."""
        with suppress(grpc.RpcError):  # as Velero does: the process may end before it answers
            self.call(f"/{wire.PLUGIN_CONTROLLER}/Shutdown", wire.PluginEmpty(), wire.PluginEmpty)
        self._channel.close()
        self.log += self._drain(timeout)
        return self.process.wait(timeout)

    def kill(self) -> None:
        """End the plugin at once if it still runs, and close what belongs to it."""
        if hasattr(self, "_channel"):
            self._channel.close()
        if self.process.poll() is None:
            self.process.kill()
            self.log += self._drain(timeout=10)
        self.process.wait()
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()

    def _drain(self, timeout: float) -> bytes:
        return self.process.communicate(timeout=timeout)[1]

    def _stdout_line(self) -> str:
        if self.process.stdout is None:
            raise LaunchError("no pipe to the plugin's stdout")
        line = self.process.stdout.readline().decode(errors="replace").rstrip("\n")
        if not line:
            self.log += self._drain(timeout=10)
        return line


def _grpc_target(address: str) -> str:
    return f"unix-abstract:{address[1:]}" if address.startswith("@") else f"unix:{address}"
