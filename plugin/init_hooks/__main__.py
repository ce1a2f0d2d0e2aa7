"""The program `velero-init-hooks`: a plugin process when Velero launches it, a command line otherwise."""

import os
import sys

from init_hooks.names import PLUGIN_NAME
from velero_bridge import Plugin, launched_by_velero

TYPE_CHECKING = False
if TYPE_CHECKING:
    from init_hooks.action import InjectInitHooks


def plugin() -> Plugin:
    """The plugin and its one action."""
    return Plugin().register_restore_item_action_v2(PLUGIN_NAME, _inject_init_hooks)


def _inject_init_hooks() -> "InjectInitHooks":
    from init_hooks.action import InjectInitHooks  # noqa: PLC0415 (the command line does without)
    from init_hooks.cluster_config import ClusterSettings  # noqa: PLC0415

    return InjectInitHooks(ClusterSettings(os.environ.get("VELERO_NAMESPACE", "velero")))


def main() -> None:
    """Serve Velero, or do what the command line says."""
    if launched_by_velero():
        plugin().run()
    from init_hooks.cli import main as command_line  # noqa: PLC0415 (a plugin process does without)

    sys.exit(command_line(sys.argv[1:]))


if __name__ == "__main__":
    main()
