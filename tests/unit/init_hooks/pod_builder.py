"""Pods as the API server writes them, with only what tells how their init containers are doing."""

from typing import Any

Json = dict[str, Any]

HOOK = "velero-restore-init-0"
CREATED = "2026-11-23T10:00:00Z"
SCHEDULED = "2026-11-23T10:00:10Z"
ACKNOWLEDGED = "2026-11-23T10:00:20Z"
SANDBOX_READY = "2026-11-23T10:00:30Z"


def waiting(reason: str = "PodInitializing", message: str = "", **more: Any) -> Json:
    """Give the status of a container that waits."""
    return {"state": {"waiting": {"reason": reason, "message": message}}, **more}


def running(since: str = SANDBOX_READY, **more: Any) -> Json:
    """Give the status of a container that runs."""
    return {"state": {"running": {"startedAt": since}}, **more}


def ended(exit_code: int = 0, at: str | None = SANDBOX_READY, **more: Any) -> Json:
    """Give the state of a container that has ended."""
    return {"terminated": {"exitCode": exit_code, "finishedAt": at, **more}}


def pod(statuses: dict[str, Json | None], **more: Any) -> Json:
    """Give a Pod of these init containers, each with its status, or None where the kubelet has written none.

    `more` is put into its status, but for `spec` and `metadata`, which go where they belong. Init containers whose
    name begins with `sidecar` are sidecars.
    """
    return {
        "metadata": {
            "name": "web-0",
            "namespace": "shop",
            "creationTimestamp": CREATED,
            "labels": {"velero.io/restore-name": "after-disaster"},
            **more.pop("metadata", {}),
        },
        "spec": {
            "initContainers": [
                {"name": name, **({"restartPolicy": "Always"} if name.startswith("sidecar") else {})}
                for name in statuses
            ],
            "restartPolicy": "Always",
            **more.pop("spec", {}),
        },
        "status": {
            "phase": "Pending",
            "startTime": ACKNOWLEDGED,
            "podIP": "10.244.0.7",
            "conditions": [
                condition("PodScheduled", "True", SCHEDULED),
                condition("PodReadyToStartContainers", "True", SANDBOX_READY),
            ],
            "initContainerStatuses": [
                {"name": name, "restartCount": 0, "lastState": {}, **status}
                for name, status in statuses.items()
                if status is not None
            ],
            **more,
        },
    }


def condition(kind: str, status: str, at: str | None = None, message: str = "") -> Json:
    """Give a pod condition."""
    return {"type": kind, "status": status, "lastTransitionTime": at, "message": message}
