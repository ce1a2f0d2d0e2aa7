"""A restore in a real Velero: the hook first, the app's volumes shared, the app finds the hook's file."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.lab import (
    ROOT,
    Restore,
    apply,
    await_ready,
    await_that,
    backup,
    delete_namespace,
    get,
    kubectl,
    velero,
)

MY_WEB_APP = ROOT / "docs/examples/my-web-app.yaml"
PREFIX = "init.hook.restore.velero.io/"
ALPINE = "docker.io/library/alpine:latest"

pytestmark = pytest.mark.usefixtures("plugin")


def my_web_app(**annotations: str) -> dict[str, Any]:
    """The example's pod, with more annotations or others."""
    pod: dict[str, Any] = yaml.safe_load(MY_WEB_APP.read_text())
    pod["metadata"]["annotations"].update({PREFIX + key.replace("_", "-"): value for key, value in annotations.items()})
    return pod


def sleeping_pod(name: str, **annotations: str) -> dict[str, Any]:
    """A pod that no node takes: it exists, but nothing of it runs."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "annotations": {PREFIX + key: value for key, value in annotations.items()}},
        "spec": {
            "nodeSelector": {"no-such": "node"},
            "containers": [{"name": "app", "image": ALPINE, "command": ["/bin/sh"]}],
        },
    }


def back_up_and_destroy(namespace: str, *pods: dict[str, Any]) -> str:
    """Run the pods, back them up with their files, lose everything; the backup's name."""
    apply(namespace, *pods)
    await_ready(namespace, *(pod["metadata"]["name"] for pod in pods))
    name = backup(namespace, "--default-volumes-to-fs-backup")
    delete_namespace(namespace)
    return name


def init_containers(namespace: str, pod: str) -> list[dict[str, Any]]:
    """The pod's init containers, in their order."""
    return list(get("pod", pod, namespace)["spec"].get("initContainers", []))


def test_velero_lists_the_plugin(plugin: str) -> None:
    """`velero plugin get` shows it under its name and kind."""
    assert [plugin, "RestoreItemActionV2"] in [line.split() for line in velero("plugin", "get").splitlines()]


def test_the_app_finds_the_file_of_the_hook(namespace: str) -> None:
    """The seed's example, with `command` alone: Velero restores the volume's files, the hook runs, the app starts.

    The backup holds an older db-config.json: were the hook to run before the data is back, the app would find that.
    """
    restore = Restore(back_up_and_destroy(namespace, my_web_app()))
    await_ready(namespace, "my-web-app")
    assert restore.phase == "Completed", restore.describe()
    wait, hook = init_containers(namespace, "my-web-app")
    assert (wait["name"], hook["name"]) == ("restore-wait", "velero-restore-init-0")
    assert (hook["image"], hook["imagePullPolicy"]) == ("alpine:latest", "IfNotPresent")
    assert hook["command"] == ["/bin/sh", "-c", "echo host=db > /data/db-config.json"]
    assert {"name": "data-volume", "mountPath": "/data"} in hook["volumeMounts"]
    assert kubectl("-n", namespace, "exec", "my-web-app", "--", "cat", "/data/db-config.json") == "host=db\n"
    assert kubectl("-n", namespace, "logs", "my-web-app", "-c", "main-app") == "host=db\n"


def test_a_hook_that_velero_itself_has_begun_is_completed(namespace: str) -> None:
    """With `container-image` Velero's own action injects a hook too: in the end there is one, with the volumes."""
    restore = Restore(back_up_and_destroy(namespace, my_web_app(container_image=ALPINE)))
    await_ready(namespace, "my-web-app")
    assert restore.phase == "Completed", restore.describe()
    wait, hook = init_containers(namespace, "my-web-app")
    assert (wait["name"], hook["name"], hook["image"]) == ("restore-wait", "velero-restore-init-0", ALPINE)
    assert kubectl("-n", namespace, "exec", "my-web-app", "--", "cat", "/data/db-config.json") == "host=db\n"


def test_a_pod_without_hooks_is_restored_as_it_was(namespace: str) -> None:
    """The plugin changes nothing that nobody asked it to."""
    pod = my_web_app()
    del pod["metadata"]["annotations"]
    name = back_up_and_destroy(namespace, pod)
    restore = Restore(name)
    await_ready(namespace, "my-web-app")
    restored = get("pod", "my-web-app", namespace)
    assert restore.phase == "Completed", restore.describe()
    assert [container["name"] for container in restored["spec"]["initContainers"]] == ["restore-wait"]
    assert not [key for key in restored["metadata"].get("annotations", {}) if key.startswith(PREFIX)]
    assert kubectl("-n", namespace, "exec", "my-web-app", "--", "cat", "/data/db-config.json") == "host=old\n"


def test_a_wrong_annotation_does_not_lose_the_pod(namespace: str) -> None:
    """The pod is back without the hook; log and status say which pod, which annotation, what was found and expected."""
    restore = Restore(back_up_and_destroy(namespace, my_web_app(command='["/bin/sh", "-c"', inherit_from="nobody")))
    await_ready(namespace, "my-web-app")
    assert [container["name"] for container in init_containers(namespace, "my-web-app")] == ["restore-wait"]
    line = restore.log_line(f"annotation={PREFIX}command")
    assert "level=error" in line
    assert f"pod={namespace}/my-web-app" in line
    assert "found=" in line
    assert "expected=" in line
    assert restore.log_line(f"annotation={PREFIX}inherit-from")
    assert restore.phase == "PartiallyFailed"


def test_the_restore_log_has_our_lines_with_their_fields(namespace: str) -> None:
    """What the plugin logs is in `velero restore logs`: level, message, fields, and the Python line as its source."""
    restore = Restore(back_up_and_destroy(namespace, my_web_app()))
    line = restore.log_line("gets the init hooks")
    assert "level=info" in line
    assert "hooks=velero-restore-init-0" in line
    assert f"pod={namespace}/my-web-app" in line
    assert 'logSource="init_hooks/action.py:' in line
    assert f"restore=velero/{restore.name}" in line


def plugin_processes() -> list[int]:
    """The pids of all plugin processes of the lab's Velero."""
    pids = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = path.read_bytes().split(b"\0")[0]
        except OSError:
            continue
        if command.startswith(b"/plugins/") and command.endswith(b"/velero-init-hooks"):
            pids.append(int(path.parent.name))
    return pids


def test_a_plugin_process_that_is_killed_costs_an_error_and_leaves_nothing(namespace: str) -> None:
    """Velero reports the pod that was in its hands, starts the plugin again for the others, and no process is left."""
    pods = [sleeping_pod(f"pod-{number:02}") for number in range(30)]
    apply(namespace, *pods)
    name = backup(namespace)
    delete_namespace(namespace)
    restore = Restore(name, wait=False)
    (pid,) = await_that(lambda: plugin_processes() if restored_pods(namespace) else [], "pods are being restored")
    os.kill(pid, signal.SIGSTOP)  # the next Execute is in its hands now
    os.kill(pid, signal.SIGKILL)
    phase = restore.await_phase("Completed", "PartiallyFailed", "Failed")
    lost = {pod["metadata"]["name"] for pod in pods} - set(restored_pods(namespace))
    described = restore.describe()
    assert all(f"pods/{namespace}/{pod}" in described for pod in lost), described
    assert phase == ("PartiallyFailed" if lost else "Completed"), described
    assert len(lost) <= 1, described
    await_that(lambda: plugin_processes() == [], "no plugin process is left")


def restored_pods(namespace: str) -> list[str]:
    """The names of the pods that the namespace has by now."""
    return kubectl("-n", namespace, "get", "pods", "-o", "jsonpath={.items[*].metadata.name}").split()
