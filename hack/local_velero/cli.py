"""The command line of `hack/lab`."""

import argparse
import os
import sys
from pathlib import Path

from local_velero import lab, machine, status
from local_velero.failure import LabError
from local_velero.layout import DEFAULT_STATE, Layout

DESCRIPTION = """A real Velero on this machine: Kubernetes, containerd, an S3 gateway and Velero with its node agent,
built from pinned Go modules, in namespaces of their own. Needs Linux (Debian or Ubuntu), root and Go, no
registry of images.
"""
COMMANDS = """other commands:
  exec CMD...    run CMD in the lab's network with kubectl, velero and ctr at hand; its exit code is the result
  env            print the lab's environment as shell assignments
"""


def parser() -> argparse.ArgumentParser:
    """Return the parser of the commands that bash has not already taken."""
    top = argparse.ArgumentParser(
        "hack/lab", description=DESCRIPTION, epilog=COMMANDS, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="up | status | load | down")
    up = commands.add_parser("up", help="build what is missing, start what is not running, wait until it is ready")
    up.add_argument("--api-only", action="store_true", help="only etcd, API server and controller manager")
    up.add_argument(
        "--server-arg",
        action="append",
        default=[],
        metavar="ARG",
        help="an argument for `velero server`, like --server-arg=--item-operation-sync-frequency=1s (repeatable)",
    )
    commands.add_parser("status", help="one line a component; exit code 0 when all are ready")
    load = commands.add_parser("load", help="import an OCI or Docker archive into the node's images")
    load.add_argument("archive", type=Path)
    commands.add_parser("down", help="end the lab and delete what it made; the caches stay")
    return top


def run(arguments: argparse.Namespace, layout: Layout) -> int:
    """Do what the command line asks; return the exit code."""
    machine.check_rights()
    if arguments.command == "up":
        lab.up(layout, api_only=arguments.api_only, server_arguments=arguments.server_arg)
    elif arguments.command == "status":
        return 0 if status.show(layout) else 1
    elif arguments.command == "load":
        lab.load(layout, arguments.archive)
    else:
        lab.down(layout)
    return 0


def main() -> int:
    """Run `hack/lab`."""
    os.umask(0o022)
    try:
        return run(parser().parse_args(), Layout(DEFAULT_STATE))
    except LabError as error:
        print(f"hack/lab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("hack/lab: interrupted; `hack/lab up` goes on from here, `hack/lab down` clears up", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
