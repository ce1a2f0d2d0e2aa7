"""A restore that waits for its hooks: Velero polls the plugin, the plugin reads the Pods, a real kubelet runs them."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.e2e.lab import (
    VELERO_NAMESPACE,
    Restore,
    apply,
    await_that,
    backup,
    delete_namespace,
    get,
    kubectl,
    new_name,
    run,
)

PREFIX = "init.hook.restore.velero.io/"
ALPINE = "docker.io/library/alpine:latest"
HOOK = "velero-restore-init-0"
FAILS = "echo connecting to db:5432; echo 'ERROR: no such table: orders'; exit 3"
UNTIL_TOLD = "until test -e /told; do sleep 0.1; done"
LAST_LINES = "connecting to db:5432 | ERROR: no such table: orders"
ENDED = ("Completed", "PartiallyFailed", "Failed")
WAITING = ("WaitingForPluginOperations", "WaitingForPluginOperationsPartiallyFailed")

pytestmark = pytest.mark.usefixtures("plugin")


class Operation(NamedTuple):
    """What `velero restore describe --details` shows of one pod's operation."""

    id: str
    phase: str
    error: str
    progress: str
    description: str


def operations(restore: Restore) -> dict[str, Operation]:
    """Give the operations of a restore by "namespace/pod"."""
    found: dict[str, dict[str, str]] = {}
    current: dict[str, str] = {}
    for line in restore.describe().splitlines():
        key, _, value = line.strip().partition(":")
        if key.startswith("Operation for pods "):
            current = found.setdefault(key.removeprefix("Operation for pods "), {})
        else:
            current.setdefault(key, value.strip())
    keys = ("Operation ID", "Phase", "Operation Error", "Progress", "Progress description")
    return {pod: Operation(*(shown.get(key, "") for key in keys)) for pod, shown in found.items()}


def await_operation(restore: Restore, description: str) -> None:
    """Return when the restore's one operation is described with this beginning."""
    await_that(
        lambda: [each for each in operations(restore).values() if each.description.startswith(description)],
        f"the operation of {restore.name} is described as {description!r}",
    )


def hooked_pod(
    name: str, script: str = "true", spec: dict[str, Any] | None = None, **annotations: str
) -> dict[str, Any]:
    """Give a pod with a restore hook that runs a script."""
    command = {PREFIX + "command": f'["/bin/sh", "-c", "{script}"]'}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "annotations": command | {PREFIX + key.replace("_", "-"): value for key, value in annotations.items()},
        },
        "spec": {
            "terminationGracePeriodSeconds": 0,
            "containers": [{"name": "app", "image": ALPINE, "imagePullPolicy": "IfNotPresent", "command": SLEEP}],
            **(spec or {}),
        },
    }


SLEEP = ["/bin/sleep", "86400"]


def lose(namespace: str, *pods: dict[str, Any]) -> str:
    """Back pods up, with no volumes, and lose them; the backup's name."""
    apply(namespace, *pods)
    name = backup(namespace)
    delete_namespace(namespace)
    return name


def tell(namespace: str, pod: str) -> None:
    """Let a hook end that waits for it."""
    kubectl("-n", namespace, "exec", pod, f"--container={HOOK}", "--", "touch", "/told")


def hook_state(namespace: str, pod: str) -> dict[str, Any]:
    """Give the state of a pod's hook as the kubelet tells it."""
    (state,) = (
        status["state"]
        for status in get("pod", pod, namespace)["status"]["initContainerStatuses"]
        if status["name"] == HOOK
    )
    return dict(state)


def test_the_restore_waits_for_a_hook(namespace: str) -> None:
    """While it runs, describe shows units and a description that moves; then the restore is completed."""
    restore = Restore(lose(namespace, hooked_pod("web", "sleep 20")), wait=False)
    restore.await_phase(*WAITING)
    pod = f"{namespace}/web"

    await_operation(restore, f"{HOOK}: running (")
    first = operations(restore)[pod]
    await_that(lambda: operations(restore)[pod].description != first.description, "the description moves")
    then = operations(restore)[pod]
    phase = restore.await_phase(*ENDED)

    for each in (first, then):
        assert each.description.startswith(f"{HOOK}: running (")
        expected = Operation(f"{pod}: {HOOK} (10m)", "InProgress", "", "0 of 1 complete (hooks)", each.description)
        assert each == expected
    assert phase == "Completed", restore.describe()
    assert operations(restore) == {
        pod: Operation(f"{pod}: {HOOK} (10m)", "Completed", "", "1 of 1 complete (hooks)", "every hook is done")
    }
    assert hook_state(namespace, "web")["terminated"]["exitCode"] == 0


def test_velero_restore_create_wait_waits_for_the_hook(namespace: str) -> None:
    """When the command is back, the hook has ended."""
    restore = Restore(lose(namespace, hooked_pod("web", "sleep 5")), wait=True)

    assert restore.phase == "Completed", restore.describe()
    assert hook_state(namespace, "web")["terminated"]["exitCode"] == 0


def test_a_hook_that_nobody_waits_for_runs_on(namespace: str) -> None:
    """With `wait: false` the restore is completed while the hook still runs, and there is no operation."""
    restore = Restore(lose(namespace, hooked_pod("web", "sleep 60", wait="false")), wait=True)

    assert restore.phase == "Completed", restore.describe()
    assert operations(restore) == {}
    assert "terminated" not in hook_state(namespace, "web")


NEVER = {"restartPolicy": "Never"}


def test_each_hook_that_cannot_get_done_ends_the_wait(namespace: str) -> None:
    """Kubernetes' last word ends it at once, the timeout ends the rest; the restore is PartiallyFailed."""
    name = lose(
        namespace,
        hooked_pod("never", FAILS, NEVER),
        hooked_pod("always", FAILS, timeout="15s"),
        hooked_pod("no-image", container_image="127.0.0.1:1/team/fixer:1.0", timeout="15s"),
        hooked_pod("bad-image", container_image="Team/Fixer::1.0"),
        hooked_pod("slow", "sleep 600", timeout="15s"),
        hooked_pod("good"),
    )
    began = time.monotonic()
    restore = Restore(name, wait=False)
    restore.await_phase(*ENDED)
    took = time.monotonic() - began
    found = {pod.removeprefix(f"{namespace}/"): each for pod, each in operations(restore).items()}

    assert restore.phase == "PartiallyFailed", restore.describe()
    assert restore.status["restoreItemOperationsAttempted"] == 6
    assert restore.status["restoreItemOperationsFailed"] == 5
    assert found["good"].phase == "Completed"
    assert {each.phase for pod, each in found.items() if pod != "good"} == {"Failed"}
    error = {pod: each.error.removeprefix(f"pod {namespace}/{pod}: ") for pod, each in found.items()}
    late = f"hook {HOOK} was not done within its timeout of 15s: "
    assert error["never"] == f"hook {HOOK}: failed once, exit code 3: {LAST_LINES}"
    assert found["never"].description == f"{HOOK}: failed once, exit code 3: {LAST_LINES}"
    assert error["always"] in {
        f"{late}{again}failed {times}, exit code 3: {LAST_LINES}"
        for times in ("2 times", "3 times")
        for again in ("", "running; ")  # the timeout may find it just begun once more
    }
    assert error["no-image"].startswith((late + "waiting, ErrImagePull: ", late + "waiting, ImagePullBackOff: "))
    assert error["bad-image"].startswith(f"hook {HOOK}: waiting, InvalidImageName: ")
    assert error["slow"] == late + "running"
    assert 15 < took < 90  # the default timeout is 10 minutes


def test_before_its_turn_a_hook_has_no_timeout(namespace: str) -> None:
    """Its time begins when the init container before it has ended, which takes twice as long here."""
    first = {"name": "fetch", "image": ALPINE, "imagePullPolicy": "IfNotPresent", "command": ["/bin/sleep", "10"]}
    pod = hooked_pod("web", "sleep 1", {"initContainers": [first]}, after="fetch", timeout="5s")
    restore = Restore(lose(namespace, pod), wait=False)
    restore.await_phase(*WAITING)
    await_operation(restore, f"{HOOK}: waiting for init container fetch: running")
    assert restore.await_phase(*ENDED) == "Completed", restore.describe()


def test_a_volume_that_comes_back_slowly_is_no_failure(namespace: str) -> None:
    """Velero's restore-wait runs twice as long as the hook's timeout."""
    volume = {"volumes": [{"name": "data", "emptyDir": {}}]}
    pod = hooked_pod("web", "test -e /data/kept", volume, timeout="5s")
    pod["spec"]["containers"][0].update(
        volumeMounts=[{"name": "data", "mountPath": "/data"}],
        command=["/bin/sh", "-c", "touch /data/kept; exec sleep 86400"],
    )
    apply(namespace, pod)
    kubectl("-n", namespace, "wait", "--for=condition=Ready", "--timeout=120s", "pod/web")
    name = backup(namespace, "--default-volumes-to-fs-backup")
    delete_namespace(namespace)

    with frozen(b"/velero", b"node-agent"):
        restore = Restore(name, wait=False)
        helper = await_that(lambda: started(namespace, "web", "restore-wait"), "restore-wait runs")
        await_that(lambda: time.time() > helper + 10, "restore-wait has run for 10 s")
    phase = restore.await_phase(*ENDED)

    assert phase == "Completed", restore.describe()
    assert operations(restore)[f"{namespace}/web"].description == "every hook is done"
    assert hook_state(namespace, "web")["terminated"]["exitCode"] == 0


def test_a_pod_that_no_node_takes_waits_until_veleros_own_timeout(namespace: str) -> None:
    """It says for what; the Restore's itemOperationTimeout ends it."""
    name = lose(namespace, hooked_pod("web", spec={"nodeSelector": {"no-such": "node"}}, timeout="1s"))
    restore = Restore(name, "--item-operation-timeout=10s", wait=False)
    restore.await_phase(*WAITING)
    await_operation(restore, f"{HOOK}: waiting for a node: 0/1 nodes are available: ")
    restore.await_phase(*ENDED)
    (after,) = operations(restore).values()

    assert restore.phase == "PartiallyFailed", restore.describe()
    assert (after.phase, after.error) == ("Failed", "Asynchronous action timed out")


def test_velero_stops_waiting_before_the_hook_does(namespace: str) -> None:
    """An itemOperationTimeout shorter than the hook's own is obeyed."""
    restore = Restore(lose(namespace, hooked_pod("web", "sleep 600")), "--item-operation-timeout=5s", wait=True)

    assert restore.phase == "PartiallyFailed", restore.describe()
    assert operations(restore)[f"{namespace}/web"].error == "Asynchronous action timed out"
    assert "running" in hook_state(namespace, "web")


def test_a_pod_that_is_deleted_while_the_restore_waits_is_an_error(namespace: str) -> None:
    """Nothing will run its hook any more."""
    restore = Restore(lose(namespace, hooked_pod("web", "sleep 600")), wait=False)
    restore.await_phase(*WAITING)
    kubectl("-n", namespace, "delete", "pod", "web", "--wait")
    phase = restore.await_phase(*ENDED)
    (failed,) = operations(restore).values()

    assert phase == "PartiallyFailed", restore.describe()
    assert failed.error.startswith(
        (f"pod {namespace}/web: the pod is being deleted; ", f"pod {namespace}/web: not in the cluster: ")
    )


@pytest.mark.parametrize("policy", ["none", "update"])
def test_a_pod_that_was_there_before_has_nothing_to_wait_for(namespace: str, policy: str) -> None:
    """Velero does not give it hooks: with `none` it leaves it alone, with `update` it writes its labels on it."""
    apply(namespace, hooked_pod("web", "sleep 600"))
    restore = Restore(backup(namespace), f"--existing-resource-policy={policy}", wait=True)
    (skipped,) = operations(restore).values()

    assert restore.phase == "Completed", restore.describe()
    assert "initContainers" not in get("pod", "web", namespace)["spec"]
    assert (skipped.phase, skipped.error) == ("Completed", "")
    assert skipped.description == "not restored: a pod of this name was in the cluster before the restore"


def test_a_pod_that_the_api_server_refuses_is_an_error(namespace: str) -> None:
    """Velero tells why it was refused, the operation that it is not there."""
    target = new_name("target")
    name = lose(namespace, hooked_pod("web"))
    kubectl("create", "namespace", target)
    try:
        kubectl("label", "namespace", target, "pod-security.kubernetes.io/enforce=restricted")
        restore = Restore(name, f"--namespace-mappings={namespace}:{target}", wait=True)
        (failed,) = operations(restore).values()

        assert restore.phase == "PartiallyFailed"
        assert 'violates PodSecurity "restricted:latest"' in restore.describe()
        assert failed.error.startswith(f"pod {target}/web: not in the cluster: it was not created ")
    finally:
        delete_namespace(target)


def test_the_pod_is_looked_for_in_the_namespace_it_is_restored_into(namespace: str) -> None:
    """The Restore's namespace mapping is in the operation's ID."""
    target = new_name("target")
    name = lose(namespace, hooked_pod("web", "sleep 3"))
    try:
        restore = Restore(name, f"--namespace-mappings={namespace}:{target}", wait=True)
        ids = [each.id for each in operations(restore).values()]

        assert restore.phase == "Completed", restore.describe()
        assert ids == [f"{target}/web: {HOOK} (10m)"]
        assert hook_state(target, "web")["terminated"]["exitCode"] == 0
    finally:
        delete_namespace(target)


def test_a_restarted_velero_goes_on_waiting(namespace: str) -> None:
    """The operations are in the backup's storage; all the plugin needs is in their IDs."""
    restore = Restore(lose(namespace, hooked_pod("web", UNTIL_TOLD)), wait=False)
    restore.await_phase(*WAITING)
    kubectl("-n", VELERO_NAMESPACE, "delete", "pod", "--selector=deploy=velero", "--wait")
    kubectl("-n", VELERO_NAMESPACE, "rollout", "status", "deployment/velero", "--timeout=2m")
    await_operation(restore, f"{HOOK}: running (")
    tell(namespace, "web")
    phase = restore.await_phase(*ENDED)

    assert phase == "Completed", restore.describe()
    assert hook_state(namespace, "web")["terminated"]["exitCode"] == 0


def test_an_api_server_that_is_away_for_a_while_does_no_harm(namespace: str) -> None:
    """Polls that get no answer say nothing of the hook."""
    restore = Restore(lose(namespace, hooked_pod("web", UNTIL_TOLD)), wait=False)
    await_operation(restore, f"{HOOK}: running (")
    with frozen(b"kube-apiserver"):
        thawed = time.monotonic() + 15
        await_that(lambda: time.monotonic() > thawed, "15 s without the API server")
    run("kubectl", "get", "--raw=/readyz")
    await_operation(restore, f"{HOOK}: running (")
    tell(namespace, "web")
    phase = restore.await_phase(*ENDED)

    assert phase == "Completed", restore.describe()
    assert [(each.phase, each.error) for each in operations(restore).values()] == [("Completed", "")]


def started(namespace: str, pod: str, container: str) -> float:
    """Give the time since when an init container runs, 0 while it does not."""
    path = f"{{.status.initContainerStatuses[?(@.name=='{container}')].state.running.startedAt}}"
    text = kubectl("-n", namespace, "get", "pod", pod, "--ignore-not-found", f"--output=jsonpath={path}")
    return time.mktime(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ")) - time.timezone if text else 0.0


@contextmanager
def frozen(program: bytes, *arguments: bytes) -> Iterator[None]:
    """Stop a program of the lab for a while, as a machine does that swaps or hangs."""
    pids = [pid for pid, command in processes() if command[0].endswith(program) and set(arguments) <= set(command)]
    assert len(pids) == 1, f"expected one process of {program!r} {arguments}, found {pids}"
    os.kill(pids[0], signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pids[0], signal.SIGCONT)


def processes() -> Iterator[tuple[int, list[bytes]]]:
    """Give the pid and the command line of every process."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = path.read_bytes().split(b"\0")
        except OSError:
            continue  # it has just ended
        yield int(path.parent.name), command
