"""The cases of cases/*.yaml, and what they say made into what Velero sends."""

import copy
import json
from pathlib import Path
from typing import Any

import msgspec
import yaml

from init_hooks.config import parse_settings
from init_hooks.injection import Injection, inject_hooks
from init_hooks.settings import Settings

PREFIX = "init.hook.restore.velero.io/"
RECORD = "velero-init-hooks/injected"
ALWAYS = {"name", "image", "command", "imagePullPolicy", "terminationMessagePolicy"}

Object = dict[str, Any]

MY_WEB_APP: Object = {
    "containers": [
        {"name": "main-app", "image": "my-app:v1", "volumeMounts": [{"name": "data-volume", "mountPath": "/data"}]}
    ],
    "volumes": [{"name": "data-volume", "emptyDir": {}}],
}


class Case(msgspec.Struct, forbid_unknown_fields=True):
    """What a pod and a restore say, and what is expected of it."""

    behaviour: str
    annotations: dict[str, str] = {}
    record: str | None = None
    labels: dict[str, str] = {}
    spec: Object = msgspec.field(default_factory=lambda: MY_WEB_APP)
    injected_before: list[Object] = []
    restore: Object = {}
    config: dict[str, str] = {}
    # Expected; what is not said is not looked at but for the findings.
    unchanged: bool = False
    initContainers: list[Object] | msgspec.UnsetType = msgspec.UNSET  # noqa: N815
    shared: Object | None = None
    hooks: list[Object] | None = None
    replaced: list[str] = []
    namespace: str = "shop"
    findings: list[str] = []

    def backed_up(self) -> Object:
        """The pod as it is in the backup."""
        annotations = {PREFIX + key: value for key, value in self.annotations.items()}
        if self.record is not None:
            annotations[RECORD] = self.record
        metadata = {"name": "my-web-app", "namespace": "shop", "labels": self.labels, "annotations": annotations}
        return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": self.spec}

    def item(self) -> Object:
        """The pod as Velero's own actions leave it."""
        pod = copy.deepcopy(self.backed_up())
        if self.injected_before:
            own = [one for one in pod["spec"].get("initContainers", []) if one["name"] != "restore-wait"]
            pod["spec"]["initContainers"] = [*self.injected_before, *own]
        return pod

    def inject(self) -> Injection:
        """Have the hooks injected."""
        settings, findings = parse_settings(self.config, "ConfigMap velero/init-hooks")
        assert findings == ()
        return inject(self.item(), self.backed_up(), self.restore, settings)


def inject(
    item: Object, backed_up: Object | None = None, restore: Object | None = None, settings: Settings | None = None
) -> Injection:
    """Inject the hooks of a pod, given as an object."""
    return inject_hooks(
        json.dumps(item).encode(),
        json.dumps(backed_up or item).encode(),
        json.dumps({"spec": restore or {}}).encode(),
        lambda: settings or Settings(),
    )


def cases() -> list[Case]:
    """All cases, file by file; one anchor may serve a whole file."""
    files = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
    return [msgspec.convert(case, Case) for file in files for case in yaml.safe_load(file.read_text())]
