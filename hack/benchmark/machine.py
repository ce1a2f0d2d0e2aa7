"""Where the figures were made."""

import os
import platform
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True)
class Machine:
    """What a reader must know to place the figures."""

    processor: str
    cores: int
    memory_gib: int
    system: str
    python: str
    date: str
    commit: str
    load: float

    def __str__(self) -> str:
        busy = f"; busy with other work (load {self.load:.1f})" if self.load > self.cores / 2 else ""
        return (
            f"{self.processor}, {self.cores} cores, {self.memory_gib} GiB, {self.system}; "
            f"{self.date}, commit {self.commit}{busy}"
        )


def this_machine() -> Machine:
    """Describe this machine, now."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return Machine(
        processor=_field(Path("/proc/cpuinfo"), "model name", ":") or platform.machine(),
        cores=len(os.sched_getaffinity(0)),
        memory_gib=round(memory / 2**30),
        system=f"{_field(Path('/etc/os-release'), 'PRETTY_NAME', '=') or 'Linux'}, Linux {platform.release()}",
        python=platform.python_version(),
        date=datetime.now(UTC).date().isoformat(),
        commit=_commit(),
        load=os.getloadavg()[0],
    )


def _field(file: Path, name: str, separator: str) -> str:
    for line in file.read_text().splitlines():
        key, _, value = line.partition(separator)
        if key.strip() == name:
            return value.strip().strip('"')
    return ""


def _commit() -> str:
    root = Path(__file__).parent
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=root, capture_output=True, text=True, check=False
    )
    return described.stdout.strip() or "unknown"
