"""The measurements, each over all peers, interleaved."""

import os
import statistics
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Self, TypeVar

from benchmark.figure import Figure
from benchmark.peer import Peer
from benchmark.pod import Workload
from tests.contract.velero_server import VeleroServer

MILLI = 1e3
MIB = 2**20

Say = Callable[[str], None]
T = TypeVar("T")


class Bench:
    """A Velero server for each peer, all running at once; measured by turns."""

    def __init__(self, host: Path, peers: Sequence[Peer], rounds: int, say: Say) -> None:
        self.peers = peers
        self.rounds = rounds
        self.say = say
        self._host = host

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._servers: Mapping[str, VeleroServer] = {
                peer.key: stack.enter_context(VeleroServer(self._host)) for peer in self.peers
            }
            for peer in self.peers:
                self._servers[peer.key].discover(peer.folder, velero=peer.velero, mute=True)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def execute(self, workloads: Sequence[Workload]) -> list[Figure]:
        """How long Velero waits for one Execute: for each workload the median of each round's calls."""
        pairs = [(workload, peer) for workload in workloads for peer in self.peers if peer.key in workload.peers]
        for workload, peer in pairs:
            self._check(peer, workload)
            self._calls(peer, workload)  # the first calls of a process are not what a restore is made of
        singles: dict[tuple[str, str], list[float]] = {}
        rounds: dict[tuple[str, str], list[float]] = {}
        for number in range(self.rounds):
            self.say(f"Execute of {len(workloads)} workloads, round {number + 1} of {self.rounds}")
            for workload, peer in by_turns(pairs, number):
                took = self._calls(peer, workload)
                key = (workload.key, peer.key)
                rounds.setdefault(key, []).append(statistics.median(took))
                singles.setdefault(key, []).extend(took)
        self._cleanup()
        return [
            Figure(
                workload.key,
                workload.title,
                "ms",
                {peer: rounds[workload.key, peer] for peer in workload.peers},
                {peer: singles[workload.key, peer] for peer in workload.peers},
            )
            for workload in workloads
        ]

    def launch_and_exit(self) -> tuple[Figure, Figure]:
        """From nothing to the first answer of AppliesTo, and from Shutdown to the end of the process."""
        self.say("launch to the first AppliesTo answer, and Shutdown to exit")
        launch: dict[str, list[float]] = {peer.key: [] for peer in self.peers}
        leave: dict[str, list[float]] = {peer.key: [] for peer in self.peers}
        for number in range(self.rounds + 1):
            for peer in by_turns(self.peers, number):
                server = self._servers[peer.key]
                launched = server.ask("appliesTo", name=peer.name, clients="launch").seconds * MILLI
                left = server.ask("cleanup", clients="launch").seconds * MILLI
                if number:  # the first one may have had to read the files from disk
                    launch[peer.key].append(launched)
                    leave[peer.key].append(left)
        return (
            Figure("launch", "launch to the first AppliesTo answer", "ms", launch),
            Figure("exit", "Shutdown to exit", "ms", leave),
        )

    def memory(self) -> tuple[Figure, Figure]:
        """Memory of a process that has answered AppliesTo: resident, and what would be free without it.

        Only one process of each peer is there then: of two, each would count as shared what it needs as well.
        """
        self.say("memory after the handshake")
        resident: dict[str, list[float]] = {peer.key: [] for peer in self.peers}
        unique: dict[str, list[float]] = {peer.key: [] for peer in self.peers}
        for _ in range(self.rounds):
            for peer in self.peers:
                server = self._servers[peer.key]
                others = server.plugin_pids()
                server.ask("appliesTo", name=peer.name, clients="memory")
                (pid,) = server.plugin_pids() - others
                memory = memory_of(pid)
                resident[peer.key].append(memory["Rss"])
                unique[peer.key].append(memory["Private_Clean"] + memory["Private_Dirty"])
                server.ask("cleanup", clients="memory")
        return (
            Figure("resident", "resident memory after the handshake", "MiB", resident),
            Figure("unique", "unique memory after the handshake", "MiB", unique),
        )

    def over_calls(self, workload: Workload, steps: Sequence[int]) -> list[Figure]:
        """A fresh process: the time from launch to the end of the n-th call, its memory then, its processor time."""
        seconds: dict[int, dict[str, list[float]]] = {step: {} for step in steps}
        memory: dict[int, dict[str, list[float]]] = {step: {} for step in steps}
        processor: dict[str, list[float]] = {}
        for peer in (peer for peer in self.peers if peer.key in workload.peers):
            self.say(f"{peer.title}: {steps[-1]:,} calls of one process")
            server = self._servers[peer.key]
            others = server.plugin_pids()
            elapsed = server.ask("appliesTo", name=peer.name, clients="calls").seconds
            (pid,) = server.plugin_pids() - others
            done = 0
            for step in steps:
                elapsed += sum(self._calls(peer, workload, step - done, "calls")) / MILLI
                done = step
                seconds[step][peer.key] = [elapsed]
                memory[step][peer.key] = [memory_of(pid)["Rss"]]
            processor[peer.key] = [processor_seconds_of(pid)]
            server.ask("cleanup", clients="calls")
        return [
            *(Figure(f"calls/{step}", f"launch and {_calls_text(step)}", "s", seconds[step]) for step in steps),
            *(Figure(f"memory/{step}", f"memory after {_calls_text(step)}", "MiB", memory[step]) for step in steps),
            Figure("processor", f"processor time of the plugin, {_calls_text(steps[-1])}", "s", processor),
        ]

    def _cleanup(self) -> None:
        for server in self._servers.values():
            server.ask("cleanup")

    def _calls(self, peer: Peer, workload: Workload, count: int | None = None, clients: str = "") -> list[float]:
        calls = workload.calls if count is None else count
        pod, restore = workload.pod, workload.restore
        parameters = {"item": pod, "itemFromBackup": pod, "restore": restore, "count": calls, "clients": clients}
        answer = self._servers[peer.key].begin("executeMany", name=peer.name, **parameters).result()
        return [nanoseconds / 1e6 for nanoseconds in answer.result]

    def _check(self, peer: Peer, workload: Workload) -> None:
        """A figure of a plugin that does not do the work would be worse than none."""
        pod, restore = workload.pod, workload.restore
        updated = self._servers[peer.key].execute(peer.name, pod, restore=restore).result["UpdatedItem"]
        hooks = len(updated["spec"].get("initContainers") or [])
        expected = 0 if peer.key == "echo" else workload.hooks
        if hooks != expected:
            raise RuntimeError(
                f"{peer.title}, {workload.title}: it answered a pod with {hooks} init containers, not {expected}; "
                "what it does must be the same before its time can be compared"
            )


def memory_of(pid: int) -> dict[str, float]:
    """Memory of a process in MiB, by the keys of smaps_rollup (proc(5))."""
    fields: dict[str, float] = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        key, kib, *_ = line.split()
        fields[key.removesuffix(":")] = int(kib) * 1024 / MIB
    return fields


def processor_seconds_of(pid: int) -> float:
    """Time that a process has had a processor, in user and kernel mode (utime and stime of proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def by_turns(sequence: Sequence[T], number: int) -> Sequence[T]:
    """The sequence, each round beginning with another one of it."""
    first = number % len(sequence)
    return [*sequence[first:], *sequence[:first]]


def _calls_text(number: int) -> str:
    return "1 call" if number == 1 else f"{number:,} calls"
