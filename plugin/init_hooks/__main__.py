"""The program `velero-init-hooks`: a plugin process when Velero launches it, a command line otherwise."""

import sys

from velero_bridge import Plugin, launched_by_velero

PLUGIN_NAME = "velero-init-hooks/inject"


def plugin() -> Plugin:
    """The plugin and its one action."""
    from init_hooks.action import InjectInitHooks  # noqa: PLC0415 (the command line does without)

    return Plugin().register_restore_item_action_v2(PLUGIN_NAME, InjectInitHooks)


def main() -> None:
    """Serve Velero, or do what the command line says."""
    if launched_by_velero():
        plugin().run()
    from init_hooks.cli import main as command_line  # noqa: PLC0415 (a plugin process does without)

    sys.exit(command_line(sys.argv[1:]))


if __name__ == "__main__":
    main()
