"""What is found in a container before the API server finds it and refuses the whole pod."""

import pytest
from msgspec import Raw

from init_hooks.container_schema import read_fields
from init_hooks.finding import Findings


@pytest.mark.parametrize(
    ("container", "finding"),
    [
        ('{"command": "sh"}', "command: found text; expected an array"),
        ('{"args": ["a", 5]}', "args[1]: found a whole number; expected text"),
        ('{"stdin": "yes"}', "stdin: found text; expected true or false"),
        ('{"ports": [{"name": "web"}]}', "ports[0]: found no containerPort; expected an object with a containerPort"),
        ('{"env": [{"value": "a"}]}', "env[0]: found no name; expected an object with a name"),
        ('{"env": [{"name": "A", "value": 5}]}', "env[0].value: found a whole number; expected text"),
        (
            '{"env": [{"name": "A", "value": "b", "valueFrom": {"fieldRef": {}}}]}',
            "env[0]: found value and valueFrom; expected one of them",
        ),
        (
            '{"volumeMounts": [{"name": "a"}]}',
            "volumeMounts[0]: found no mountPath; expected an object with a mountPath",
        ),
        (
            '{"volumeMounts": [{"name": "a", "mountPath": "/a", "subPath": "b", "subPathExpr": "c"}]}',
            "volumeMounts[0]: found subPath and subPathExpr; expected one of them",
        ),
        (
            '{"volumeMounts": [{"name": "a", "mountPath": "/a", "mountPropagation": "Both"}]}',
            'volumeMounts[0].mountPropagation: found "Both"; expected None, HostToContainer or Bidirectional',
        ),
        ('{"securityContext": []}', "securityContext: found an array; expected an object"),
        (
            '{"securityContext": {"privileged": true, "allowPrivilegeEscalation": false}}',
            "securityContext.allowPrivilegeEscalation: found false; expected true, since privileged is",
        ),
        (
            '{"resources": {"limits": {"cpu": []}}}',
            "resources.limits[...]: found an array; expected a whole number or text",
        ),
        (
            '{"resources": {"limits": {"cpu": "1 core"}}}',
            'resources.limits.cpu: found "1 core"; expected a quantity such as 100m, 0.5 or 64Mi',
        ),
        (
            '{"resources": {"limits": {"memory": "1G"}, "requests": {"memory": "1Gi"}}}',
            "resources.requests.memory: found more than the limit (1073741824 of 1000000000); expected at most the",
        ),
        ('{"imagePullPolicy": "always"}', 'imagePullPolicy: found "always"; expected Always, IfNotPresent or Never'),
        (
            '{"terminationMessagePolicy": "Logs"}',
            'terminationMessagePolicy: found "Logs"; expected File or FallbackToLogsOnError',
        ),
        ('{"restartPolicy": "Always"}', 'restartPolicy: found "Always"; expected Never or OnFailure'),
        ('{"readinessProbe": {}}', "readinessProbe: found a field that only app containers have"),
        ('{"volumeMount": []}', "volumeMount: found a field that means nothing; expected volumeMounts"),
    ],
)
def test_a_mistake(container: str, finding: str) -> None:
    """Each is one finding, with the path to it; the field itself is left out."""
    findings = Findings("")
    assert read_fields(Raw(container.encode()), "hook", findings) == {}
    [found] = findings.all()
    assert str(found).startswith(f"hook.{finding}")


@pytest.mark.parametrize(
    "container",
    [
        '{"name": "a", "image": "b", "command": ["c"], "args": [], "workingDir": "/"}',
        '{"resources": {"limits": {"cpu": 1, "memory": "1.5Gi"}, "requests": {"cpu": "1000m", "memory": 1e9}}}',
        '{"resources": {"claims": [{"name": "a"}]}}',
        '{"resources": {"limits": {"cpu": "1e3", "memory": "1Ei"}, "requests": {"cpu": ".5k", "memory": "+5."}}}',
        '{"ports": [{"containerPort": 80, "hostIP": "127.0.0.1"}], "tty": true}',
        '{"env": [{"name": "A"}, {"name": "B", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}]}',
        '{"envFrom": [{"prefix": "A_", "secretRef": {"name": "b"}}], "restartPolicy": "Never"}',
        '{"securityContext": {"privileged": true, "capabilities": {"drop": ["ALL"]}, "runAsUser": 0}}',
        '{"fieldOfALaterKubernetes": {"a": 1.50}}',
    ],
)
def test_a_right_container(container: str) -> None:
    """All its fields are given as they are, those of a later Kubernetes as well."""
    findings = Findings("")
    fields = read_fields(Raw(container.encode()), "hook", findings)
    assert findings.all() == ()
    assert "{" + ", ".join(f'"{key}": {bytes(value).decode()}' for key, value in fields.items()) + "}" == container
