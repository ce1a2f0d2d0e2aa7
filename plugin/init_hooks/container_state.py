"""How one init container is doing, read from its Pod's status.

The rules are the kubelet's: pkg/kubelet/kubelet_pods.go (getPhase, convertToAPIContainerStatuses) and
pkg/api/v1/pod/util.go (ContainerShouldRestart) of Kubernetes.
"""

from __future__ import annotations

import typing

import msgspec

from init_hooks.kubelet_text import last_lines, one_line
from init_hooks.restored_pod import epoch

if typing.TYPE_CHECKING:
    from init_hooks.restored_pod import ContainerState, ContainerStatus, InitContainer, RestoredPod, Terminated

# What a container waits with before the kubelet has first tried to start it, its first image pull included.
_NOT_BEGUN = {"", "PodInitializing", "ContainerCreating"}
# The kubelet has removed the container to run all of the pod's again, whatever the restart policies say.
_RESTARTING_ALL = "RestartingAllContainers"


class Done(msgspec.Struct, frozen=True):
    """It ended with exit code 0, or it is a sidecar that has started: when, if the status still tells."""

    at: float | None = None


class Pending(msgspec.Struct, frozen=True):
    """It may still get done. `begun` tells that the kubelet has tried to start it, so that its turn has come."""

    text: str
    begun: bool


class Failed(msgspec.Struct, frozen=True):
    """Kubernetes will not run it again."""

    text: str


def container_state(container: InitContainer, pod: RestoredPod) -> Done | Pending | Failed:
    """Tell how an init container of a pod is doing."""
    status = pod.container_status(container.name)
    if status is None:
        initialized = pod.status.phase in {"Running", "Succeeded"}
        return Done() if initialized else Pending("waiting", begun=False)
    if container.restart_policy == "Always":
        if status.started or pod.status.phase == "Succeeded":
            running = status.state.running
            return Done(epoch(running.started_at) if running else None)
    elif status.state.terminated and status.state.terminated.exit_code == 0:
        return Done(epoch(status.state.terminated.finished_at))
    return _not_done(container, status, pod)


def _not_done(container: InitContainer, status: ContainerStatus, pod: RestoredPod) -> Pending | Failed:
    state = status.state
    ended = state.terminated or status.last_state.terminated
    failure = _failure(status, ended) if ended and ended.exit_code else ""
    if state.running:
        return Pending(_join("running", failure), begun=True)
    reason = state.waiting.reason if state.waiting else ""
    waiting = "" if state.terminated else _waiting(status)
    if reason == "InvalidImageName":
        return Failed(_join(waiting, failure))
    if ended and failure and not _runs_again(container, ended, pod):
        return Failed(failure)
    if failure and reason in {"CrashLoopBackOff", *_NOT_BEGUN}:
        waiting = ""  # that it waits until it is started again goes without saying
    return Pending(_join(waiting, failure) or "ended, will be started again", begun=_has_begun(state))


def _has_begun(state: ContainerState) -> bool:
    return bool(state.running or state.terminated or (state.waiting and state.waiting.reason not in _NOT_BEGUN))


def _runs_again(container: InitContainer, ended: Terminated, pod: RestoredPod) -> bool:
    if pod.status.phase == "Failed":
        return False
    if ended.reason == _RESTARTING_ALL:
        return True
    rules = container.restart_policy_rules or ()
    if any(rule.action.startswith("Restart") and rule.matches(ended.exit_code) for rule in rules):
        return True
    return (container.restart_policy or pod.spec.restart_policy) != "Never"


def _failure(status: ContainerStatus, ended: Terminated) -> str:
    """Tell how often it failed, the exit code and what it said last."""
    times = status.restart_count + (not status.state.running)
    often = "once" if times <= 1 else f"{times} times"
    reason = f" ({one_line(ended.reason)})" if ended.reason not in {"", "Error"} else ""
    lines = last_lines(ended.message)
    return f"failed {often}, exit code {ended.exit_code}{reason}" + (f": {lines}" if lines else "")


def _waiting(status: ContainerStatus) -> str:
    waiting = status.state.waiting
    if waiting is None or waiting.reason in _NOT_BEGUN:
        return "waiting"
    message = one_line(waiting.message)
    return f"waiting, {one_line(waiting.reason)}" + (f": {message}" if message else "")


def _join(*texts: str) -> str:
    return "; ".join(text for text in texts if text)
