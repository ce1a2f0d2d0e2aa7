"""Starting, finding and ending the supervisor, whose namespaces hold the whole lab.

The proof that a lab runs is a lock on a file, taken before the supervisor is started and handed down to it. The
kernel keeps that lock for as long as the supervisor lives and drops it when it is gone. So there are no stale pid
files, and no moment at which a killed `up` could leave something that is not found.
"""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from local_velero.component import Report
from local_velero.failure import LabError
from local_velero.layout import HACK, Layout
from local_velero.progress import say

STOP_SECONDS = 30.0
UNSHARE = ("unshare", "--pid", "--mount", "--net", "--fork", "--kill-child")
# The caller's environment, with its proxies and locale, is none of the lab's business.
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@contextmanager
def one_at_a_time(layout: Layout) -> Iterator[None]:
    """Keep a second `up` or `down` waiting. The lock is on the parent folder, so no lock file is left behind."""
    folder = os.open(layout.state.parent, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another hack/lab is at work on this machine: waiting for it")
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def is_running(layout: Layout) -> bool:
    """Tell whether a supervisor lives."""
    try:
        lock = os.open(layout.running_lock, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


def start(layout: Layout) -> None:
    """Start the supervisor with the plan that lies in the state folder. It survives this process."""
    lock = os.open(layout.running_lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with (layout.logs / "supervisor.log").open("ab") as log:
            subprocess.Popen(
                [*UNSHARE, sys.executable, "-m", "local_velero.supervisor", str(layout.plan)],
                env={"PATH": SYSTEM_PATH, "HOME": "/root", "PYTHONPATH": str(HACK), "PYTHONDONTWRITEBYTECODE": "1"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                pass_fds=(lock,),
                start_new_session=True,
            )
    finally:
        os.close(lock)


def stop(layout: Layout) -> None:
    """End the supervisor, and with it every process, mount and network of the lab. Returns when they are gone."""
    deadline = time.monotonic() + STOP_SECONDS
    while left := to_kill(layout) if is_running(layout) else visitors(layout):
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if time.monotonic() > deadline:
            raise LabError(f"these processes of the lab did not end within {STOP_SECONDS:.0f} s: {left}")
        time.sleep(0.02)


def to_kill(layout: Layout) -> list[int]:
    """Return the supervisor's pid; before it exists, that of the `unshare` which is about to make it.

    `unshare` waits for the supervisor and keeps the lock, and the supervisor's end waits for all processes below it:
    as long as only the supervisor is killed, the lock is free only when all of them are gone.
    """
    holders = [pid for pid in pids() if pid != os.getpid() and holds(pid, layout.running_lock)]
    inside = [pid for pid in holders if len(namespace_pids(pid)) > len(namespace_pids(os.getpid()))]
    return inside or holders


def visitors(layout: Layout) -> list[int]:
    """List the commands that were sent into the lab's network by `exec` or by an `up` that was killed.

    The kernel gives a namespace's number away again: the commands' environment tells whether they are the lab's.
    """
    report = Report.read(layout.report)
    if report is None:
        return []
    candidates = [pid for pid in pids() if link_target(Path(f"/proc/{pid}/ns/net")) == report.network]
    return [pid for pid in candidates if f"LAB_NETWORK_ID={report.network}" in environment(pid)]


def environment(pid: int) -> list[str]:
    """Return the environment that a process was started with; empty when it has gone."""
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return []


def pids() -> list[int]:
    """List the machine's processes."""
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def holds(pid: int, path: Path) -> bool:
    """Tell whether a process has the file open."""
    try:
        links = list(Path(f"/proc/{pid}/fd").iterdir())
    except (FileNotFoundError, ProcessLookupError):
        return False
    return any(link_target(link) == str(path) for link in links)


def link_target(link: Path) -> str:
    """Read a symbolic link of /proc, which may vanish at any moment."""
    try:
        return str(link.readlink())
    except OSError:
        return ""


def namespace_pids(pid: int) -> list[int]:
    """Return a process's pids, from the machine's down to its own namespace's; empty when it has gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [int(number) for line in lines if line.startswith("NSpid:") for number in line.split()[1:]]


def outside_pids(supervisor: int) -> dict[int, int]:
    """Map the pids that the supervisor knows to those that the machine knows."""
    namespace = link_target(Path(f"/proc/{supervisor}/ns/pid"))
    members = [pid for pid in pids() if link_target(Path(f"/proc/{pid}/ns/pid")) == namespace]
    return {numbers[-1]: pid for pid in members if (numbers := namespace_pids(pid))}
