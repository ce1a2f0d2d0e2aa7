"""Running a command inside the lab's network, from the outside."""

import json
import os
import shlex
import subprocess
from dataclasses import dataclass

from local_velero.component import Report, replace_file
from local_velero.failure import LabError
from local_velero.layout import Layout

TIMEOUT_SECONDS = 240.0


@dataclass(frozen=True)
class Inside:
    """A running lab, seen by the commands that work on it."""

    layout: Layout
    report: Report

    def environment(self) -> dict[str, str]:
        """Return what is set for commands that work on the lab."""
        return {
            "KUBECONFIG": str(self.layout.kubeconfig),
            "KUBECACHEDIR": str(self.layout.state / "kubectl-cache"),
            "CONTAINERD_ADDRESS": str(self.layout.containerd_socket),
            "CONTAINERD_NAMESPACE": "k8s.io",
            # No proxy of the machine is reached from in there, and none is needed.
            "NO_PROXY": "*",
            "no_proxy": "*",
            "LAB_NETWORK": f"/proc/{self.report.supervisor}/ns/net",
            "LAB_NETWORK_ID": self.report.network,
            "LAB_LOGS": str(self.layout.logs),
            "LAB_STATE": str(self.layout.state),
            "PATH": f"{self.layout.tools}:{os.environ['PATH']}",
        }

    def write_environment(self) -> None:
        """Store the environment as shell assignments, for `hack/lab env` and `hack/lab exec`."""
        stored = {**self.environment(), "PATH": str(self.layout.tools)}
        lines = [f"export {name}={shlex.quote(value)}" for name, value in stored.items() if name != "PATH"]
        lines.append(f'export PATH={shlex.quote(str(self.layout.tools))}:"$PATH"')
        replace_file(self.layout.environment, "\n".join(lines) + "\n")

    def run(self, *command: str, document: str | None = None) -> str:
        """Run a command in the lab's network and return its output; raise LabError with its words when it fails."""
        environment = {**os.environ, **self.environment()}
        full = ["nsenter", f"--net={environment['LAB_NETWORK']}", *command]
        try:
            result = subprocess.run(
                full,
                capture_output=True,
                text=True,
                check=False,
                env=environment,
                input=document,
                timeout=TIMEOUT_SECONDS,
            )
        except subprocess.TimeoutExpired as error:
            raise LabError(f"`{shlex.join(command)}` did not end within {TIMEOUT_SECONDS:.0f} s") from error
        if result.returncode:
            said = result.stderr.strip() or result.stdout.strip()
            raise LabError(f"`{shlex.join(command)}` failed with exit code {result.returncode}:\n{said}")
        return result.stdout

    def get(self, *arguments: str) -> list[dict[str, object]]:
        """Return the objects that `kubectl get` finds."""
        answer = json.loads(self.run("kubectl", "get", "--request-timeout=10s", "-o", "json", *arguments))
        return list(answer.get("items", [answer]))
