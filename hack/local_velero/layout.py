"""Where the lab keeps its things."""

import os
from dataclasses import dataclass
from pathlib import Path

HACK = Path(__file__).resolve().parent.parent
PARTS = HACK / "parts"
IMAGE_SOURCES = Path(__file__).resolve().parent / "images"

# One lab a machine: its kubelet needs /var/lib/kubelet, where Velero's node agent looks for the volumes.
DEFAULT_STATE = Path("/var/lib/velero-init-hooks-lab")


def cache_folder() -> Path:
    """Return the folder of everything that is costly to make, shared by all checkouts."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "velero-init-hooks"


@dataclass(frozen=True)
class Layout:
    """The paths inside the lab's state folder, which `down` deletes as a whole."""

    state: Path

    @property
    def running_lock(self) -> Path:
        """The file that the supervisor holds locked for as long as it lives: the only proof that a lab runs."""
        return self.state / "running.lock"

    @property
    def plan(self) -> Path:
        """What the supervisor is to start (JSON of `component.Plan`)."""
        return self.state / "plan.json"

    @property
    def report(self) -> Path:
        """What the supervisor has started (JSON of `component.Report`)."""
        return self.state / "report.json"

    @property
    def environment(self) -> Path:
        """Shell assignments for who works inside the lab: `hack/lab env`, `hack/lab exec`."""
        return self.state / "env"

    @property
    def logs(self) -> Path:
        """One log file a component."""
        return self.state / "logs"

    @property
    def tools(self) -> Path:
        """The folder on PATH with `kubectl`, `velero` and `ctr`."""
        return self.state / "bin"

    @property
    def run(self) -> Path:
        """What the lab's processes see as /run."""
        return self.state / "run"

    @property
    def kubeconfig(self) -> Path:
        """The cluster admin's."""
        return self.state / "kubeconfigs" / "admin"

    @property
    def containerd_socket(self) -> Path:
        """Containerd's, as seen from outside the lab."""
        return self.run / "containerd" / "containerd.sock"
