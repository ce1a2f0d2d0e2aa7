"""What the core makes of a pod is what a real API server takes: a pod is never lost to a hook."""

import json
from typing import Any

import pytest
from hypothesis import Phase, given, settings

from init_hooks.config import parse_settings
from tests.e2e.lab import CommandError, apply, await_that, get, kubectl
from tests.unit.init_hooks.admissible_pods import admissible_pods
from tests.unit.init_hooks.case import PREFIX, inject

PODS = 400
CONFIG = {"security-context": '{"runAsUser": 1000}', "resources": '{"limits": {"memory": "64Mi"}}'}


def generated_pods() -> list[dict[str, Any]]:
    """The same pods in every run."""
    found: list[dict[str, Any]] = []

    @settings(max_examples=PODS, phases=[Phase.generate])
    @given(admissible_pods())
    def collect(pod: dict[str, Any]) -> None:
        found.append(pod)

    collect()
    return found


def refusals(pods: list[dict[str, Any]]) -> list[str]:
    """What the API server says against pods; nothing is created."""
    for number, pod in enumerate(pods):
        pod["metadata"]["name"] = f"web-{number}"
    objects = json.dumps({"apiVersion": "v1", "kind": "List", "items": pods})
    try:
        created = kubectl("create", "--dry-run=server", "--validate=false", "-f", "-", stdin=objects)
    except CommandError as error:
        return [line for line in str(error).splitlines() if not line.endswith("created (server dry run)")]
    assert len(created.splitlines()) == len(pods)
    return []


def test_a_pod_that_is_admitted_without_hooks_is_admitted_with_them() -> None:
    """With the plugin's defaults and with a ConfigMap's; the pods themselves are right, so it is up to the hooks."""
    pods = generated_pods()
    assert len(pods) >= PODS // 2
    assert refusals(pods) == []
    configured, findings = parse_settings(CONFIG, "")
    assert findings == ()
    for chosen in (None, configured):
        injections = [inject(pod, settings=chosen) for pod in pods]
        assert sum(bool(injection.hooks) for injection in injections) > len(pods) // 2
        assert refusals([json.loads(injection.item) for injection in injections]) == []


def test_a_restricted_namespace_takes_the_hook(namespace: str) -> None:
    """Pod Security `restricted` refuses a pod over one container: that of Velero's own hook, not ours."""
    kubectl("label", "namespace", namespace, "pod-security.kubernetes.io/enforce=restricted")
    pod = pod_with_hook(
        securityContext={
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "runAsNonRoot": True,
            "seccompProfile": {"type": "RuntimeDefault"},
        }
    )
    with pytest.raises(CommandError, match=r'violates PodSecurity "restricted.*velero-restore-init-0a1b2c3d'):
        admitted(namespace, by_velero(pod))
    assert hook_of(admitted(namespace, by_us(pod))) == "velero-restore-init-0"


def test_a_resource_quota_takes_the_hook(namespace: str) -> None:
    """A quota on cpu and memory refuses a pod with one container that doesn't say what it needs."""
    quota = {"hard": {"limits.cpu": "1", "limits.memory": "1Gi", "requests.cpu": "1", "requests.memory": "1Gi"}}
    apply(namespace, {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "all"}, "spec": quota})
    await_that(lambda: get("resourcequota", "all", namespace).get("status", {}).get("hard"), "the quota is counted")
    pod = pod_with_hook(resources={"limits": {"cpu": "1", "memory": "1Gi"}})  # the whole quota: the hook adds nothing
    with pytest.raises(CommandError, match=r"must specify limits\.cpu for: velero-restore-init-0a1b2c3d"):
        admitted(namespace, by_velero(pod))
    assert hook_of(admitted(namespace, by_us(pod))) == "velero-restore-init-0"


def test_a_limit_range_takes_the_hook(namespace: str) -> None:
    """What a LimitRange gives to a container that asks for nothing may be more than a pod may have."""
    limits = [
        {"type": "Container", "default": {"memory": "2Gi"}},
        {"type": "Pod", "max": {"memory": "1Gi"}},
    ]
    apply(
        namespace,
        {"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "all"}, "spec": {"limits": limits}},
    )
    pod = pod_with_hook(resources={"limits": {"memory": "1Gi"}})
    with pytest.raises(CommandError, match="maximum memory usage per Pod is 1Gi, but limit is 2Gi"):
        admitted(namespace, by_velero(pod))
    assert hook_of(admitted(namespace, by_us(pod))) == "velero-restore-init-0"


def test_a_guaranteed_pod_stays_guaranteed(namespace: str) -> None:
    """One container that doesn't ask for all it may have makes the whole pod Burstable."""
    pod = pod_with_hook(resources={"limits": {"cpu": "1", "memory": "1Gi"}})
    classes = [admitted(namespace, made(pod))["status"]["qosClass"] for made in (dict, by_velero, by_us)]
    assert classes == ["Guaranteed", "Burstable", "Guaranteed"]


def pod_with_hook(**of_the_app: object) -> dict[str, Any]:
    """A pod that asks for a hook in words that Velero's own action understands, too."""
    asked = {PREFIX + "command": '["true"]', PREFIX + "container-image": "tool:1"}
    app = {"name": "app", "image": "app", **of_the_app}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web", "annotations": asked},
        "spec": {"containers": [app]},
    }


def by_velero(pod: dict[str, Any]) -> dict[str, Any]:
    """The pod as Velero's own action alone restores it."""
    hook = {"name": "velero-restore-init-0a1b2c3d", "image": "tool:1", "command": ["true"]}
    return pod | {"spec": pod["spec"] | {"initContainers": [hook]}}


def by_us(pod: dict[str, Any]) -> dict[str, Any]:
    """The pod after our action, which comes after Velero's."""
    injection = inject(by_velero(pod), pod)
    assert injection.findings == ()
    restored: dict[str, Any] = json.loads(injection.item)
    return restored


def admitted(namespace: str, pod: dict[str, Any]) -> dict[str, Any]:
    """The pod as the API server would have it; nothing is created."""
    arguments = ("create", "--dry-run=server", "-o", "json", "-f", "-")
    taken: dict[str, Any] = json.loads(kubectl("-n", namespace, *arguments, stdin=json.dumps(pod)))
    return taken


def hook_of(pod: dict[str, Any]) -> str:
    """The name of the pod's one init container."""
    [container] = pod["spec"]["initContainers"]
    return str(container["name"])
