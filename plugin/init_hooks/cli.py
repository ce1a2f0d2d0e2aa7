"""The command line of `velero-init-hooks`, for people and for the plugin image's entrypoint."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from init_hooks import __version__

_WHAT_IT_IS = """\
velero-init-hooks is a Velero plugin (restore hooks as init containers): Velero launches it, it does nothing by hand.
Install its image with `velero plugin add IMAGE`; `velero-init-hooks --help` tells more.
"""


def main(arguments: Sequence[str]) -> int:
    """Run one subcommand; the exit code is 0 when it did what it says."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command is None:
        sys.stderr.write(_WHAT_IT_IS)
        return 1
    return _install(options.target)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="velero-init-hooks",
        description="Velero plugin: restore hooks that run as init containers and share the app's volumes. "
        "Velero launches it by itself for each restore; by hand there is only what is listed here.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", title="commands")
    install = commands.add_parser(
        "install",
        help="put the plugin where the Velero server looks for plugins (the image's entrypoint)",
        description="Copy this program and its files into Velero's plugin folder, in place of an older version.",
    )
    install.add_argument(
        "--target",
        type=Path,
        default=Path("/target"),
        help="the plugin folder; `velero plugin add` mounts it at %(default)s",
    )
    return parser


def _install(target: Path) -> int:
    from init_hooks.install import InstallError, bundle, install  # noqa: PLC0415 (only this command needs it)

    try:
        installed = install(bundle(), target)
    except InstallError as error:
        sys.stderr.write(f"velero-init-hooks: {error}\n")
        return 1
    sys.stdout.writelines(f"installed {path}\n" for path in installed)
    return 0
