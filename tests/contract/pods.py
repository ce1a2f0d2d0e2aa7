"""The pods of these tests."""

import json
from typing import Any

Pod = dict[str, Any]

COMMAND = "init.hook.restore.velero.io/command"


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


def in_bytes(pod: Pod) -> bytes:
    """The pod as JSON, spelled as no library would: what is not ours must come back like this."""
    text = json.dumps(pod, indent=1, ensure_ascii=True)
    return text.replace('"kind"', '"x-number": 1.50e+2,\n  "x-text": "\\u00e4\\/b",\n "kind"').encode()
