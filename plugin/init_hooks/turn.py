"""Since when it is a hook's turn: its pod is on a node, the sandbox is ready, the init containers before it are done.

A hook's timeout runs from then on, so that a pod may wait as long as it takes for a node, for its volumes, or for
Velero's `restore-wait` to see the volumes' data restored.
"""

from __future__ import annotations

import typing

import msgspec

from init_hooks.container_state import Done, Failed, Pending, container_state
from init_hooks.kubelet_text import one_line
from init_hooks.restored_pod import epoch

if typing.TYPE_CHECKING:
    from init_hooks.restored_pod import RestoredPod

# The condition's name since Kubernetes 1.29, and the one of its first alpha. The kubelet sets it when the pod has
# its sandbox, network and volumes; before 1.36 only after the first image has been pulled, too.
_SANDBOX_READY = ("PodReadyToStartContainers", "PodHasNetwork")


class Turn(msgspec.Struct, frozen=True):
    """It is the hook's turn. `since` is in seconds since the Unix epoch, None where the status tells no time."""

    since: float | None


class NotYet(msgspec.Struct, frozen=True):
    """It is not the hook's turn: what it waits for."""

    text: str


class Never(msgspec.Struct, frozen=True):
    """It will not be the hook's turn: an init container before it has failed for good."""

    text: str


def turn_of(name: str, pod: RestoredPod, state: Done | Pending | Failed) -> Turn | NotYet | Never:
    """Tell whether it is the turn of an init container, whose state is given as well."""
    begun = not isinstance(state, Pending) or state.begun
    sandbox = _sandbox_ready(pod, begun=begun)
    times = [sandbox]
    for container in pod.init_containers:
        if container.name == name:
            break
        before = container_state(container, pod)
        if isinstance(before, Done):
            times.append(before.at)
        elif isinstance(before, Failed):
            return Never(f"init container {container.name} {before.text}")
        elif not begun and (before.begun or sandbox is not None):
            return NotYet(f"waiting for init container {container.name}: {before.text}")
        elif not begun:
            break
    if begun or sandbox is not None:
        return Turn(max((time for time in times if time is not None), default=None))
    return NotYet(_not_on_a_node(pod) or "waiting for the pod's volumes and network")


def _sandbox_ready(pod: RestoredPod, *, begun: bool) -> float | None:
    condition = pod.condition(*_SANDBOX_READY)
    if condition:
        return epoch(condition.last_transition_time) if condition.status == "True" else None
    # A kubelet before 1.29: an address shows that there is a sandbox, but not since when.
    return epoch(pod.status.start_time) if pod.status.pod_ip or begun else None


def _not_on_a_node(pod: RestoredPod) -> str:
    condition = pod.condition("PodScheduled")
    if condition and condition.status == "True":
        return ""
    message = one_line(condition.message) if condition else ""
    return "waiting for a node" + (f": {message}" if message else "")
