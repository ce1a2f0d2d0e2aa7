"""Pods as they come in real clusters: with an owner, into another namespace, restored again and again."""

import json
from typing import Any

import pytest

from tests.e2e.lab import (
    Restore,
    apply,
    await_ready,
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
APPEND = "echo restored >> /data/log"

pytestmark = pytest.mark.usefixtures("plugin")


def template(command: str = APPEND, **annotations: str) -> dict[str, Any]:
    """A pod's metadata and spec: an app that sleeps beside its volume, and a hook that writes to it."""
    hook = {PREFIX + "command": json.dumps(["/bin/sh", "-c", command])}
    hook |= {PREFIX + key.replace("_", "-"): value for key, value in annotations.items()}
    return {
        "metadata": {"labels": {"app": "web"}, "annotations": hook},
        "spec": {
            "terminationGracePeriodSeconds": 0,
            "containers": [
                {
                    "name": "app",
                    "image": ALPINE,
                    "imagePullPolicy": "IfNotPresent",
                    "command": ["/bin/sh", "-c", "sleep 86400"],
                    "volumeMounts": [{"name": "data", "mountPath": "/data"}],
                }
            ],
            "volumes": [{"name": "data", "emptyDir": {}}],
        },
    }


def pod(name: str, command: str = APPEND, **annotations: str) -> dict[str, Any]:
    """A pod without an owner."""
    made = {"apiVersion": "v1", "kind": "Pod", **template(command, **annotations)}
    made["metadata"]["name"] = name
    return made


def hookless(name: str) -> dict[str, Any]:
    """A pod that asks for nothing."""
    made = pod(name)
    del made["metadata"]["annotations"]
    return made


def controlled(kind: str, name: str, **spec: Any) -> dict[str, Any]:
    """A Deployment or StatefulSet of such pods."""
    selector = {"matchLabels": {"app": "web"}}
    body = {"selector": selector, "template": template(), **spec}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name}, "spec": body}


def names_of(namespace: str) -> list[str]:
    """The names of the namespace's pods."""
    return kubectl("-n", namespace, "get", "pods", "-o", "jsonpath={.items[*].metadata.name}").split()


def init_names(namespace: str, name: str) -> list[str]:
    """The names of a pod's init containers."""
    return [container["name"] for container in get("pod", name, namespace)["spec"].get("initContainers", [])]


def log_file(namespace: str, name: str) -> str:
    """What the hooks have written."""
    return kubectl("-n", namespace, "exec", name, "-c", "app", "--", "cat", "/data/log")


def restored(backup_name: str, namespace: str, *arguments: str) -> Restore:
    """A restore of everything, which is Completed and has nothing to complain of."""
    delete_namespace(namespace)
    restore = Restore(backup_name, *arguments)
    described = restore.describe()
    assert restore.phase == "Completed", described
    assert "Errors:" not in described.split("Namespaces:")[0], described
    return restore


def test_into_another_namespace(namespace: str) -> None:
    """The hook and the wait for it follow the pod into the namespace that the Restore maps to."""
    apply(namespace, pod("web"))
    await_ready(namespace, "web")
    other = new_name("mapped")
    try:
        restore = restored(backup(namespace), namespace, f"--namespace-mappings={namespace}:{other}")
        await_ready(other, "web")
        assert init_names(other, "web") == [HOOK]
        assert log_file(other, "web") == "restored\n"
        assert f"{other}/web: {HOOK} (10m)" in restore.describe()
    finally:
        delete_namespace(other)


def test_pods_of_a_deployment(namespace: str) -> None:
    """A restored pod of a Deployment runs the hook, and its ReplicaSet keeps it."""
    apply(namespace, controlled("Deployment", "web"))
    kubectl("-n", namespace, "rollout", "status", "deployment/web", "--timeout=60s")
    names = names_of(namespace)
    restored(backup(namespace), namespace)
    kubectl("-n", namespace, "rollout", "status", "deployment/web", "--timeout=60s")
    assert names_of(namespace) == names
    assert init_names(namespace, names[0]) == [HOOK]
    assert log_file(namespace, names[0]) == "restored\n"


def test_pods_of_a_stateful_set(namespace: str) -> None:
    """Each of two replicas runs the hook in its own volume."""
    apply(namespace, controlled("StatefulSet", "web", serviceName="web", replicas=2, podManagementPolicy="Parallel"))
    kubectl("-n", namespace, "rollout", "status", "statefulset/web", "--timeout=60s")
    restored(backup(namespace), namespace)
    await_ready(namespace, "web-0", "web-1")
    assert [init_names(namespace, name) for name in ("web-0", "web-1")] == [[HOOK], [HOOK]]
    assert [log_file(namespace, name) for name in ("web-0", "web-1")] == ["restored\n", "restored\n"]


def test_the_pod_of_a_job(namespace: str) -> None:
    """Velero restores a pod that still ran: the hook runs before the pod does its work again.

    The Job itself starts a new pod, as Velero gives it a new identity: that one is not restored and has no hook.
    """
    work = template()
    work["spec"]["restartPolicy"] = "Never"
    work["spec"]["containers"][0]["command"][2] = "test ! -e /data/log && sleep 86400; cat /data/log"
    apply(
        namespace, {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "work"}, "spec": {"template": work}}
    )
    (name,) = await_that(lambda: names_of(namespace), "the Job has a pod")
    await_ready(namespace, name)
    restored(backup(namespace), namespace)
    kubectl("-n", namespace, "wait", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=60s", f"pod/{name}")
    assert kubectl("-n", namespace, "logs", name, "-c", "app") == "restored\n"


@pytest.mark.parametrize("annotations", [{}, {"container_name": "seed"}, {"container_image": ALPINE}], ids=str)
def test_restored_twice(namespace: str, annotations: dict[str, str]) -> None:
    """A pod that was restored, backed up and restored again has its hook once, and it runs each time.

    Velero alone has it twice then, and with a name of its own the API server refuses such a pod.
    """
    apply(namespace, pod("web", **annotations))
    await_ready(namespace, "web")
    for _generation in range(2):
        restored(backup(namespace, "--default-volumes-to-fs-backup"), namespace)
        await_ready(namespace, "web")
        assert init_names(namespace, "web") == ["restore-wait", annotations.get("container_name", HOOK)]
    assert log_file(namespace, "web") == "restored\nrestored\n"


def test_the_annotation_was_changed_and_removed_in_between(namespace: str) -> None:
    """What is restored is what the pod asks for when it is backed up, not what it once asked for."""
    apply(namespace, pod("web"))
    await_ready(namespace, "web")
    restored(backup(namespace), namespace)
    kubectl(
        "-n",
        namespace,
        "annotate",
        "--overwrite",
        "pod/web",
        f'{PREFIX}command=["/bin/sh","-c","echo new > /data/log"]',
    )
    restored(backup(namespace), namespace)
    await_ready(namespace, "web")
    assert (init_names(namespace, "web"), log_file(namespace, "web")) == ([HOOK], "new\n")
    kubectl("-n", namespace, "annotate", "pod/web", f"{PREFIX}command-")
    restored(backup(namespace), namespace)
    await_ready(namespace, "web")
    assert init_names(namespace, "web") == []


def test_a_hook_of_the_restore(namespace: str) -> None:
    """A hook of the Restore's spec gets the app's volumes, and is there once after a second restore too."""
    apply(namespace, hookless("web"))
    await_ready(namespace, "web")
    container = {
        "name": "seed",
        "image": ALPINE,
        "command": ["/bin/sh", "-c", APPEND],
        "imagePullPolicy": "IfNotPresent",
    }
    hook = {
        "includedNamespaces": [namespace],
        "postHooks": [{"init": {"initContainers": [container], "timeout": "3m"}}],
    }
    for _generation in range(2):
        source = backup(namespace)
        delete_namespace(namespace)
        name = new_name("restore")
        spec = {"backupName": source, "hooks": {"resources": [{"name": "seed", **hook}]}}
        run(
            *("kubectl", "create", "-f", "-"),
            stdin=json.dumps(
                {
                    "apiVersion": "velero.io/v1",
                    "kind": "Restore",
                    "metadata": {"name": name, "namespace": "velero"},
                    "spec": spec,
                }
            ),
        )
        kubectl("-n", "velero", "wait", "--for=jsonpath={.status.phase}=Completed", "--timeout=60s", f"restore/{name}")
        await_ready(namespace, "web")
        assert init_names(namespace, "web") == ["seed"]
        assert log_file(namespace, "web") == "restored\n"


def test_a_non_root_app_can_rewrite_the_hooks_file(namespace: str) -> None:
    """The hook has the app's security context, so its file is the app's."""
    web = pod("web")
    web["spec"]["securityContext"] = {"fsGroup": 1000}
    web["spec"]["containers"][0]["securityContext"] = {"runAsUser": 1000, "runAsNonRoot": True}
    apply(namespace, web)
    await_ready(namespace, "web")
    restored(backup(namespace), namespace)
    await_ready(namespace, "web")
    write = ["exec", "web", "-c", "app", "--", "/bin/sh", "-c", "echo rewritten > /data/log"]
    kubectl("-n", namespace, *write)
    assert log_file(namespace, "web") == "rewritten\n"


def test_a_native_sidecar_before_the_hook(namespace: str) -> None:
    """With `after` the hook comes behind the sidecar and finds it running."""
    ready = "until test -e /data/proxy; do sleep 0.2; done; echo restored >> /data/log"
    web = pod("web", ready, after="proxy")
    proxy = {**web["spec"]["containers"][0], "name": "proxy", "restartPolicy": "Always"}
    proxy["command"] = ["/bin/sh", "-c", "touch /data/proxy; sleep 86400"]
    web["spec"]["initContainers"] = [proxy, {**proxy, "name": "migrate", "restartPolicy": None, "command": ["true"]}]
    apply(namespace, web)
    await_ready(namespace, "web")
    restored(backup(namespace), namespace)
    await_ready(namespace, "web")
    assert init_names(namespace, "web") == ["proxy", HOOK, "migrate"]
    assert log_file(namespace, "web") == "restored\n"


def test_a_pod_that_velero_alone_restored_before(namespace: str) -> None:
    """Velero's own hooks of earlier restores are in the backup, under names of their own: one hook is left of them."""
    web = pod("web", container_image=ALPINE)
    web["spec"]["initContainers"] = [
        {
            "name": f"velero-restore-init-{digits}",
            "image": ALPINE,
            "imagePullPolicy": "IfNotPresent",
            "command": ["true"],
        }
        for digits in ("0a1b2c3d", "ffee0011")
    ]
    apply(namespace, web)
    await_ready(namespace, "web")
    restored(backup(namespace), namespace)
    await_ready(namespace, "web")
    assert init_names(namespace, "web") == [HOOK]
    assert log_file(namespace, "web") == "restored\n"


def config_map(name: str, **data: str) -> dict[str, Any]:
    """A ConfigMap of the plugin."""
    labels = {"velero.io/plugin-config": "", "velero-init-hooks/inject": "RestoreItemAction"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "labels": labels}, "data": data}


def test_the_clusters_defaults(namespace: str) -> None:
    """One ConfigMap is obeyed, and its mistakes are told; of two none is, which is told as well."""
    apply(namespace, pod("web"))
    await_ready(namespace, "web")
    source = backup(namespace)
    try:
        apply("velero", config_map("hooks", image=ALPINE, timeout="3m", wiat="false"))
        restore = restored(source, namespace)
        await_ready(namespace, "web")
        assert get("pod", "web", namespace)["spec"]["initContainers"][0]["image"] == ALPINE
        assert f"{HOOK} (3m)" in restore.describe()
        assert "level=warning" in restore.log_line("ConfigMap velero/hooks: wiat")
        apply("velero", config_map("more-hooks", timeout="4m"))
        restore = restored(source, namespace)
        assert f"{HOOK} (10m)" in restore.describe()
        assert "level=warning" in restore.log_line("hooks, more-hooks; expected one")
    finally:
        kubectl("-n", "velero", "delete", "configmap", "hooks", "more-hooks", "--ignore-not-found")
