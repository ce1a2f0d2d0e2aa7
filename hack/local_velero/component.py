"""What the supervisor is asked to run, and what it says about it."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Component:
    """One long-running program of the lab.

    `ready` is an address that answers when the component works: `http://…` and `https://…` (status 200),
    `tcp://host:port` or `unix:///path` (a connection). `after` names components that must be ready first.
    """

    name: str
    command: tuple[str, ...]
    ready: str
    after: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Bind:
    """A path that the lab's processes see in the place of another."""

    source: str
    target: str


@dataclass(frozen=True)
class Plan:
    """All that one supervisor sets up and runs."""

    components: tuple[Component, ...]
    binds: tuple[Bind, ...]
    addresses: tuple[str, ...]
    report: str
    logs: str

    def write(self, path: Path) -> None:
        """Store the plan where the supervisor reads it."""
        replace_file(path, json.dumps(asdict(self), indent=1))

    @classmethod
    def read(cls, path: Path) -> "Plan":
        """Load what `write` stored."""
        stored = json.loads(path.read_text())
        stored["components"] = tuple(
            Component(**{**entry, "command": tuple(entry["command"]), "after": tuple(entry["after"])})
            for entry in stored["components"]
        )
        stored["binds"] = tuple(Bind(**entry) for entry in stored["binds"])
        stored["addresses"] = tuple(stored["addresses"])
        return cls(**stored)


@dataclass(frozen=True)
class Started:
    """A component that was started: its pid inside the lab's pid namespace, in seconds after the supervisor's start."""

    pid: int
    ready_after: float | None = None
    exit_code: int | None = None

    @property
    def is_ready(self) -> bool:
        """Whether it has answered once and still runs."""
        return self.ready_after is not None and self.exit_code is None


@dataclass(frozen=True)
class Report:
    """The supervisor's own pid as the machine sees it, and how far its components are."""

    supervisor: int
    network: str
    started: dict[str, Started] = field(default_factory=dict)
    failure: str = ""

    def write(self, path: Path) -> None:
        """Store the report where `up` and `status` read it."""
        replace_file(path, json.dumps(asdict(self), indent=1))

    @classmethod
    def read(cls, path: Path) -> "Report | None":
        """Load the report, or nothing when the supervisor has not come so far."""
        try:
            stored = json.loads(path.read_text())
        except FileNotFoundError:
            return None
        stored["started"] = {name: Started(**entry) for name, entry in stored["started"].items()}
        return cls(**stored)


def replace_file(path: Path, text: str, mode: int = 0o644) -> None:
    """Write `text` so that a reader finds the old file or the new one, never half of it."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text)
    partial.chmod(mode)
    partial.replace(path)
