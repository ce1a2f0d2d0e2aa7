"""How far the wait for a pod's hooks is, read from the Pod alone: no clock, no client and no memory.

Velero polls until it is told that the operation is completed. An exception would be a failed operation to it, not a
poll to be repeated (getRestoreItemOperationProgress in its pkg/controller/restore_operations_controller.go).
"""

from __future__ import annotations

import typing

import msgspec

from init_hooks.container_state import Done, Failed, Pending, container_state
from init_hooks.kubelet_text import one_line
from init_hooks.operation import duration_text
from init_hooks.origin import Origin, origin_of, restore_metadata
from init_hooks.restored_pod import epoch
from init_hooks.turn import Never, NotYet, turn_of
from velero_bridge import OperationProgress

if typing.TYPE_CHECKING:
    from init_hooks.operation import HookWait, Operation
    from init_hooks.restored_pod import Metadata, RestoredPod

UNITS = "hooks"


class _Standing(msgspec.Struct, frozen=True):
    """How an operation stands; with an error it has failed."""

    description: str
    error: str = ""
    n_completed: int = 0
    completed: bool = True


def progress_of(operation: Operation, pod: RestoredPod | None, restore: bytes, now: float) -> OperationProgress:
    """Tell how far an operation is.

    Args:
        operation: What the restore waits for.
        pod: The Pod as it is now, None where there is none; an operation without hooks needs none.
        restore: The Restore, JSON.
        now: Seconds since the Unix epoch.

    Raises:
        msgspec.DecodeError: The bytes are no Restore.
    """
    created_by = restore_metadata(restore)
    standing = _standing(operation, pod, created_by, now)
    errors = [f"pod {operation.namespace}/{operation.pod}: {standing.error}"] if standing.error else []
    return OperationProgress(
        completed=standing.completed,
        err="; ".join([*errors, *operation.problems]) if standing.completed else "",
        n_completed=standing.n_completed,
        n_total=len(operation.hooks),
        operation_units=UNITS,
        description=standing.description,
        started=epoch((pod.metadata if pod else created_by).creation_timestamp),
        updated=now,
    )


def progress_unknown(operation: Operation, message: str, now: float) -> OperationProgress:
    """Tell that the Pod could not be read this time; Velero asks again."""
    return OperationProgress(
        n_total=len(operation.hooks), operation_units=UNITS, description=f"not known: {message}", updated=now
    )


def _standing(operation: Operation, pod: RestoredPod | None, created_by: Metadata, now: float) -> _Standing:
    if not operation.hooks:
        return _Standing("no hook to wait for")
    if pod is None:
        error = "it was not created (the restore's errors tell why), or it was deleted before its hooks had ended"
        return _Standing("the pod is not in the cluster", f"not in the cluster: {error}")
    names = [container.name for container in pod.init_containers]
    missing = [hook.name for hook in operation.hooks if hook.name not in names]
    match origin_of(pod.metadata, created_by, has_hooks=not missing):
        case Origin.BEFORE:
            return _Standing("not restored: a pod of this name was in the cluster before the restore")
        case Origin.SINCE:
            error = "the pod that has its name now was not restored and has no hooks"
            return _Standing("the pod has been replaced", f"replaced while the restore ran: {error}")
    if missing:
        error = (
            f"found the init containers {', '.join(names) or '(none)'}, expected {', '.join(missing)} among them: an "
            "admission webhook or a resource modifier of the restore has taken it out or renamed it"
        )
        return _Standing(f"{missing[0]}: not in the pod", error)
    return _first_not_done(sorted(operation.hooks, key=lambda hook: names.index(hook.name)), pod, now)


def _first_not_done(hooks: list[HookWait], pod: RestoredPod, now: float) -> _Standing:
    """Look for the hook that the others wait for."""
    containers = {container.name: container for container in pod.init_containers}
    for n_done, hook in enumerate(hooks):
        state = container_state(containers[hook.name], pod)
        if not isinstance(state, Done):
            description, error = _not_done(hook, state, pod, now)
            return _Standing(description, error, n_done, completed=bool(error))
    return _Standing("every hook is done", n_completed=len(hooks))


def _not_done(hook: HookWait, state: Pending | Failed, pod: RestoredPod, now: float) -> tuple[str, str]:
    """Describe a hook, and give the error where it will not get done or its time is up."""
    turn = turn_of(hook.name, pod, state)
    text = turn.text if isinstance(turn, NotYet | Never) else state.text
    told = f"{hook.name}: {text}"
    for_good = isinstance(state, Failed) or isinstance(turn, Never)
    lost = "" if for_good and not pod.status.reason else _lost(pod)  # the hook's own words are enough
    if for_good or lost:
        return told, f"{lost}; hook {told}" if lost else f"hook {told}"
    if isinstance(turn, NotYet | Never) or turn.since is None:
        return told, ""
    elapsed = max(now - turn.since, 0.0)  # the clocks of the node and of Velero may differ
    limit = duration_text(hook.timeout)
    if elapsed >= hook.timeout:
        return told, f"hook {hook.name} was not done within its timeout of {limit}: {text}"
    return f"{told} ({duration_text(int(elapsed))} of {limit})", ""


def _lost(pod: RestoredPod) -> str:
    """Tell why no container of the pod will be started any more, if that is so."""
    if pod.status.phase in {"Failed", "Succeeded"}:
        why = [part for part in (one_line(pod.status.reason), one_line(pod.status.message)) if part]
        return f"the pod has ended ({': '.join(why)})" if why else "the pod has ended"
    return "the pod is being deleted" if pod.metadata.deletion_timestamp else ""
