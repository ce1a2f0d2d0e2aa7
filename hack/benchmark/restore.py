"""The whole: restores of many pods by the Velero of the lab, with the plugin and without it by turns."""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from benchmark.figure import Figure
from benchmark.peer import ROOT
from benchmark.pod import KIB, PREFIX, Pod, pod_of_size

WITHOUT = "without"
NAMESPACE = "bench"
PODS = 1000

Say = Callable[[str], None]


def restore_many(rounds: int, say: Say) -> Figure:
    """Seconds from the start of a restore of PODS pods to its completion, as Velero writes them into the Restore.

    Every pod has a hook, for which the restore does not wait: no node takes these pods, so nothing but the restore
    itself is measured.
    """
    _run("hack/image")
    if subprocess.run([ROOT / "hack/lab", "status"], stdout=subprocess.DEVNULL, check=False).returncode:
        _run("hack/lab", "up")  # a lab that works stays as it is: `up` would undo the arguments it was started with
    _run("hack/lab", "load", "dist/image.tar")
    image = _run("hack/image", "--name").strip()
    seconds: dict[str, list[float]] = {WITHOUT: [], "ours": []}
    with _backup(say) as backup, _plugins_kept(image):
        for number in range(rounds):
            for key, hooks in ((WITHOUT, 0), ("ours", 1)):
                say(f"restore of {PODS:,} pods, round {number + 1} of {rounds}: {key}")
                _install(image, installed=bool(hooks))
                seconds[key].append(_restore(backup, f"{backup}-{key}-{number}", hooks))
    return Figure("restore", f"restore of {PODS:,} pods", "s", seconds)


@contextmanager
def _backup(say: Say) -> Iterator[str]:
    """A backup of the pods, which are then gone."""
    say(f"backup of {PODS:,} pods")
    _delete_namespace()
    _lab("kubectl", "create", "namespace", NAMESPACE)
    pods = {"apiVersion": "v1", "kind": "List", "items": [_pod(number) for number in range(PODS)]}
    _lab("kubectl", "create", "-f", "-", content=json.dumps(pods))
    name = f"bench-{datetime.now().astimezone():%Y%m%d-%H%M%S}"
    try:
        _lab("velero", "backup", "create", name, "--include-namespaces", NAMESPACE, "--wait")
        yield name
    finally:
        _delete_namespace()
        _lab("velero", "backup", "delete", name, "--confirm")


def _pod(number: int) -> Pod:
    pod = pod_of_size(4 * KIB, hook=True)
    pod["metadata"] = {
        "name": f"my-web-app-{number}",
        "namespace": NAMESPACE,
        "annotations": {
            f"{PREFIX}command": '["/bin/sh", "-c", "echo host=db > /data/db-config.json"]',
            f"{PREFIX}wait": "false",
        },
    }
    pod["spec"]["nodeSelector"] = {"bench": "nowhere"}
    return pod


@contextmanager
def _plugins_kept(image: str) -> Iterator[None]:
    """Afterwards Velero has the plugin if it had it before."""
    before = _is_installed(image)
    try:
        yield
    finally:
        _install(image, installed=before)


def _install(image: str, *, installed: bool) -> None:
    if installed and not _is_installed(image):
        _lab("velero", "plugin", "add", image, "--confirm")
    if not installed and _is_installed(image):
        _lab("velero", "plugin", "remove", image)
    _lab("kubectl", "-n", "velero", "rollout", "status", "deployment/velero", "--timeout=5m")
    # A server that has been told to end still takes restores.
    for pod in _lab_json("kubectl", "-n", "velero", "get", "pods", "-l", "deploy=velero")["items"]:
        if "deletionTimestamp" in pod["metadata"]:
            _lab("kubectl", "-n", "velero", "wait", "--for=delete", f"pod/{pod['metadata']['name']}", "--timeout=5m")


def _is_installed(image: str) -> bool:
    pod = _lab_json("kubectl", "-n", "velero", "get", "deployment", "velero")["spec"]["template"]
    return image in (container["image"] for container in pod["spec"].get("initContainers", []))


def _restore(backup: str, name: str, hooks: int) -> float:
    """Restore, check what came of it, and clean up; how many seconds it took."""
    _delete_namespace()
    _lab("velero", "restore", "create", name, "--from-backup", backup, "--wait")
    status = _lab_json("kubectl", "-n", "velero", "get", "restore", name)["status"]
    pods = _lab_json("kubectl", "-n", NAMESPACE, "get", "pods")["items"]
    found = sum(len(pod["spec"].get("initContainers", [])) for pod in pods)
    if status["phase"] != "Completed" or len(pods) != PODS or found != hooks * PODS:
        raise SystemExit(
            f"hack/bench: restore {name} is {status['phase']} ({status.get('failureReason', 'no reason given')}) with "
            f"{len(pods)} pods and {found} init containers; expected Completed, {PODS} and {hooks * PODS}"
        )
    _delete_namespace()
    took = datetime.fromisoformat(status["completionTimestamp"]) - datetime.fromisoformat(status["startTimestamp"])
    return took.total_seconds()


def _delete_namespace() -> None:
    _lab("kubectl", "delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait")


def _lab_json(*command: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(_lab(*command, "-o", "json"))
    return answer


def _lab(*command: str, content: str | None = None) -> str:
    return _run("hack/lab", "exec", *command, content=content)


def _run(script: str, *arguments: str, content: str | None = None) -> str:
    command = [str(ROOT / script), *arguments]
    result = subprocess.run(command, cwd=ROOT, input=content, stdout=subprocess.PIPE, text=True, check=False)
    if result.returncode:
        raise SystemExit(f"hack/bench: `{script} {' '.join(arguments)}` has failed: see above\n{result.stdout}")
    return result.stdout
