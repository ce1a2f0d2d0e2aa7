"""The program behind hack/bench."""

import argparse
import fcntl
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local_velero.layout import cache_folder
from local_velero.progress import say

from benchmark import chart, report, start
from benchmark.figure import Figure, quotient
from benchmark.machine import Machine, this_machine
from benchmark.measure import MIB, Bench
from benchmark.peer import ROOT, Peer, all_peers
from benchmark.pod import KIB, RESTORE, Workload, pod_of_size, pod_with_containers, restore_with_hooks
from benchmark.restore import restore_many
from tests.contract.host_build import build_host

DIST = ROOT / "dist"
DOCS = ROOT / "docs"
BEGIN = "<!-- figures of hack/bench -->"
END = "<!-- end of figures -->"
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
    """Measure, print the table, and write dist/bench.md, dist/bench.json, dist/bench.svg and dist/start.svg."""
    arguments = _arguments()
    with alone(), tempfile.TemporaryDirectory() as empty:
        peers = all_peers(arguments.ours, Path(empty))
        machine = this_machine()
        host = build_host()
        with Bench(host, peers, arguments.rounds, say) as bench:
            figures = _execute(bench)
            figures += [*bench.launch_and_exit(), *bench.memory(), *_shipped(peers)]
            if not arguments.quick:
                figures += _growth(bench)
        DIST.mkdir(exist_ok=True)
        (DIST / "start.svg").write_text(start.svg(machine, start.trace(host, arguments.rounds, say)))
    write(machine, peers, figures)
    if arguments.restore:
        figures.append(restore_many(arguments.restore, say))
        write(machine, peers, figures)
    print((DIST / "bench.md").read_text())
    if arguments.publish:
        publish()
    return 0


@contextmanager
def alone() -> Iterator[None]:
    """Be the only one that measures: two at once would slow each other down, and share memory."""
    cache_folder().mkdir(parents=True, exist_ok=True)
    with (cache_folder() / "bench.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SystemExit(
                "hack/bench: another hack/bench is measuring on this machine; run this one after it"
            ) from None
        yield


def write(machine: Machine, peers: list[Peer], figures: list[Figure]) -> None:
    """Write the figures that there are."""
    (DIST / "bench.json").write_text(report.as_json(machine, peers, figures))
    (DIST / "bench.md").write_text(report.markdown(machine, peers, figures))
    (DIST / "bench.svg").write_text(chart.svg(machine, peers, [each for each in figures if each.key in CHART]))


def publish() -> None:
    """Put the figures where README and docs/performance.md show them."""
    page = DOCS / "performance.md"
    before, rest = page.read_text().split(BEGIN)
    _, after = rest.split(END)
    page.write_text(f"{before}{BEGIN}\n{(DIST / 'bench.md').read_text()}{END}{after}")
    shutil.copy(DIST / "bench.svg", DOCS / "performance.svg")
    shutil.copy(DIST / "start.svg", DOCS / "start.svg")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="hack/bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=20, help="how often all peers are measured in turn (20)")
    parser.add_argument("--quick", action="store_true", help="leave out what takes minutes: the costs as work grows")
    parser.add_argument(
        "--restore",
        type=int,
        default=0,
        metavar="N",
        help="N times with and without: restores of 1,000 pods on the lab (0)",
    )
    parser.add_argument("--ours", type=Path, help="a folder for plugins to measure instead of the bundle")
    parser.add_argument("--publish", action="store_true", help="put table and chart into docs/ as well")
    return parser.parse_args()


def _execute(bench: Bench) -> list[Figure]:
    workloads = [
        Workload(
            f"execute/{name}/{title}",
            f"Execute, {name}, {title}",
            pod_of_size(size, hook=bool(hooks)),
            RESTORE,
            hooks,
            calls,
        )
        for hooks, name in ((0, "no hook"), (1, "hook"))
        for title, size, calls in (("4 KiB", 4 * KIB, 100), ("64 KiB", 64 * KIB, 20), ("1 MiB", 1024 * KIB, 3))
    ]
    ten = Workload(
        "execute/10 hooks/4 KiB",
        "Execute, 10 hooks, 4 KiB",
        pod_of_size(4 * KIB, hook=False),
        restore_with_hooks(10),
        hooks=10,
        calls=100,
        peers=("ours", "own"),
    )
    figures = bench.execute([*workloads, ten])
    by_key = {figure.key: figure for figure in figures}
    with_hook, without = by_key["execute/hook/4 KiB"], by_key["execute/no hook/4 KiB"]
    return [*figures, quotient("execute/price of a hook", "Execute, 4 KiB, hook / no hook", with_hook, without)]


def _growth(bench: Bench) -> list[Figure]:
    containers = [
        Workload(
            f"containers/{number}",
            f"Execute, hook, {number:,} {'container' if number == 1 else 'containers'}",
            pod_with_containers(number),
            RESTORE,
            hooks=1,
            calls=max(2000 // (number + 20), 2),
        )
        for number in (1, 10, 100, 1000)
    ]
    pod = pod_of_size(4 * KIB, hook=True)
    workload = Workload("calls", "Execute, hook, 4 KiB", pod, RESTORE, hooks=1, calls=200, peers=("ours", "typed"))
    return [*bench.execute(containers), *bench.over_calls(workload, (1, 1_000, 10_000, 100_000))]


def _shipped(peers: list[Peer]) -> list[Figure]:
    sizes = {peer.key: peer.sizes() for peer in peers}
    figures = [
        Figure("bytes", "size as shipped", "MiB", {key: [size / MIB] for key, (size, _) in sizes.items()}),
        Figure("files", "files as shipped", "files", {key: [files] for key, (_, files) in sizes.items()}),
    ]
    image = DIST / "image.tar"
    if image.exists():
        figures.append(Figure("image", "image", "MiB", {"ours": [image.stat().st_size / MIB]}))
    return figures


if __name__ == "__main__":
    sys.exit(main())
