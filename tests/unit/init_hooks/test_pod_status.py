"""What a kubelet shows seldom, shows only in other versions, or shows of a broken node: Pods made by hand."""

import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from init_hooks.operation import HookWait, Operation
from init_hooks.progress import progress_of
from init_hooks.restored_pod import read_pod
from tests.unit.init_hooks.pod_builder import (
    ACKNOWLEDGED,
    CREATED,
    HOOK,
    SANDBOX_READY,
    SCHEDULED,
    Json,
    condition,
    ended,
    pod,
    running,
    waiting,
)
from velero_bridge import OperationProgress

RESTORE = b'{"metadata":{"name":"after-disaster","creationTimestamp":"2026-11-23T09:59:00Z"}}'
SCHEDULED_ONLY = [condition("PodScheduled", "True", SCHEDULED)]
LATER = "2026-11-23T11:00:00Z"


def progress(of: Json, now: str | float = LATER, timeout: float = 86_400.0, *hooks: str) -> OperationProgress:
    """Ask for the progress of an operation on a Pod at a time."""
    waits = tuple(HookWait(hook, timeout) for hook in hooks or (HOOK,))
    time = datetime.fromisoformat(now).timestamp() if isinstance(now, str) else now
    return progress_of(Operation("shop", "web-0", waits), read_pod(json.dumps(of).encode()), RESTORE, time)


@pytest.mark.parametrize(
    ("of", "description"),
    [
        # An API server's Pod before the scheduler has seen it, and one that waits for a scheduling gate.
        (pod({HOOK: None}, conditions=None, podIP="", startTime=None), "waiting for a node"),
        (
            pod(
                {HOOK: None}, conditions=[condition("PodScheduled", "False", message="Scheduling is blocked")], podIP=""
            ),
            "waiting for a node: Scheduling is blocked",
        ),
        # The kubelet has not yet written a word; then volumes are attached and the network is made.
        (pod({HOOK: None}, conditions=SCHEDULED_ONLY, podIP=""), "waiting for the pod's volumes and network"),
        (
            pod({"restore-wait": waiting(), HOOK: waiting()}, conditions=SCHEDULED_ONLY, podIP=""),
            "waiting for the pod's volumes and network",
        ),
        (
            pod(
                {HOOK: waiting()},
                conditions=[*SCHEDULED_ONLY, condition("PodReadyToStartContainers", "False", LATER)],
            ),
            "waiting for the pod's volumes and network",
        ),
        # The first init container's image is being pulled.
        (
            pod({"restore-wait": waiting(), HOOK: waiting()}),
            "waiting for init container restore-wait: waiting",
        ),
        (
            pod({"fetch": waiting("ImagePullBackOff", "Back-off"), HOOK: waiting()}),
            "waiting for init container fetch: waiting, ImagePullBackOff: Back-off",
        ),
        (
            pod({"sidecar": waiting("CrashLoopBackOff", lastState=ended(1), restartCount=4), HOOK: waiting()}),
            "waiting for init container sidecar: failed 5 times, exit code 1",
        ),
        # A sidecar that ended well is started again all the same.
        (
            pod({"sidecar": {"state": ended(0)}, HOOK: waiting()}),
            "waiting for init container sidecar: ended, will be started again",
        ),
        # The node was restarted: the pod gets a new sandbox and all its init containers run again.
        (
            pod({"restore-wait": waiting(lastState=ended(0)), HOOK: waiting(lastState=ended(1))}),
            "waiting for init container restore-wait: waiting",
        ),
    ],
)
def test_before_its_turn_no_time_runs(of: Json, description: str) -> None:
    """Whatever it is that the pod waits for."""
    told = progress(of, now=9e9, timeout=1.0)

    assert told == OperationProgress(
        n_total=1,
        operation_units="hooks",
        description=f"{HOOK}: {description}",
        started=datetime.fromisoformat(CREATED).timestamp(),
        updated=9e9,
    )


@pytest.mark.parametrize(
    ("of", "since"),
    [
        # Kubernetes 1.29 and newer; its alpha; older ones, which show no more than an address.
        (pod({HOOK: waiting()}), SANDBOX_READY),
        (
            pod({HOOK: waiting()}, conditions=[*SCHEDULED_ONLY, condition("PodHasNetwork", "True", SANDBOX_READY)]),
            SANDBOX_READY,
        ),
        (pod({HOOK: waiting()}, conditions=SCHEDULED_ONLY), ACKNOWLEDGED),
        (pod({HOOK: waiting("ErrImagePull")}, conditions=SCHEDULED_ONLY, podIP=""), ACKNOWLEDGED),
        # The last of those before it counts, and a sidecar counts from its start.
        (pod({"a": {"state": ended(0, "2026-11-23T10:30:00Z")}, HOOK: waiting()}), "2026-11-23T10:30:00Z"),
        (
            pod(
                {
                    "a": {"state": ended(0, "2026-11-23T10:30:00Z")},
                    "sidecar": running("2026-11-23T10:31:00Z", started=True),
                    HOOK: waiting(),
                }
            ),
            "2026-11-23T10:31:00Z",
        ),
        # Their own times are lost with a container runtime's memory; the sandbox's is not.
        (pod({"a": {"state": ended(0, None)}, HOOK: waiting()}), SANDBOX_READY),
        # The hook runs while a sidecar before it is being started again.
        (pod({"sidecar": waiting("CrashLoopBackOff", lastState=ended(1)), HOOK: running()}), SANDBOX_READY),
        (pod({"sidecar": running(LATER, started=False), HOOK: waiting("ErrImagePull")}), SANDBOX_READY),
    ],
)
def test_the_time_runs_from_the_hooks_turn(of: Json, since: str) -> None:
    """One second less than the timeout is in time, the timeout itself is not."""
    began = datetime.fromisoformat(since).timestamp()

    assert not progress(of, began + 59, 60.0).completed
    late = progress(of, began + 60, 60.0)
    assert late.completed
    assert late.err.startswith(f"pod shop/web-0: hook {HOOK} was not done within its timeout of 1m: ")


def test_without_any_time_only_velero_bounds_the_wait() -> None:
    """A virtual kubelet may leave all of them out."""
    told = progress(pod({HOOK: running()}, conditions=None, startTime=None), now=9e9, timeout=1.0)

    assert (told.completed, told.description) == (False, f"{HOOK}: running")


@pytest.mark.parametrize(
    "of",
    [
        pod({HOOK: {"state": ended(0, None, reason="Completed")}}, phase="Running"),
        pod({HOOK: None}, phase="Running"),
        pod({HOOK: None}, phase="Succeeded"),
        pod({"sidecar": waiting(lastState=ended(1)), HOOK: {"state": ended(0)}}),
        pod({HOOK: {"state": ended(0)}}, metadata={"deletionTimestamp": LATER}),
        pod({HOOK: {"state": ended(0)}}, phase="Failed", reason="Evicted"),
    ],
)
def test_done_is_done(of: Json) -> None:
    """Also where its status is lost and only the pod's phase shows it, and whatever comes after."""
    told = progress(of)

    assert (told.completed, told.err, told.n_completed) == (True, "", 1)


def test_a_sidecar_as_a_hook_is_done_when_the_pod_has_succeeded() -> None:
    """The kubelet stops sidecars after the app's containers, by a signal."""
    told = progress(pod({"sidecar": {"state": ended(143)}}, phase="Succeeded"), LATER, 60.0, "sidecar")

    assert (told.completed, told.err, told.n_completed) == (True, "", 1)


@pytest.mark.parametrize(
    ("of", "err"),
    [
        (
            pod({HOOK: waiting()}, phase="Failed", reason="Evicted", message="The node was low on resource: memory. "),
            f"the pod has ended (Evicted: The node was low on resource: memory.); hook {HOOK}: waiting",
        ),
        (
            pod({HOOK: None}, phase="Failed", reason="OutOfcpu", conditions=None, podIP=""),
            f"the pod has ended (OutOfcpu); hook {HOOK}: waiting for a node",
        ),
        (
            pod(
                {HOOK: {"state": ended(137, None, reason="ContainerStatusUnknown", message="not located")}},
                spec={"restartPolicy": "Never"},
            ),
            f"hook {HOOK}: failed once, exit code 137 (ContainerStatusUnknown): not located",
        ),
        (
            pod({HOOK: waiting(lastState=ended(2), restartCount=1)}, spec={"restartPolicy": "Never"}),
            f"hook {HOOK}: failed 2 times, exit code 2",
        ),
        (
            pod({"fetch": {"state": ended(1, message="no route")}, HOOK: waiting()}, spec={"restartPolicy": "Never"}),
            f"hook {HOOK}: init container fetch failed once, exit code 1: no route",
        ),
        (
            pod({"fetch": waiting("InvalidImageName", "bad"), HOOK: waiting()}),
            f"hook {HOOK}: init container fetch waiting, InvalidImageName: bad",
        ),
        (
            pod({HOOK: waiting("InvalidImageName", "bad", lastState=ended(1))}),
            f"hook {HOOK}: waiting, InvalidImageName: bad; failed once, exit code 1",
        ),
        (
            pod({HOOK: waiting()}, metadata={"deletionTimestamp": LATER}, conditions=None, podIP=""),
            f"the pod is being deleted; hook {HOOK}: waiting for a node",
        ),
    ],
)
def test_what_kubernetes_does_not_try_again_fails_at_once(of: Json, err: str) -> None:
    """The error names the pod and the hook, and what the kubelet says."""
    told = progress(of, now=CREATED)

    assert (told.completed, told.err, told.n_completed) == (True, f"pod shop/web-0: {err}", 0)


RULE = {"action": "Restart", "exitCodes": {"operator": "In", "values": [3, 4]}}
NOT_IN = {"action": "Restart", "exitCodes": {"operator": "NotIn", "values": [5]}}
ALL = {"action": "RestartAllContainers", "exitCodes": {"operator": "In", "values": [3]}}


@pytest.mark.parametrize(
    ("pod_policy", "container", "state", "again"),
    [
        ("Always", {}, ended(3), True),
        ("OnFailure", {}, ended(3), True),
        ("Never", {}, ended(3), False),
        ("Always", {"restartPolicy": "Never"}, ended(3), False),
        ("Never", {"restartPolicy": "OnFailure"}, ended(3), True),
        ("Never", {"restartPolicy": "Never", "restartPolicyRules": [RULE]}, ended(3), True),
        ("Never", {"restartPolicy": "Never", "restartPolicyRules": [RULE]}, ended(5), False),
        ("Never", {"restartPolicy": "Never", "restartPolicyRules": [NOT_IN]}, ended(3), True),
        ("Never", {"restartPolicy": "Never", "restartPolicyRules": [NOT_IN]}, ended(5), False),
        ("Never", {"restartPolicy": "Never", "restartPolicyRules": [ALL]}, ended(3), True),
        ("Never", {"restartPolicy": "Never", "restartPolicyRules": [{"action": "Restart"}]}, ended(3), False),
        ("Never", {}, ended(137, reason="RestartingAllContainers"), True),
    ],
)
def test_who_says_whether_a_container_is_run_again(
    pod_policy: str, container: dict[str, Any], state: Json, *, again: bool
) -> None:
    """The container's rules first, then its policy, then the pod's: Kubernetes 1.34 and newer."""
    of = pod({HOOK: {"state": state}}, spec={"restartPolicy": pod_policy})
    of["spec"]["initContainers"][0].update(container)

    assert progress(of, now=CREATED).completed is not again


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("", ""),
        ("\n \n", ""),
        ("disk full\n", ": disk full"),
        ("one\r\n\ttwo\x1b[31m  red\x00\n\nthree", ": one | two [31m red | three"),
        ("\n".join(f"line {number}" for number in range(12)), ": " + " | ".join(f"line {n}" for n in range(2, 12))),
        ("x" * 2048, ": …" + "x" * 500),
    ],
)
def test_the_last_lines_are_told_on_one(message: str, told: str) -> None:
    """`velero restore describe` prints them in a column: no line break, no tab, no colours."""
    of = pod({HOOK: {"state": ended(1, message=message)}}, spec={"restartPolicy": "Never"})

    assert progress(of).description == f"{HOOK}: failed once, exit code 1{told}"


def test_a_long_message_of_kubernetes_keeps_both_ends() -> None:
    """What it was about is at its beginning, the cause at its end."""
    of = pod({HOOK: waiting("ErrImagePull", "pull of x:1: " + "y" * 1000 + ": connection refused")})

    told = progress(of).description

    assert told.startswith(f"{HOOK}: waiting, ErrImagePull: pull of x:1: yyy")
    assert told.endswith("yyy: connection refused (59m30s of 24h)")
    assert len(told) < 600


times = st.none() | st.integers(0, 100).map(lambda minute: f"2026-11-23T1{minute // 60}:{minute % 60:02}:00Z")
texts = st.sampled_from(["", "PodInitializing", "CrashLoopBackOff", "InvalidImageName", "Error"]) | st.text()
one_state = st.one_of(
    st.just({}),
    st.builds(lambda reason, message: {"waiting": {"reason": reason, "message": message}}, texts, texts),
    st.builds(lambda at: {"running": {"startedAt": at}}, times),
    st.builds(ended, st.integers(0, 255), times, reason=texts, message=texts),
)
statuses = st.none() | st.fixed_dictionaries(
    {"state": one_state, "lastState": one_state},
    optional={"restartCount": st.integers(0, 9), "started": st.none() | st.booleans()},
)
conditions = st.lists(
    st.builds(
        condition,
        st.sampled_from(["PodScheduled", "PodReadyToStartContainers", "PodHasNetwork", "Ready"]),
        st.sampled_from(["True", "False", "Unknown"]),
        times,
        texts,
    )
)
pods = st.builds(
    pod,
    st.dictionaries(st.sampled_from(["restore-wait", "sidecar", HOOK, "second", "other"]), statuses),
    phase=st.sampled_from(["", "Pending", "Running", "Succeeded", "Failed", "Unknown"]),
    conditions=st.none() | conditions,
    startTime=times,
    podIP=st.sampled_from(["", "10.0.0.1"]),
    reason=texts,
    message=texts,
    spec=st.fixed_dictionaries({"restartPolicy": st.sampled_from(["Always", "OnFailure", "Never"])}),
    metadata=st.fixed_dictionaries({"creationTimestamp": times, "deletionTimestamp": times}),
)
hooks = st.lists(st.sampled_from([HOOK, "second", "sidecar"]), min_size=1, max_size=3, unique=True)
BEGIN = datetime.fromisoformat(CREATED).timestamp()
nows = st.floats(BEGIN - 7200, BEGIN + 7200)


@given(pods, hooks, nows, st.floats(0, 7200), st.floats(0, 7200))
def test_every_pod_has_a_progress(of: Json, wait_for: list[str], now: float, more: float, timeout: float) -> None:
    """No exception, no second line, a count that fits; and what is completed stays so while the Pod does."""
    told = progress(of, now, timeout, *wait_for)
    later = progress(of, now + more, timeout, *wait_for)

    assert told.operation_units == "hooks"
    assert 0 <= told.n_completed <= told.n_total == len(wait_for)
    assert told.description
    for text in (told.description, told.err):
        assert text.isprintable()
    if told.err or told.n_completed == told.n_total:
        assert told.completed
    if told.completed:
        assert later == told._replace(updated=later.updated)
