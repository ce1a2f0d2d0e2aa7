"""The pods of these tests."""

import json
from typing import Any

Pod = dict[str, Any]

COMMAND = "init.hook.restore.velero.io/command"
IMAGE = "init.hook.restore.velero.io/container-image"
NAME = "init.hook.restore.velero.io/container-name"


def probe_pod(do: str, **annotations: str) -> Pod:
    """A pod that tells the probe what to do."""
    return my_web_app() | {
        "metadata": {
            "name": "my-web-app",
            "namespace": "web",
            "annotations": {
                "probe.example.com/do": do,
                **{f"probe.example.com/{key}": value for key, value in annotations.items()},
            },
        }
    }


def my_web_app(**annotations: str) -> Pod:
    """A web server that needs /data/db-config.json, with no hook unless annotations give it one."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "my-web-app", "namespace": "web", "annotations": annotations},
        "spec": {
            "nodeName": "node-1",
            "containers": [
                {
                    "name": "main-app",
                    "image": "my-app:v1",
                    "volumeMounts": [{"name": "data-volume", "mountPath": "/data"}],
                }
            ],
            "volumes": [{"name": "data-volume", "emptyDir": {}}],
        },
    }


# The value of a field that Kubernetes does not know, in a spelling that no library would choose.
STRANGE = rb'{"number": 1.50e+2,   "text" :"\u00e4\/b"}'


def in_bytes(pod: Pod) -> bytes:
    """The pod as JSON with the strange field in it, spread over lines."""
    return json.dumps(pod, indent=1).encode().replace(b'"kind"', b'"x-new": ' + STRANGE + b', "kind"')
