"""A plugin: its actions by name, and the process that serves them to Velero."""

import os
import re
import sys
from collections.abc import Callable, Mapping
from typing import NoReturn, Self

from velero_bridge._go_plugin.handshake import Cookie, host_settings, launched_by_host
from velero_bridge.action import RestoreItemAction, RestoreItemActionV2
from velero_bridge.errors import HandshakeError, InvalidPluginNameError

# Velero's handshake (`pkg/plugin/framework/handshake.go`).
_COOKIE = Cookie("VELERO_PLUGIN", "hello")
_PROTOCOL_VERSION = 2

_DNS_SUBDOMAIN = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
_LONGEST_SUBDOMAIN = 253


def launched_by_velero(environ: Mapping[str, str] | None = None) -> bool:
    """Whether Velero launched this process to talk to it, and not a person by hand."""
    return launched_by_host(os.environ if environ is None else environ, _COOKIE)


class Plugin:
    """The actions that one executable holds.

    An action is registered under the name by which Velero knows it, `<DNS subdomain>/<name>`, with what makes it: a
    class or a function without arguments, called when Velero first asks for the action.

        Plugin().register_restore_item_action("example.io/label-pods", LabelPods).run()
    """

    def __init__(self) -> None:
        self._restore_item_actions: dict[str, Callable[[], RestoreItemAction]] = {}
        self._restore_item_actions_v2: dict[str, Callable[[], RestoreItemActionV2]] = {}

    def register_restore_item_action(self, name: str, factory: Callable[[], RestoreItemAction]) -> Self:
        """Register an action of version 1.

        Raises:
            InvalidPluginNameError: Velero would refuse the name, or it is registered already.
        """
        self._restore_item_actions[self._new_name(name)] = factory
        return self

    def register_restore_item_action_v2(self, name: str, factory: Callable[[], RestoreItemActionV2]) -> Self:
        """Register an action of version 2, whose work may go on after `execute`.

        Raises:
            InvalidPluginNameError: Velero would refuse the name, or it is registered already, be it as version 1:
                Velero would run it twice.
        """
        self._restore_item_actions_v2[self._new_name(name)] = factory
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all registered actions, sorted."""
        return tuple(sorted([*self._restore_item_actions, *self._restore_item_actions_v2]))

    def run(self) -> NoReturn:
        """Serve Velero, which launched this process, until it is done; then the process ends.

        Launched by hand it says what it is and exits with 1.
        """
        if not launched_by_velero():
            sys.exit(
                f"This is a Velero plugin ({', '.join(self.names)}): Velero launches it, it does nothing by hand.\n"
                "Install its image with: velero plugin add IMAGE"
            )
        try:
            self._serve()
        except HandshakeError as error:
            sys.exit(f"[ERROR] this Velero plugin can't start: {error}")
        raise AssertionError("serving ends the process")  # pragma: no cover

    def _serve(self) -> None:
        settings = host_settings(os.environ, _PROTOCOL_VERSION)
        # From here on gRPC is needed, whose import is most of the start-up; --help and mistakes do without.
        from velero_bridge._go_plugin.log import log_to_host  # noqa: PLC0415
        from velero_bridge._go_plugin.server import serve  # noqa: PLC0415
        from velero_bridge._velero.plugin_lister import plugin_lister  # noqa: PLC0415
        from velero_bridge._velero.registry import Registry  # noqa: PLC0415
        from velero_bridge._velero.restore_item_action import (  # noqa: PLC0415
            restore_item_action,
            restore_item_action_v2,
        )

        log = log_to_host(sys.argv[1:])
        v1 = Registry("RestoreItemAction", self._restore_item_actions)
        v2 = Registry("RestoreItemActionV2", self._restore_item_actions_v2)
        handlers = {
            **plugin_lister(sys.argv[0], [*v1, *v2]),
            **restore_item_action(v1),
            **restore_item_action_v2(v2),
        }
        serve(_PROTOCOL_VERSION, settings, handlers, log.flush)

    def _new_name(self, name: str) -> str:
        """The name, when Velero takes it (`ValidatePluginName` of `pkg/plugin/framework/common`)."""
        prefix, _, rest = name.partition("/")
        if not prefix or not rest or "/" in rest:
            raise InvalidPluginNameError(
                f"plugin name {name!r}: expected <DNS subdomain>/<name>, such as example.io/label-pods"
            )
        if len(prefix) > _LONGEST_SUBDOMAIN or not re.fullmatch(_DNS_SUBDOMAIN, prefix):
            raise InvalidPluginNameError(
                f"plugin name {name!r}: {prefix!r} is no DNS subdomain; expected lower-case letters, digits, '-' and "
                f"'.', at most {_LONGEST_SUBDOMAIN} characters, such as example.io"
            )
        if name in self.names:
            raise InvalidPluginNameError(
                f"plugin name {name!r} is registered already; one name stands for one action of one version"
            )
        return name
