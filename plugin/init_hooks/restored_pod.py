"""The Pod as the API server has it after the restore: what tells how its init containers are doing.

Fields and meanings: the Kubernetes API reference, Pod v1. Times in it are set by the API server, the scheduler and
the kubelet, each by its own clock.
"""

from __future__ import annotations

import datetime as dt

import msgspec

Time = dt.datetime | None  # the API writes null for a time that it doesn't know


class RestartRule(msgspec.Struct, frozen=True, rename="camel"):
    """A rule by which a container is restarted or not, before its restart policy is asked."""

    class ExitCodes(msgspec.Struct, frozen=True):
        """The exit codes that the rule is for: `In` or `NotIn` the values."""

        operator: str = ""
        values: tuple[int, ...] | None = None

    action: str = ""
    exit_codes: ExitCodes | None = None

    def matches(self, exit_code: int) -> bool:
        """Tell whether the rule is for this exit code."""
        if not self.exit_codes:
            return False
        listed = exit_code in (self.exit_codes.values or ())
        return listed if self.exit_codes.operator == "In" else not listed


class InitContainer(msgspec.Struct, frozen=True, rename="camel"):
    """An init container of the pod's spec. With restart policy `Always` it is a sidecar."""

    name: str
    restart_policy: str = ""
    restart_policy_rules: tuple[RestartRule, ...] | None = None


class Waiting(msgspec.Struct, frozen=True):
    """The container is not running: why, in the kubelet's words."""

    reason: str = ""
    message: str = ""


class Running(msgspec.Struct, frozen=True, rename="camel"):
    """The container is running."""

    started_at: Time = None


class Terminated(msgspec.Struct, frozen=True, rename="camel"):
    """The container has ended; the message is what it wrote, or its last lines."""

    exit_code: int = 0
    reason: str = ""
    message: str = ""
    finished_at: Time = None


class ContainerState(msgspec.Struct, frozen=True):
    """One of three; none of them means waiting."""

    waiting: Waiting | None = None
    running: Running | None = None
    terminated: Terminated | None = None


class ContainerStatus(msgspec.Struct, frozen=True, rename="camel"):
    """How a container is now, and how it ended the time before."""

    name: str
    state: ContainerState = ContainerState()
    last_state: ContainerState = ContainerState()
    restart_count: int = 0
    started: bool | None = None


class Condition(msgspec.Struct, frozen=True, rename="camel"):
    """A pod condition."""

    type: str
    status: str = ""
    last_transition_time: Time = None
    message: str = ""


class Metadata(msgspec.Struct, frozen=True, rename="camel"):
    """The object's name and life."""

    name: str
    namespace: str = ""
    creation_timestamp: Time = None
    deletion_timestamp: Time = None
    labels: dict[str, str] | None = None


class Spec(msgspec.Struct, frozen=True, rename="camel"):
    """What the pod shall be."""

    init_containers: tuple[InitContainer, ...] | None = None
    restart_policy: str = "Always"


class Status(msgspec.Struct, frozen=True, rename="camel"):
    """How the pod is."""

    phase: str = ""
    reason: str = ""
    message: str = ""
    conditions: tuple[Condition, ...] | None = None
    pod_ip: str = msgspec.field(default="", name="podIP")
    start_time: Time = None
    init_container_statuses: tuple[ContainerStatus, ...] | None = None


class RestoredPod(msgspec.Struct, frozen=True):
    """A Pod."""

    metadata: Metadata
    spec: Spec = Spec()
    status: Status = Status()

    @property
    def init_containers(self) -> tuple[InitContainer, ...]:
        """The init containers in the order in which they run."""
        return self.spec.init_containers or ()

    def container_status(self, name: str) -> ContainerStatus | None:
        """Give the status of an init container, None while the kubelet has not written one."""
        statuses = self.status.init_container_statuses or ()
        return next((status for status in statuses if status.name == name), None)

    def condition(self, *types: str) -> Condition | None:
        """Give the first of the pod's conditions that is of one of these types."""
        return next((condition for condition in self.status.conditions or () if condition.type in types), None)


def epoch(time: Time) -> float | None:
    """Give a time in seconds since the Unix epoch."""
    return time.timestamp() if time else None


_POD = msgspec.json.Decoder(RestoredPod)


def read_pod(json: bytes) -> RestoredPod:
    """Read a Pod from the API's JSON.

    Raises:
        msgspec.DecodeError: The bytes are no Pod.
    """
    return _POD.decode(json)
