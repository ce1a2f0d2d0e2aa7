"""The lab as the tests use it: kubectl and velero in it, and what people do with them."""

import json
import subprocess
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).parents[2]
VELERO_NAMESPACE = "velero"
SERIAL = count(1)
STARTED = int(time.time())

T = TypeVar("T")


class CommandError(AssertionError):
    """A command in the lab failed; the text holds all that it said."""


def run(*command: str | Path, stdin: str | None = None, timeout: float = 300) -> str:
    """Run a command in the lab's network; its stdout.

    Raises:
        CommandError: It did not exit with 0.
    """
    result = subprocess.run(
        [ROOT / "hack/lab", "exec", *command], input=stdin, capture_output=True, text=True, check=False, timeout=timeout
    )
    if result.returncode != 0:
        raise CommandError(
            f"{' '.join(map(str, command))}: exit code {result.returncode}\n{result.stdout}{result.stderr}"
        )
    return result.stdout


def kubectl(*arguments: str | Path, stdin: str | None = None) -> str:
    """Run kubectl."""
    return run("kubectl", *arguments, stdin=stdin)


def velero(*arguments: str) -> str:
    """Run the velero command line."""
    return run("velero", *arguments)


def get(kind: str, name: str, namespace: str) -> dict[str, Any]:
    """An object as the API server has it now."""
    found: dict[str, Any] = json.loads(kubectl("-n", namespace, "get", kind, name, "-o", "json"))
    return found


def apply(namespace: str, *objects: dict[str, Any]) -> None:
    """Create or change objects in a namespace."""
    kubectl(
        "-n", namespace, "apply", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
    )


def await_ready(namespace: str, *pods: str) -> None:
    """Return when the pods are ready."""
    kubectl("-n", namespace, "wait", "--for=condition=Ready", "--timeout=120s", *(f"pod/{pod}" for pod in pods))


def await_that(condition: Callable[[], T], what: str, seconds: float = 120) -> T:
    """Ask until the answer is true, and give it back."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"{seconds:.0f} s have passed, and still not: {what}")
        time.sleep(0.2)
    return answer


def await_velero() -> None:
    """Return when the Velero server runs as its Deployment says, and no older one beside it."""
    kubectl("-n", VELERO_NAMESPACE, "rollout", "status", "deployment/velero", "--timeout=5m")


def new_name(prefix: str) -> str:
    """A name that no earlier test and no earlier run has used."""
    return f"{prefix}-{STARTED}-{next(SERIAL)}"


def backup(namespace: str, *arguments: str) -> str:
    """Back a namespace up, with its volumes' files; the backup's name."""
    name = new_name("backup")
    velero("backup", "create", name, f"--include-namespaces={namespace}", "--wait", *arguments)
    phase = get("backup", name, VELERO_NAMESPACE)["status"]["phase"]
    assert phase == "Completed", velero("backup", "logs", name)
    return name


def delete_namespace(namespace: str) -> None:
    """The disaster."""
    kubectl("delete", "namespace", namespace, "--wait", "--ignore-not-found")


class Restore:
    """A restore that has been created, and what Velero says of it."""

    def __init__(self, backup_name: str, *arguments: str, wait: bool = True) -> None:
        self.name = new_name("restore")
        velero("restore", "create", self.name, f"--from-backup={backup_name}", *(["--wait"] * wait), *arguments)

    @property
    def status(self) -> dict[str, Any]:
        """The Restore's status."""
        status: dict[str, Any] = get("restore", self.name, VELERO_NAMESPACE).get("status", {})
        return status

    @property
    def phase(self) -> str:
        """The phase: New, InProgress, WaitingForPluginOperations, Completed, PartiallyFailed, Failed, and others."""
        return str(self.status.get("phase", "New"))

    def await_phase(self, *phases: str) -> str:
        """Return when the restore is in one of the phases."""
        return await_that(lambda: self.phase if self.phase in phases else "", f"{self.name} is {' or '.join(phases)}")

    def logs(self) -> list[str]:
        """The lines of `velero restore logs`."""
        return velero("restore", "logs", self.name).splitlines()

    def describe(self) -> str:
        """What `velero restore describe --details` shows."""
        return velero("restore", "describe", self.name, "--details")

    def log_line(self, text: str) -> str:
        """The one line of the log that has the text."""
        lines = [line for line in self.logs() if text in line]
        assert len(lines) == 1, f"expected one line with {text!r}, found {len(lines)}: {lines}"
        return lines[0]
