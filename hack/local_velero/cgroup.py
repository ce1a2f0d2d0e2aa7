"""The cgroup below which kubelet puts the pods, in every hierarchy of the machine (cgroup v1, v2 or both)."""

import os
import time
from pathlib import Path

from local_velero.failure import LabError

NAME = "velero-init-hooks-lab"
CONTROLLERS = ("cpu", "cpuset", "io", "memory", "pids", "hugetlb")
REMOVE_SECONDS = 20.0


def hierarchies() -> list[tuple[Path, str]]:
    """List the mounted hierarchies: folder and type (`cgroup` or `cgroup2`)."""
    mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
    return [(Path(fields[1]), fields[2]) for fields in mounts if fields[2] in ("cgroup", "cgroup2")]


def check() -> None:
    """Raise LabError when cgroups are missing or read-only here."""
    found = hierarchies()
    if not found:
        raise LabError("no cgroup hierarchy is mounted below /sys/fs/cgroup: kubelet needs one (cgroup v1 or v2)")
    for folder, _ in found:
        if not os.access(folder, os.W_OK) or os.statvfs(folder).f_flag & os.ST_RDONLY:
            raise LabError(
                f"{folder} is read-only: kubelet must create cgroups; run on a machine (or VM) that allows it"
            )


def create() -> None:
    """Make the lab's cgroup, with every controller that kubelet wants."""
    for folder, kind in hierarchies():
        (folder / NAME).mkdir(exist_ok=True)
        if kind == "cgroup2":
            available = (folder / "cgroup.controllers").read_text().split()
            wanted = " ".join(f"+{name}" for name in CONTROLLERS if name in available)
            (folder / "cgroup.subtree_control").write_text(wanted)


def remove() -> None:
    """Delete the lab's cgroup and all below it; the processes in it are dead or about to be."""
    deadline = time.monotonic() + REMOVE_SECONDS
    for hierarchy, _ in hierarchies():
        for folder, _, _ in os.walk(hierarchy / NAME, topdown=False):
            while not removed(Path(folder)):
                if time.monotonic() > deadline:
                    left = (Path(folder) / "cgroup.procs").read_text().split()
                    raise LabError(f"{folder} still holds the processes {left} after {REMOVE_SECONDS:.0f} s")
                time.sleep(0.02)


def removed(folder: Path) -> bool:
    """Try to delete one cgroup; the kernel refuses while a process in it is on its way out."""
    try:
        folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True
