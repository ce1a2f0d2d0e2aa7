import json
from pathlib import Path

import pytest

from tests.contract.conftest import StartServer
from tests.contract.pods import COMMAND, IMAGE, NAME, STRANGE, Pod, in_bytes, my_web_app
from tests.contract.velero_server import Registered, VeleroServer

ACTION = "velero-init-hooks/inject"
OWN_ACTION = "velero.io/init-restore-hook"
ECHO = ["/bin/sh", "-c", "echo host=db > /data/db-config.json"]
SEED_ANNOTATIONS = {COMMAND: json.dumps(ECHO)}


def hook(**fields: object) -> Pod:
    """The init container of the seed, with what a test expects to differ."""
    return {
        "name": "velero-restore-init-0",
        "image": "alpine:latest",
        "command": ECHO,
        "imagePullPolicy": "IfNotPresent",
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "volumeMounts": [{"name": "data-volume", "mountPath": "/data"}],
        **fields,
    }


def with_hook(pod: Pod, container: Pod) -> Pod:
    """The pod as it is restored: the hook first, and a note of it for later restores."""
    names = json.dumps([container["name"]])
    annotations = pod["metadata"]["annotations"] | {"velero-init-hooks/injected": names}
    return pod | {
        "metadata": pod["metadata"] | {"annotations": annotations},
        "spec": pod["spec"] | {"initContainers": [container, *pod["spec"].get("initContainers", [])]},
    }


def test_it_is_one_plugin_for_pods(server: VeleroServer, init_hooks_folder: Path) -> None:
    """One executable in the folder, one action, one kind of resource."""
    executable = str(init_hooks_folder / "velero-init-hooks")

    assert server.discover(init_hooks_folder) == [Registered("RestoreItemActionV2", ACTION, executable)]
    assert server.ask("appliesTo", name=ACTION).result == {
        "IncludedNamespaces": None,
        "ExcludedNamespaces": None,
        "IncludedResources": ["pods"],
        "ExcludedResources": None,
        "LabelSelector": "",
    }


@pytest.mark.parametrize(
    ("annotations", "container"),
    [
        pytest.param(SEED_ANNOTATIONS, hook(), id="only a command"),
        pytest.param(
            {**SEED_ANNOTATIONS, IMAGE: "busybox:1.37", NAME: "db-config"},
            hook(image="busybox:1.37", name="db-config"),
            id="command, image and name",
        ),
    ],
)
def test_a_pod_gets_the_hook_of_its_annotations(
    server: VeleroServer, init_hooks_folder: Path, annotations: dict[str, str], container: Pod
) -> None:
    """The seed's my-web-app: the hook is first and sees what the app sees."""
    server.discover(init_hooks_folder)
    pod = my_web_app(**annotations)

    assert server.execute(ACTION, pod).result["UpdatedItem"] == with_hook(pod, container)


def test_a_pod_without_a_hook_is_answered_with_the_very_bytes(server: VeleroServer, init_hooks_folder: Path) -> None:
    """Spelling included: key order, spaces, numbers, escapes."""
    server.ask("wireLaunch", command=[str(init_hooks_folder / "velero-init-hooks")])
    item = in_bytes(my_web_app())

    assert server.execute_bytes(ACTION, item) == item


def test_what_is_not_the_hooks_keeps_its_bytes(server: VeleroServer, init_hooks_folder: Path) -> None:
    """A field that no version of Kubernetes knows yet passes through, spelled as it came."""
    server.ask("wireLaunch", command=[str(init_hooks_folder / "velero-init-hooks")])
    pod = my_web_app(**SEED_ANNOTATIONS)

    answer = server.execute_bytes(ACTION, in_bytes(pod))

    assert STRANGE in answer
    assert json.loads(answer) == {**with_hook(pod, hook()), "x-new": json.loads(STRANGE)}


def test_a_wrong_annotation_loses_the_hook_and_not_the_pod(server: VeleroServer, init_hooks_folder: Path) -> None:
    """The pod comes back as it went; the log says which pod, which annotation, found and expected."""
    server.discover(init_hooks_folder)
    pod = my_web_app(**{COMMAND: '["/bin/sh"'})

    assert server.execute(ACTION, pod).result["UpdatedItem"] == pod

    line = server.wait_for_log(lambda line: line.level == "error")
    assert line.fields["pod"] == "web/my-web-app"
    assert line.fields["annotation"] == COMMAND
    assert '["/bin/sh"' in json.loads(line.fields["found"].partition(" (")[0])
    assert "a JSON array of strings" in line.fields["expected"]


def test_what_velero_has_injected_itself_is_completed(
    server: VeleroServer, init_hooks_folder: Path, velero: Path
) -> None:
    """With an image, Velero's own action comes first and leaves a container that lacks what the hook needs."""
    server.discover(init_hooks_folder, velero=velero)
    pod = my_web_app(**SEED_ANNOTATIONS, **{IMAGE: "busybox:1.37"})

    by_velero = server.execute(OWN_ACTION, pod).result["UpdatedItem"]
    by_both = server.execute(ACTION, by_velero, itemFromBackup=pod).result["UpdatedItem"]

    assert [container["image"] for container in by_velero["spec"]["initContainers"]] == ["busybox:1.37"]
    (container,) = by_both["spec"]["initContainers"]
    expected = hook(image="busybox:1.37")
    assert {key: value for key, value in container.items() if key in expected} == expected


def test_it_ends_when_velero_is_done_with_it(start_server: StartServer, init_hooks_folder: Path) -> None:
    """Velero need not kill it, which it would do after 2 s, at the end of every restore."""
    server = start_server("--log-level", "debug")
    server.discover(init_hooks_folder, log_level="debug")
    server.execute(ACTION, my_web_app(**SEED_ANNOTATIONS))

    server.ask("cleanup")

    assert server.plugin_pids() == set()
    assert "plugin failed to exit gracefully" not in [line.message for line in server.logs()]
