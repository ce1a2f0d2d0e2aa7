"""The lab's first process: pid 1 of its pid namespace, owner of its mounts and its network.

Started by `isolation.start` as `unshare --pid --mount --net --fork … python supervisor.py PLAN`. It gives the
namespaces what the components need, starts each component once those it waits for are ready, and then only collects
the processes that end. A component that ends is reported, not restarted: `hack/lab up` starts a fresh lab then.
"""

import os
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from local_velero.component import Component, Plan, Report, Started

POLL_SECONDS = 0.05
PROBE_SECONDS = 1.0


def set_up_mounts(plan: Plan) -> None:
    """Show the lab's processes their own /proc, /run and the like; shared, as kubelet expects of its mounts."""
    mount("--make-rshared", "/")
    for bind in plan.binds:
        mount("--bind", bind.source, bind.target)


def set_up_network(plan: Plan) -> None:
    """Give the network namespace its addresses. No route leads out of it."""
    run("ip", "link", "set", "lo", "up")
    for address in plan.addresses:
        run("ip", "address", "add", address, "dev", "lo")
    Path("/proc/sys/net/ipv4/ip_forward").write_text("1")


def mount(*arguments: str) -> None:
    """Mount something in the lab's own view of the file system."""
    run("mount", *arguments)


def run(*command: str) -> None:
    """Run a command; one that fails ends the supervisor with the command's own words."""
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise SystemExit(f"{' '.join(command)}: exit code {result.returncode}: {result.stderr.strip()}")


def answers(address: str) -> bool:
    """Tell whether a component's `ready` address answers."""
    parts = urlsplit(address)
    try:
        if parts.scheme in ("http", "https"):
            # The certificates are made by the components themselves, for themselves.
            context = ssl._create_unverified_context() if parts.scheme == "https" else None  # noqa: S323, SLF001
            with urllib.request.urlopen(address, timeout=PROBE_SECONDS, context=context) as answer:  # noqa: S310
                return bool(answer.status == HTTPStatus.OK)
        family = socket.AF_UNIX if parts.scheme == "unix" else socket.AF_INET
        with socket.socket(family) as probe:
            probe.settimeout(PROBE_SECONDS)
            probe.connect(parts.path if parts.scheme == "unix" else (parts.hostname, parts.port))
            return True
    except OSError:
        return False


class Supervisor:
    """Starts the plan's components in their order and keeps the report true."""

    def __init__(self, plan: Plan, report: Report) -> None:
        self.plan = plan
        self.report = report
        self.began = time.monotonic()

    def write(self, **changes: object) -> None:
        """Change the report and store it."""
        self.report = replace(self.report, **changes)  # type: ignore[arg-type]
        self.report.write(Path(self.plan.report))

    def note(self, name: str, started: Started) -> None:
        """Store what is known of one component."""
        self.write(started={**self.report.started, name: started})

    def start(self, component: Component) -> None:
        """Start a component in a session of its own, its output in its log file."""
        with (Path(self.plan.logs) / f"{component.name}.log").open("ab") as log:
            process = subprocess.Popen(
                component.command,
                env={**os.environ, **component.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        # Collected by `collect`, together with the orphans that pid 1 inherits.
        process.returncode = 0
        self.note(component.name, Started(process.pid))

    def collect(self, options: int) -> bool:
        """Take leave of one process that has ended, noting it when it is a component; return whether there was one."""
        try:
            pid, status = os.waitpid(-1, options)
        except ChildProcessError:
            return False
        for name, started in self.report.started.items():
            if started.pid == pid:
                self.note(name, replace(started, exit_code=os.waitstatus_to_exitcode(status)))
        return pid != 0

    def advance(self) -> bool:
        """Start what can be started, ask the others whether they are ready; return whether all of them are."""
        for component in self.plan.components:
            started = self.report.started.get(component.name)
            if started is None:
                if all(self.is_ready(name) for name in component.after):
                    self.start(component)
            elif started.ready_after is None and started.exit_code is None and answers(component.ready):
                self.note(component.name, replace(started, ready_after=round(time.monotonic() - self.began, 2)))
        return all(self.is_ready(component.name) for component in self.plan.components)

    def is_ready(self, name: str) -> bool:
        """Tell whether the component has been started and is ready."""
        started = self.report.started.get(name)
        return started is not None and started.is_ready

    def serve(self) -> None:
        """Bring all components up, then collect processes until somebody ends the supervisor."""
        while not self.advance():
            time.sleep(POLL_SECONDS)
            while self.collect(os.WNOHANG):
                pass
        while self.collect(0):
            pass


def main() -> None:
    """Run the plan named on the command line; what goes wrong before the first component lands in the report."""
    plan = Plan.read(Path(sys.argv[1]))
    # The machine's /proc is still mounted here: it knows this process by the pid that others need.
    report = Report(
        supervisor=int(Path("/proc/self").readlink().name), network=str(Path("/proc/self/ns/net").readlink())
    )
    supervisor = Supervisor(plan, report)
    supervisor.write()
    try:
        mount("-t", "proc", "proc", "/proc")
        set_up_mounts(plan)
        set_up_network(plan)
        supervisor.serve()
    except (OSError, SystemExit) as error:
        supervisor.write(failure=str(error))
        raise


if __name__ == "__main__":
    main()
