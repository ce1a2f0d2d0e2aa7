"""The plugin's ConfigMap in the cluster. That an answer comes over HTTP at all is test_pod_reader.py's matter."""

import json
import logging
from urllib.parse import parse_qs, urlsplit

import pytest

from init_hooks.api_server import Answer, ApiServer, ApiServerError
from init_hooks.cluster_config import ClusterSettings
from init_hooks.settings import Settings


class Server(ApiServer):
    """An API server that gives these answers in turn, the last one for ever."""

    def __init__(self, *answers: Answer | ApiServerError) -> None:
        self.answers = list(answers)
        self.paths: list[str] = []

    def get(self, path: str) -> Answer:
        """Give the next answer."""
        self.paths.append(path)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, ApiServerError):
            raise answer
        return answer


def config_maps(**data: dict[str, str] | None) -> Answer:
    """The list of these ConfigMaps, as the API server gives it."""
    items = [
        {"metadata": {"name": name, "namespace": "velero"}} | ({"data": one} if one is not None else {})
        for name, one in data.items()
    ]
    return Answer(200, json.dumps({"kind": "ConfigMapList", "apiVersion": "v1", "items": items}).encode())


def refusal(status: int, message: str) -> Answer:
    """What the API server says instead."""
    return Answer(status, json.dumps({"kind": "Status", "message": message}).encode())


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the restore's log says."""
    assert {record.levelno for record in caplog.records} <= {logging.WARNING}
    return [record.getMessage() for record in caplog.records]


def test_it_is_looked_for_by_veleros_convention() -> None:
    """In Velero's namespace, by two labels; Velero's two spellings of the plugin's kind both count."""
    server = Server(config_maps())
    ClusterSettings("backup-system", lambda: server)()
    [path] = server.paths
    assert urlsplit(path).path == "/api/v1/namespaces/backup-system/configmaps"
    assert parse_qs(urlsplit(path).query) == {
        "labelSelector": ["velero.io/plugin-config,velero-init-hooks/inject in (RestoreItemAction,RestoreItemActionV2)"]
    }


@pytest.mark.parametrize(
    ("answer", "settings"),
    [
        (config_maps(), Settings()),
        (config_maps(hooks=None), Settings()),
        (config_maps(hooks={"timeout": "90s", "on-invalid": "fail"}), Settings(timeout=90.0, on_invalid="fail")),
    ],
    ids=["no ConfigMap", "an empty one", "one with data"],
)
def test_what_it_says_counts(answer: Answer, settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    """Without a ConfigMap the defaults count, and there is nothing to warn of."""
    assert ClusterSettings("velero", lambda: Server(answer))() == settings
    assert warnings(caplog) == []


def test_it_is_read_once() -> None:
    """A plugin process serves one restore, so one look is enough."""
    server = Server(config_maps(hooks={"timeout": "90s"}))
    settings = ClusterSettings("velero", lambda: server)
    assert settings() is settings()
    assert len(server.paths) == 1


def test_what_is_wrong_in_it_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """A wrong value leaves its default, the others count."""
    answer = config_maps(hooks={"timeout": "5", "image": "toolbox:1"})
    assert ClusterSettings("velero", lambda: Server(answer))() == Settings(image="toolbox:1")
    assert warnings(caplog) == [
        (
            'ConfigMap velero/hooks: timeout: found "5"; expected a duration above zero such as 90s, 5m or 1h30m; '
            "the default counts instead"
        )
    ]


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (
            config_maps(one={"timeout": "90s"}, two={}),
            (
                "found 2 ConfigMaps in velero with the labels velero.io/plugin-config,velero-init-hooks/inject in "
                "(RestoreItemAction,RestoreItemActionV2): one, two; expected one: remove these labels from the others"
            ),
        ),
        (
            refusal(403, "configmaps is forbidden"),
            (
                "HTTP status 403: configmaps is forbidden; "
                "Velero's service account has to be allowed to list ConfigMaps in velero"
            ),
        ),
        (Answer(200, b"<html>"), "the API server's answer is no list of ConfigMaps: JSON is malformed"),
    ],
    ids=["two ConfigMaps", "no permission", "another server's answer"],
)
def test_what_can_not_be_read_is_told_once(answer: Answer, problem: str, caplog: pytest.LogCaptureFixture) -> None:
    """The defaults count, and nobody asks again: the answer would be the same."""
    server = Server(answer)
    settings = ClusterSettings("velero", lambda: server)
    assert (settings(), settings()) == (Settings(), Settings())
    [warning] = warnings(caplog)
    assert warning.startswith(f"the plugin's configuration can't be read, its defaults count instead: {problem}")
    assert len(server.paths) == 1


@pytest.mark.parametrize(
    "trouble", [ApiServerError("no answer from the API server"), refusal(503, "apiserver is shutting down")]
)
def test_an_api_server_that_is_away_is_asked_again_later(
    trouble: Answer | ApiServerError, caplog: pytest.LogCaptureFixture
) -> None:
    """Until then the defaults count; a pod may wait for it, but not every one."""
    server, now = Server(trouble, trouble, config_maps(hooks={"timeout": "90s"})), [0.0]
    settings = ClusterSettings("velero", lambda: server, lambda: now[0])
    assert (settings(), settings()) == (Settings(), Settings())
    assert (len(server.paths), len(warnings(caplog))) == (1, 1)
    now[0] = 30.0
    assert settings() == Settings()
    now[0] = 60.0
    assert settings() == Settings(timeout=90.0)
    assert (len(server.paths), len(warnings(caplog))) == (3, 2)


def test_outside_of_a_cluster_the_defaults_count(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plugin that is tried by hand has no cluster to ask."""
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    assert ClusterSettings("velero")() == Settings()
    [warning] = warnings(caplog)
    assert "this process does not run in a pod of a cluster" in warning
