"""How far the wait for a pod's hooks is, read from the Pod alone: no clock, no client and no memory.

Velero polls until it is told that the operation is completed. An exception would be a failed operation to it, not a
poll to be repeated (getRestoreItemOperationProgress in its pkg/controller/restore_operations_controller.go).
"""

from __future__ import annotations

import typing

from init_hooks.container_state import Done, Failed, Pending, container_state
from init_hooks.kubelet_text import one_line
from init_hooks.operation import duration_text
from init_hooks.origin import Origin, origin_of
from init_hooks.turn import Never, NotYet, Turn, turn_of
from velero_bridge import OperationProgress

if typing.TYPE_CHECKING:
    from init_hooks.operation import HookWait, Operation
    from init_hooks.restored_pod import RestoredPod

UNITS = "hooks"


def progress_of(operation: Operation, pod: RestoredPod | None, restore: bytes, now: float) -> OperationProgress:
    """Tell how far an operation is.

    Args:
        operation: What the restore waits for.
        pod: The Pod as it is now, None where there is none; an operation without hooks needs none.
        restore: The Restore, JSON.
        now: Seconds since the Unix epoch.
    """
    start = OperationProgress(n_total=len(operation.hooks), operation_units=UNITS, updated=now)
    if not operation.hooks:
        return _completed(operation, start._replace(description="no hook to wait for"))
    if pod is None:
        gone = start._replace(description="the pod is not in the cluster")
        error = "it was not created (the restore's errors tell why), or it was deleted before its hooks had ended"
        return _completed(operation, gone, f"not in the cluster: {error}")
    match origin_of(pod, restore):
        case Origin.BEFORE:
            description = (
                "the pod was there before the restore: Velero left it as it was, so it has no hooks to wait for"
            )
            return _completed(operation, start._replace(description=description))
        case Origin.SINCE:
            replaced = start._replace(description="the pod has been replaced")
            error = "replaced while the restore ran: the pod that has its name now was not restored and has no hooks"
            return _completed(operation, replaced, error)
    names = [container.name for container in pod.init_containers]
    if missing := [hook.name for hook in operation.hooks if hook.name not in names]:
        error = (
            f"found the init containers {', '.join(names) or '(none)'}, expected {', '.join(missing)} among them: an "
            "admission webhook or a resource modifier of the restore has taken it out or renamed it"
        )
        return _completed(operation, start._replace(description=f"{missing[0]}: not in the pod"), error)
    hooks = sorted(operation.hooks, key=lambda hook: names.index(hook.name))
    return _progress_in(operation, hooks, pod, start)


def progress_unknown(operation: Operation, message: str, now: float) -> OperationProgress:
    """Tell that the Pod could not be read this time; Velero asks again."""
    return OperationProgress(
        n_total=len(operation.hooks), operation_units=UNITS, description=f"not known: {message}", updated=now
    )


def _progress_in(
    operation: Operation, hooks: list[HookWait], pod: RestoredPod, start: OperationProgress
) -> OperationProgress:
    """Look for the first hook that is not done; those after it wait for it."""
    containers = {container.name: container for container in pod.init_containers}
    progress = start
    for n_done, hook in enumerate(hooks):
        state = container_state(containers[hook.name], pod)
        turn = turn_of(hook.name, pod, state)
        if n_done == 0 and isinstance(turn, Turn):
            progress = progress._replace(started=turn.since)
        if not isinstance(state, Done):
            description, error = _not_done(hook, state, turn, pod, start.updated or 0.0)
            progress = progress._replace(n_completed=n_done, description=description)
            return _completed(operation, progress, error) if error else progress
    progress = progress._replace(n_completed=len(hooks), description="every hook ended with exit code 0")
    return _completed(operation, progress)


def _completed(operation: Operation, progress: OperationProgress, error: str = "") -> OperationProgress:
    """End the operation: with an error where there is one, or where a hook was wrong from the start."""
    errors = [f"pod {operation.namespace}/{operation.pod}: {error}"] if error else []
    return progress._replace(completed=True, err="; ".join([*errors, *operation.problems]))


def _not_done(
    hook: HookWait, state: Pending | Failed, turn: Turn | NotYet | Never, pod: RestoredPod, now: float
) -> tuple[str, str]:
    """Describe a hook, and give the error where it will not get done or its time is up."""
    text = turn.text if isinstance(turn, NotYet | Never) else state.text
    told = f"{hook.name}: {text}"
    if lost := _lost(pod):
        return told, f"{lost}; hook {told}"
    if isinstance(state, Failed) or isinstance(turn, Never):
        return told, f"hook {told}"
    if isinstance(turn, NotYet) or turn.since is None:
        return told, ""
    elapsed = max(now - turn.since, 0.0)  # the clocks of the node and of Velero may differ
    limit = duration_text(hook.timeout)
    if elapsed >= hook.timeout:
        return told, f"hook {hook.name} was not done within its timeout of {limit}: {text}"
    return f"{told} ({duration_text(int(elapsed))} of {limit})", ""


def _lost(pod: RestoredPod) -> str:
    """Tell why no container of the pod will be started any more, if that is so."""
    if pod.status.phase in {"Failed", "Succeeded"}:
        why = [part for part in (pod.status.reason, one_line(pod.status.message)) if part]
        return f"the pod has ended ({': '.join(why)})" if why else "the pod has ended"
    return "the pod is being deleted" if pod.metadata.deletion_timestamp else ""
