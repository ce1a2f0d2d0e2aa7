"""The table's Pods are recorded from a real kubelet by `statuses/record`; edits to them make what it can't show."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from init_hooks.operation import HookWait, Operation
from init_hooks.progress import progress_of, progress_unknown
from init_hooks.restored_pod import RestoredPod, epoch, read_pod
from velero_bridge import OperationProgress

STATUSES = Path(__file__).parent / "statuses"
RESTORE = b'{"metadata":{"name":"after-disaster","creationTimestamp":"2026-11-01T00:00:00Z"}}'
HOOK, SECOND = "velero-restore-init-0", "velero-restore-init-1"
TIMEOUT = 90.0
YEAR = 365 * 86400.0

LAST_LINES = "connecting to db:5432 | ERROR: no such table: orders"
NO_NODE = (
    "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, "
    "preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."
)
NOT_PULLED = (
    'failed to pull and unpack image "127.0.0.1:1/team/fixer:1.0": failed to resolve reference '
    '"127.0.0.1:1/team/fixer:1.0": failed to do request: Head "http://127.0.0.1:1/v2/team/fixer/manifests/1.0": dial '
    "tcp 127.0.0.1:1: connect: connection refused"
)
BAD_NAME = (
    'Failed to apply default image tag "Team/Fixer::1.0": couldn\'t parse image name "Team/Fixer::1.0": invalid '
    "reference format: repository name (Fixer) must be lowercase"
)
NO_SUCH_COMMAND = (
    "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: "
    'unable to start container process: exec: "/opt/none-such": stat /opt/none-such: no such file or directory: unknown'
)
DEADLINE = "DeadlineExceeded: Pod was active on the node longer than the specified deadline"


def recorded(name: str) -> dict[str, Any]:
    """Give a recorded Pod."""
    pod: dict[str, Any] = json.loads((STATUSES / f"{name}.json").read_bytes())
    return pod


def pod_of(pod: dict[str, Any]) -> RestoredPod:
    """Give a Pod as the API server's answer is read."""
    return read_pod(json.dumps(pod).encode())


def operation(name: str, *hooks: str, problems: tuple[str, ...] = ()) -> Operation:
    """Give an operation that waits for hooks of a recorded Pod."""
    waits = tuple(HookWait(hook, TIMEOUT) for hook in hooks or (HOOK,))
    return Operation("hook-statuses", name, waits, problems)


def moment(pod: dict[str, Any], event: str) -> float:
    """Give the time of an event in a Pod's status: "PodScheduled", "restore-wait finished", "proxy started"."""
    name, _, what = event.partition(" ")
    if not what:
        (text,) = (each["lastTransitionTime"] for each in pod["status"]["conditions"] if each["type"] == name)
    else:
        (status,) = (each for each in pod["status"]["initContainerStatuses"] if each["name"] == name)
        text = next(iter(status["state"].values()))[f"{what}At"]
    return datetime.fromisoformat(text).timestamp()


def expected(pod: dict[str, Any], now: float, description: str, **more: Any) -> OperationProgress:
    """Give the whole answer to be expected."""
    created = datetime.fromisoformat(pod["metadata"]["creationTimestamp"]).timestamp()
    told = {"n_total": 1, "operation_units": "hooks", "description": description, "started": created, "updated": now}
    return OperationProgress(**{**told, **more})


class Tried(NamedTuple):
    """A Pod whose hook may still get done: since when its time runs, and what is told of it."""

    pod: str
    since: str
    text: str
    n_done: int = 0


READY = "PodReadyToStartContainers"
TRIED = [
    Tried("running", READY, "running"),
    Tried("running-after-a-failure", READY, f"running; failed once, exit code 3: {LAST_LINES}"),
    Tried("restore-wait-done", "restore-wait finished", "running"),
    Tried("sidecar-started", "proxy started", "running"),
    Tried("first-done-second-running", f"{HOOK} finished", "running", n_done=1),
    Tried("failed-on-failure", READY, f"failed 2 times, exit code 3: {LAST_LINES}"),
    Tried("failed-always", READY, f"failed 3 times, exit code 3: {LAST_LINES}"),
    Tried("failed-and-restarted-by-rule", READY, f"failed 3 times, exit code 3: {LAST_LINES}"),
    Tried("command-not-found", READY, f"failed 2 times, exit code 128 (StartError): {NO_SUCH_COMMAND}"),
    Tried("image-not-pulled", READY, f"waiting, ErrImagePull: {NOT_PULLED}"),
    Tried(
        "image-pull-back-off",
        READY,
        'waiting, ImagePullBackOff: Back-off pulling image "127.0.0.1:1/team/fixer:1.0": ErrImagePull: ' + NOT_PULLED,
    ),
    Tried(
        "image-never-pulled",
        READY,
        'waiting, ErrImageNeverPull: Container image "127.0.0.1:1/team/fixer:1.0" is not present with pull policy of '
        "Never",
    ),
    Tried("config-missing", READY, 'waiting, CreateContainerConfigError: configmap "none-such" not found'),
]


@pytest.mark.parametrize("case", TRIED, ids=lambda case: case.pod)
def test_a_hook_that_kubernetes_still_tries_has_until_its_time_is_up(case: Tried) -> None:
    """The time runs from the hook's turn; a clock that is behind the node's does no harm."""
    pod = recorded(case.pod)
    hooks = (HOOK, SECOND)[: case.n_done + 1]
    current = hooks[case.n_done]
    since = moment(pod, case.since)
    counts = {"n_completed": case.n_done, "n_total": len(hooks)}
    wanted = operation(case.pod, *hooks)

    for seconds, elapsed in [(-3600.0, "0s"), (0.0, "0s"), (20.9, "20s"), (TIMEOUT - 0.1, "1m29s")]:
        now = since + seconds
        told = f"{current}: {case.text} ({elapsed} of 1m30s)"
        assert progress_of(wanted, pod_of(pod), RESTORE, now) == expected(pod, now, told, **counts)
    for seconds in (TIMEOUT, YEAR):
        now = since + seconds
        err = f"pod hook-statuses/{case.pod}: hook {current} was not done within its timeout of 1m30s: {case.text}"
        told = f"{current}: {case.text}"
        answer = expected(pod, now, told, completed=True, err=err, **counts)
        assert progress_of(wanted, pod_of(pod), RESTORE, now) == answer


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("no-node", f"waiting for a node: {NO_NODE}"),
        ("no-volume", "waiting for the pod's volumes and network"),
        ("restore-wait-running", "waiting for init container restore-wait: running"),
        ("sidecar-starting", "waiting for init container proxy: running"),
    ],
)
def test_before_its_turn_no_time_runs(name: str, text: str) -> None:
    """Volumes may take hours to come back; that is for Velero's own itemOperationTimeout to bound."""
    pod = recorded(name)
    for now in (moment(pod, "PodScheduled"), moment(pod, "PodScheduled") + YEAR):
        answer = expected(pod, now, f"{HOOK}: {text}")
        assert progress_of(operation(name), pod_of(pod), RESTORE, now) == answer


@pytest.mark.parametrize(
    ("name", "description", "error"),
    [
        (
            "failed-never",
            f"{HOOK}: failed once, exit code 3: {LAST_LINES}",
            f"hook {HOOK}: failed once, exit code 3: {LAST_LINES}",
        ),
        (
            "failed-with-message",
            f"{HOOK}: failed once, exit code 4: disk full",
            f"hook {HOOK}: failed once, exit code 4: disk full",
        ),
        (
            "out-of-memory",
            f"{HOOK}: failed once, exit code 137 (OOMKilled)",
            f"hook {HOOK}: failed once, exit code 137 (OOMKilled)",
        ),
        (
            "deadline-exceeded",
            f"{HOOK}: failed once, exit code 137",
            f"the pod has ended ({DEADLINE}); hook {HOOK}: failed once, exit code 137",
        ),
        (
            "restore-wait-failed",
            f"{HOOK}: init container restore-wait failed once, exit code 3: {LAST_LINES}",
            f"hook {HOOK}: init container restore-wait failed once, exit code 3: {LAST_LINES}",
        ),
        (
            "image-name-invalid",
            f"{HOOK}: waiting, InvalidImageName: {BAD_NAME}",
            f"hook {HOOK}: waiting, InvalidImageName: {BAD_NAME}",
        ),
        (
            "being-deleted",
            f"{HOOK}: running",
            f"the pod is being deleted; hook {HOOK}: running",
        ),
    ],
)
def test_what_kubernetes_does_not_try_again_fails_at_once(name: str, description: str, error: str) -> None:
    """However much time is left."""
    pod = recorded(name)
    now = moment(pod, "PodScheduled")

    progress = progress_of(operation(name), pod_of(pod), RESTORE, now)

    err = f"pod hook-statuses/{name}: {error}"
    assert progress == expected(pod, now, description, completed=True, err=err)


@pytest.mark.parametrize(
    ("name", "hooks"),
    [
        ("both-done", [HOOK, SECOND]),
        ("both-done", [SECOND, HOOK]),
        ("first-done-second-running", [HOOK]),
        ("done-and-pod-succeeded", [HOOK]),
        ("done-and-pod-failed", [HOOK]),
        ("sidecar-hook-started", [HOOK]),
    ],
)
def test_done_is_done(name: str, hooks: list[str]) -> None:
    """Whatever becomes of the pod afterwards, and however late the poll is."""
    pod = recorded(name)
    now = moment(pod, "PodScheduled") + YEAR

    progress = progress_of(operation(name, *hooks), pod_of(pod), RESTORE, now)

    counts = {"n_completed": len(hooks), "n_total": len(hooks)}
    assert progress == expected(pod, now, "every hook is done", completed=True, **counts)


def test_a_hook_that_nobody_waits_for_is_an_init_container_like_others() -> None:
    """With `wait: false` it is not in the operation, but it has its place in the pod."""
    pod = recorded("first-done-second-running")
    now = moment(pod, f"{HOOK} finished") + 5

    progress = progress_of(operation("first-done-second-running", SECOND), pod_of(pod), RESTORE, now)

    assert progress == expected(pod, now, f"{SECOND}: running (5s of 1m30s)")


def test_each_hook_has_its_own_time() -> None:
    """The first one's does not run on for the second."""
    pod = recorded("first-done-second-running")
    hooks = (HookWait(HOOK, 1.0), HookWait(SECOND, 600.0))
    now = moment(pod, f"{HOOK} finished") + 599

    progress = progress_of(Operation("hook-statuses", "x", hooks), pod_of(pod), RESTORE, now)

    assert progress == expected(pod, now, f"{SECOND}: running (9m59s of 10m)", n_completed=1, n_total=2)


def test_a_pod_that_is_not_there_is_an_error() -> None:
    """Never created or gone: either way nobody will see its hooks done."""
    progress = progress_of(operation("web-0"), None, RESTORE, 5.0)

    assert progress == OperationProgress(
        completed=True,
        err="pod hook-statuses/web-0: not in the cluster: it was not created (the restore's errors tell why), or it "
        "was deleted before its hooks had ended",
        n_total=1,
        operation_units="hooks",
        description="the pod is not in the cluster",
        started=1793491200.0,
        updated=5.0,
    )


NOT_RESTORED = "not restored: a pod of this name was in the cluster before the restore"
REPLACED = (
    "pod hook-statuses/running: replaced while the restore ran: the pod that has its name now was not restored and has "
    "no hooks"
)


@pytest.mark.parametrize(
    ("created", "restore", "description", "err"),
    [
        ("2026-10-31T23:59:59Z", "another", NOT_RESTORED, ""),
        ("2026-10-31T23:59:59Z", "after-disaster", NOT_RESTORED, ""),  # existingResourcePolicy: update
        ("2026-11-01T00:00:00Z", "another", NOT_RESTORED, ""),
        ("2026-11-01T00:00:00Z", None, NOT_RESTORED, ""),
        (None, "another", NOT_RESTORED, ""),
        ("2026-11-01T00:00:01Z", "another", "the pod has been replaced", REPLACED),
        ("2026-11-01T00:00:01Z", None, "the pod has been replaced", REPLACED),
    ],
)
def test_a_pod_of_the_name_may_be_another(created: str | None, restore: str | None, description: str, err: str) -> None:
    """One that was there before has nothing to wait for; one that took the restored one's place never had the hooks."""
    pod = recorded("running")
    pod["metadata"]["creationTimestamp"] = created
    pod["metadata"]["labels"] = {"velero.io/restore-name": restore} if restore else {}

    progress = progress_of(operation("running"), pod_of(pod), RESTORE, 5.0)

    assert progress == OperationProgress(
        completed=True,
        err=err,
        n_total=1,
        operation_units="hooks",
        description=description,
        started=epoch(pod_of(pod).metadata.creation_timestamp),
        updated=5.0,
    )


@pytest.mark.parametrize("created", ["2026-11-01T00:00:00Z", "2026-11-01T00:00:01Z", None])
def test_a_pod_with_the_restores_label_is_the_restored_one(created: str | None) -> None:
    """Also when both were created in the same second."""
    pod = recorded("running")
    pod["metadata"]["creationTimestamp"] = created

    progress = progress_of(operation("running"), pod_of(pod), RESTORE, moment(pod, READY))

    assert progress.description == f"{HOOK}: running (0s of 1m30s)"


def test_without_the_hooks_a_pod_of_the_same_second_was_there_before() -> None:
    """With `existingResourcePolicy: update` Velero puts its label on a pod that it can't give the hooks."""
    pod = recorded("running")
    pod["metadata"]["creationTimestamp"] = "2026-11-01T00:00:00Z"

    progress = progress_of(operation("running", SECOND), pod_of(pod), RESTORE, moment(pod, READY))

    assert (progress.completed, progress.err, progress.description) == (True, "", NOT_RESTORED)


def test_velero_shortens_the_name_of_a_restore_in_its_label() -> None:
    """As label.GetValidName does; the label here was computed with Velero's own function."""
    name = "daily-restore-of-the-shop-namespace-after-the-great-disaster-of-2026"
    pod = recorded("running")
    pod["metadata"]["labels"]["velero.io/restore-name"] = (
        "daily-restore-of-the-shop-namespace-after-the-great-disas1be33d"
    )
    restore = json.dumps({"metadata": {"name": name, "creationTimestamp": "2026-11-01T00:00:00Z"}}).encode()

    progress = progress_of(operation("running"), pod_of(pod), restore, moment(pod, READY))

    assert progress.description == f"{HOOK}: running (0s of 1m30s)"


def test_a_hook_that_is_not_in_the_pod_is_an_error() -> None:
    """It was there when Velero created the pod: an admission webhook may have renamed it."""
    pod = recorded("restore-wait-running")
    now = moment(pod, READY)

    progress = progress_of(operation("restore-wait-running", HOOK, SECOND), pod_of(pod), RESTORE, now)

    assert progress == expected(
        pod,
        now,
        f"{SECOND}: not in the pod",
        n_total=2,
        completed=True,
        err="pod hook-statuses/restore-wait-running: found the init containers restore-wait, velero-restore-init-0, "
        "expected velero-restore-init-1 among them: an admission webhook or a resource modifier of the restore has "
        "taken it out or renamed it",
    )


def test_wrong_hooks_fail_an_operation_when_the_others_are_done() -> None:
    """The restore waits for what is right all the same."""
    problems = ("pod x: timeout: found soon", "pod x: command: found [")
    pod = recorded("both-done")
    now = moment(pod, "PodScheduled")

    progress = progress_of(operation("both-done", HOOK, problems=problems), pod_of(pod), RESTORE, now)

    err = "pod x: timeout: found soon; pod x: command: found ["
    assert progress == expected(pod, now, "every hook is done", completed=True, n_completed=1, err=err)
    assert progress_of(operation("running", problems=problems), pod_of(recorded("running")), RESTORE, now).err == ""


def test_wrong_hooks_alone_fail_at_once() -> None:
    """No Pod is needed to know that."""
    progress = progress_of(Operation("shop", "web-0", (), ("pod shop/web-0: wrong",)), None, RESTORE, 5.0)

    assert progress == OperationProgress(
        completed=True,
        err="pod shop/web-0: wrong",
        operation_units="hooks",
        description="no hook to wait for",
        started=1793491200.0,
        updated=5.0,
    )


def test_what_cannot_be_read_is_not_known() -> None:
    """An API server that is away is no failure of a hook."""
    told = progress_unknown(operation("web-0", problems=("wrong",)), "connection refused", 5.0)

    assert told == OperationProgress(
        n_total=1, operation_units="hooks", description="not known: connection refused", updated=5.0
    )


def test_a_restore_that_cannot_be_read_is_an_error() -> None:
    """Velero always sends one."""
    with pytest.raises(msgspec.DecodeError):
        progress_of(operation("running"), None, b"", 5.0)
