"""What the core makes of a pod is what a real API server takes: a pod is never lost to a hook."""

import json
from typing import Any

from hypothesis import Phase, given, settings

from init_hooks.config import parse_settings
from tests.e2e.lab import CommandError, kubectl
from tests.unit.init_hooks.admissible_pods import admissible_pods
from tests.unit.init_hooks.case import inject

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
