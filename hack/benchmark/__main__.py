"""The program behind hack/bench."""

import argparse
import sys
import tempfile
from pathlib import Path

from local_velero.progress import say

from benchmark import chart, report
from benchmark.figure import Figure
from benchmark.machine import this_machine
from benchmark.measure import MIB, Bench
from benchmark.peer import ROOT, Peer, all_peers
from benchmark.pod import KIB, RESTORE, Workload, pod_of_size, pod_with_containers, restore_with_hooks
from tests.contract.host_build import build_host

DIST = ROOT / "dist"
EVERYBODY = ("ours", "typed", "own", "plain", "echo")
BY_SIZE = (("4 KiB", 4 * KIB, 200), ("64 KiB", 64 * KIB, 40), ("1 MiB", 1024 * KIB, 6))
CHART = (
    "execute/no hook/4 KiB",
    "execute/hook/4 KiB",
    "execute/hook/64 KiB",
    "execute/hook/1 MiB",
    "launch",
    "exit",
    "resident",
    "bytes",
)


def main() -> int:
    """Measure, print the table, and write dist/bench.json and dist/bench.svg."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as empty:
        peers = all_peers(arguments.ours, Path(empty))
        machine = this_machine()
        with Bench(build_host(), peers, arguments.rounds, say) as bench:
            execute = _execute(bench)
            process = [*bench.launch_and_exit(), *bench.memory(), *_shipped(peers)]
            growth = [] if arguments.quick else _growth(bench)
    figures = [*execute, *process, *growth]
    table = report.markdown(machine, peers, figures)
    print(table)
    DIST.mkdir(exist_ok=True)
    (DIST / "bench.md").write_text(table)
    (DIST / "bench.json").write_text(report.as_json(machine, peers, figures))
    in_chart = [figure for figure in [*execute, *process] if figure.key in CHART]
    (DIST / "bench.svg").write_text(chart.svg(machine, [peer for peer in peers if peer.key != "echo"], in_chart))
    say("written: dist/bench.md, dist/bench.json, dist/bench.svg")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="hack/bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=10, help="how often all peers are measured in turn (10)")
    parser.add_argument("--quick", action="store_true", help="leave out what takes minutes: the costs as work grows")
    parser.add_argument("--ours", type=Path, help="a folder for plugins to measure instead of the bundle")
    return parser.parse_args()


def _execute(bench: Bench) -> list[Figure]:
    figures = []
    for hooks, name in ((0, "no hook"), (1, "hook")):
        for title, size, calls in BY_SIZE:
            workload = Workload(f"Execute, {name}, {title}", pod_of_size(size, hook=bool(hooks)), RESTORE, hooks, calls)
            figures.append(bench.execute(f"execute/{name}/{title}", workload, EVERYBODY))
    ten = Workload("Execute, 10 hooks, 4 KiB", pod_of_size(4 * KIB, hook=False), restore_with_hooks(10), 10, 200)
    figures.append(bench.execute("execute/10 hooks/4 KiB", ten, ("ours", "own")))
    return figures


def _growth(bench: Bench) -> list[Figure]:
    figures = []
    for containers in (1, 10, 100, 1000):
        workload = Workload(
            f"Execute, hook, {containers:,} containers",
            pod_with_containers(containers),
            RESTORE,
            1,
            4000 // (containers + 20),
        )
        figures.append(bench.execute(f"containers/{containers}", workload, EVERYBODY))
    workload = Workload("Execute, hook, 4 KiB", pod_of_size(4 * KIB, hook=True), RESTORE, 1, 200)
    seconds, memory = bench.over_calls(workload, (1, 1_000, 10_000, 100_000), ("ours", "typed"))
    return [*figures, *seconds, *memory]


def _shipped(peers: list[Peer]) -> list[Figure]:
    sizes = {peer.key: peer.sizes() for peer in peers}
    return [
        Figure("bytes", "size as shipped", "MiB", {key: [size / MIB] for key, (size, _) in sizes.items()}),
        Figure("files", "files as shipped", "files", {key: [files] for key, (_, files) in sizes.items()}),
    ]


if __name__ == "__main__":
    sys.exit(main())
