"""Pods that a real API server takes, with everything in them that makes sharing more than a copy."""

from typing import Any

from hypothesis import strategies as st

from tests.unit.init_hooks.case import PREFIX
from tests.unit.init_hooks.generated_pods import RIGHT, WRONG

Object = dict[str, Any]

VOLUMES: dict[str, Object] = {
    "data": {"persistentVolumeClaim": {"claimName": "data"}},
    "scratch": {"emptyDir": {}},
    "host": {"hostPath": {"path": "/mnt"}},
    "settings": {"configMap": {"name": "settings"}},
    "token": {"projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}},
    "disk": {"persistentVolumeClaim": {"claimName": "disk"}},
}
ENV: list[Object] = [
    {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
    {"name": "DIR", "value": "of-$(POD)-$$(NOT)"},
    {"name": "CPU", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}},
    {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "passwords", "key": "db"}}},
]
RESOURCES: list[Object] = [
    {},
    {"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "1", "memory": "1Gi"}},
    {"limits": {"memory": "1Gi", "ephemeral-storage": "1Gi"}, "requests": {"cpu": "100m"}},
    {"limits": {"nvidia.com/gpu": "1", "memory": "64Mi"}, "requests": {"nvidia.com/gpu": "1", "memory": "64Mi"}},
    {"limits": {"hugepages-2Mi": "64Mi", "cpu": 1}, "requests": {"hugepages-2Mi": "64Mi", "cpu": 0.5}},
    {"limits": {"nvidia.com/gpu": "1"}, "claims": [{"name": "gpu"}]},
]
SECURITY_CONTEXTS: list[Object] = [
    {},
    {"privileged": True},
    {"runAsUser": 1000, "runAsNonRoot": True, "readOnlyRootFilesystem": True},
    {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]},
        "seccompProfile": {"type": "RuntimeDefault"},
    },
]
INIT_CONTAINERS: list[Object] = [
    {"name": "restore-wait", "image": "velero"},
    {"name": "velero-restore-init-0a1b2c3d", "image": "tool:1"},
    {"name": "velero-restore-init-1", "image": "own"},
    {"name": "proxy", "image": "proxy", "restartPolicy": "Always", "startupProbe": {"tcpSocket": {"port": 80}}},
    {"name": "migrate", "image": "migrate", "env": [{"name": "A", "value": "b"}]},
]
PATHS = ["/data", "/work", "/etc/settings", "/dev/termination-log", "/cache"]


@st.composite
def admissible_pods(draw: st.DrawFn) -> Object:
    """Pods with hook annotations, most of them right."""
    kind = draw(st.sampled_from([RIGHT, RIGHT, RIGHT, WRONG]))
    keys = {PREFIX + key: values for key, values in kind.items()}
    asked = {PREFIX + "command": keys.pop(PREFIX + "command")}
    names = ["app", "worker"][: draw(st.integers(1, 2))]
    containers = [draw(_app_containers(name)) for name in names]
    if kind is RIGHT:
        keys[PREFIX + "inherit-from"] = st.sampled_from(names)
    spec: Object = {
        "containers": containers,
        "initContainers": draw(st.lists(st.sampled_from(INIT_CONTAINERS), unique_by=lambda one: one["name"])),
        "volumes": [{"name": name, **source} for name, source in VOLUMES.items()],
        "resourceClaims": [{"name": "gpu", "resourceClaimName": "gpu"}],
        "restartPolicy": draw(st.sampled_from(["Always", "Never"])),
    }
    if draw(st.booleans()):
        spec["securityContext"] = {"runAsNonRoot": True, "runAsUser": 1000, "fsGroup": 1000}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web", "annotations": draw(st.fixed_dictionaries(asked, optional=keys))},
        "spec": spec,
    }


@st.composite
def _app_containers(draw: st.DrawFn, name: str) -> Object:
    security_context = draw(st.sampled_from(SECURITY_CONTEXTS))
    container: Object = {
        "name": name,
        "image": "app",
        "resources": draw(st.sampled_from(RESOURCES)),
        "securityContext": security_context,
        "env": ENV,
        "envFrom": draw(st.sampled_from([[], [{"prefix": "APP_", "configMapRef": {"name": "names"}}]])),
        "livenessProbe": {"tcpSocket": {"port": 80}},
        "lifecycle": {"preStop": {"exec": {"command": ["stop"]}}},
    }
    paths = draw(st.lists(st.sampled_from(PATHS), unique=True))
    container["volumeMounts"] = [
        draw(_mounts(path, privileged=security_context.get("privileged", False))) for path in paths
    ]
    if draw(st.booleans()):
        container["volumeDevices"] = [{"name": "disk", "devicePath": "/dev/xvda"}]
    if "/dev/termination-log" in paths:
        container["terminationMessagePath"] = "/log"
    return container


@st.composite
def _mounts(draw: st.DrawFn, path: str, *, privileged: bool) -> Object:
    ways: list[Object] = [
        {},
        {"readOnly": True, "recursiveReadOnly": "IfPossible"},
        {"subPath": "db"},
        {"subPathExpr": "$(DIR)/$(APP_NAME)"},
        {"mountPropagation": "Bidirectional" if privileged else "HostToContainer"},
    ]
    names = [name for name in VOLUMES if name != "disk"]
    return {"name": draw(st.sampled_from(names)), "mountPath": path, **draw(st.sampled_from(ways))}
