"""The pods that are restored again and again."""

import json
from dataclasses import dataclass
from itertools import count
from typing import Any

Pod = dict[str, Any]

KIB = 1024
PREFIX = "init.hook.restore.velero.io/"
COMMAND = ["/bin/sh", "-c", "echo host=db > /data/db-config.json"]
RESTORE: dict[str, Any] = {
    "apiVersion": "velero.io/v1",
    "kind": "Restore",
    "metadata": {"name": "after-disaster", "namespace": "velero"},
    "spec": {"backupName": "nightly", "includedNamespaces": ["*"], "excludedResources": ["nodes", "events"]},
}


@dataclass(frozen=True)
class Workload:
    """One item and its Restore, and which peers can do what it asks for.

    `hooks` is how many init containers the action is to add, `calls` how many calls make a round.
    """

    key: str
    title: str
    pod: Pod
    restore: dict[str, Any]
    hooks: int
    calls: int
    peers: tuple[str, ...] = ("ours", "typed", "own", "plain", "echo")

    @property
    def size(self) -> int:
        """Bytes of the item's JSON."""
        return len(json.dumps(self.pod, separators=(",", ":")))


def pod_of_size(size: int, *, hook: bool) -> Pod:
    """A pod whose JSON has about `size` bytes: as many containers as it takes, none too large for a real one."""
    pod = _pod([], hook=hook)
    containers = pod["spec"]["containers"]
    for number in count():
        containers.append(_container(number))
        if len(json.dumps(pod, separators=(",", ":"))) >= size:
            return pod
    raise AssertionError("count() ends")  # pragma: no cover


def pod_with_containers(number: int) -> Pod:
    """A pod with a hook and that many containers."""
    return _pod([_container(index) for index in range(number)], hook=True)


def restore_with_hooks(number: int) -> dict[str, Any]:
    """A Restore whose spec has that many init containers for every pod."""
    containers = [{"name": f"hook-{index}", "image": "alpine:3.22", "command": COMMAND} for index in range(number)]
    resource = {"name": "all", "postHooks": [{"init": {"initContainers": containers, "timeout": "5m"}}]}
    return RESTORE | {"spec": RESTORE["spec"] | {"hooks": {"resources": [resource]}}}


def _pod(containers: list[Pod], *, hook: bool) -> Pod:
    annotations = {"example.com/checksum": "0123456789abcdef" * 4}
    if hook:
        annotations |= {f"{PREFIX}command": json.dumps(COMMAND), f"{PREFIX}container-image": "alpine:3.22"}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": "my-web-app-7d9c5b6f4-x2x5z",
            "namespace": "web",
            "labels": {"app": "my-web-app", "pod-template-hash": "7d9c5b6f4", "backup": "nightly"},
            "annotations": annotations,
            "ownerReferences": [
                {
                    "apiVersion": "apps/v1",
                    "kind": "ReplicaSet",
                    "name": "my-web-app-7d9c5b6f4",
                    "uid": "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
                    "controller": True,
                    "blockOwnerDeletion": True,
                }
            ],
        },
        "spec": {
            "serviceAccountName": "default",
            "restartPolicy": "Always",
            "terminationGracePeriodSeconds": 30,
            "dnsPolicy": "ClusterFirst",
            "schedulerName": "default-scheduler",
            "securityContext": {"runAsNonRoot": True, "fsGroup": 2000},
            "tolerations": [
                {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute"},
                {"key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute"},
            ],
            "volumes": [
                {"name": "data-volume", "persistentVolumeClaim": {"claimName": "data"}},
                {"name": "settings", "configMap": {"name": "my-web-app", "defaultMode": 420}},
            ],
            "containers": containers,
        },
    }


def _container(number: int) -> Pod:
    return {
        "name": f"main-app-{number}",
        "image": "registry.example.com/shop/my-app:v1.24.3",
        "imagePullPolicy": "IfNotPresent",
        "args": ["--listen=0.0.0.0:8080", "--config=/etc/settings/app.yaml", "--log-format=json"],
        "ports": [{"name": f"http-{number}", "containerPort": 8080 + number, "protocol": "TCP"}],
        "env": [
            {"name": "POD_NAME", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}},
            {"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}},
            *({"name": f"SETTING_{index}", "value": f"value of setting {index}"} for index in range(12)),
        ],
        "resources": {
            "limits": {"cpu": "500m", "memory": "256Mi"},
            "requests": {"cpu": "250m", "memory": "128Mi"},
        },
        "volumeMounts": [
            {"name": "data-volume", "mountPath": "/data"},
            {"name": "settings", "mountPath": "/etc/settings", "readOnly": True},
        ],
        "readinessProbe": {
            "httpGet": {"path": "/ready", "port": 8080 + number, "scheme": "HTTP"},
            "periodSeconds": 10,
            "timeoutSeconds": 1,
            "successThreshold": 1,
            "failureThreshold": 3,
        },
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
    }
