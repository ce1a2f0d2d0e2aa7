"""Velero in the lab: installed by its own `velero install`, with the S3 gateway as its storage."""

import json
import secrets
from pathlib import Path
from typing import Any

from local_velero import images
from local_velero.component import Component, replace_file
from local_velero.control_plane import ADDRESS
from local_velero.failure import LabError
from local_velero.inside import Inside
from local_velero.layout import Layout

NAMESPACE = "velero"
BUCKET = "velero"
PORT = 9000
# What the gateway answers for, unless told otherwise.
REGION = "us-east-1"
WAIT = "--timeout=90s"
# The names in the lab's status.
PIECES = ("node", "velero", "node-agent", "storage")


def credentials_file(layout: Layout) -> Path:
    """Return the file that Velero reads its S3 credentials from."""
    return layout.state / "s3" / "credentials"


def object_store(layout: Layout, s3: Path) -> Component:
    """Make the bucket and the credentials of the S3 gateway; return the gateway."""
    folder = layout.state / "s3"
    for name in (f"objects/{BUCKET}", "attributes"):
        (folder / name).mkdir(parents=True)
    user, secret = "lab", secrets.token_hex(16)
    replace_file(
        credentials_file(layout),
        f"[default]\naws_access_key_id={user}\naws_secret_access_key={secret}\n",
        0o600,
    )
    return Component(
        "s3",
        (
            str(s3 / "versitygw"),
            "--port",
            f"{ADDRESS}:{PORT}",
            "posix",
            "--sidecar",
            str(folder / "attributes"),
            str(folder / "objects"),
        ),
        ready=f"tcp://{ADDRESS}:{PORT}",
        environment={"ROOT_ACCESS_KEY": user, "ROOT_SECRET_KEY": secret},
    )


def install(inside: Inside) -> None:
    """Install the server, the node agent and the plugin for S3."""
    inside.run(
        *("velero", "install", "--provider=aws", f"--bucket={BUCKET}", "--use-node-agent"),
        f"--image={images.velero_image().removeprefix('docker.io/')}",
        f"--plugins={images.aws_plugin_image().removeprefix('docker.io/')}",
        f"--secret-file={credentials_file(inside.layout)}",
        "--use-volume-snapshots=false",
        f"--backup-location-config=region={REGION},s3ForcePathStyle=true,s3Url=http://{ADDRESS}:{PORT}",
        # A small machine must have room left for the pods that are restored.
        *("--velero-pod-cpu-request=0", "--velero-pod-mem-request=0"),
        *("--node-agent-pod-cpu-request=0", "--node-agent-pod-mem-request=0"),
    )


def set_server_arguments(inside: Inside, old: list[str], new: list[str]) -> None:
    """Replace the arguments that a former `up` has added to Velero's server."""
    if old == new:
        return
    (deployment,) = inside.get("-n", NAMESPACE, "deployment", "velero")
    current = container_arguments(deployment)
    kept = [argument for argument in current if argument not in old]
    path = "/spec/template/spec/containers/0/args"
    patch = json.dumps([{"op": "replace", "path": path, "value": [*kept, *new]}])
    inside.run("kubectl", "-n", NAMESPACE, "patch", "deployment", "velero", "--type=json", f"--patch={patch}")


def container_arguments(deployment: dict[str, Any]) -> list[str]:
    """Return the arguments of the server's container."""
    return list(deployment["spec"]["template"]["spec"]["containers"][0]["args"])


def wait(inside: Inside) -> None:
    """Wait until the server, the node agent and the storage location are ready; raise LabError saying what is not."""
    try:
        inside.run("kubectl", "wait", "--for=condition=Ready", "node", "--all", WAIT)
        inside.run("kubectl", "-n", NAMESPACE, "rollout", "status", "daemonset/node-agent", WAIT)
        inside.run("kubectl", "-n", NAMESPACE, "rollout", "status", "deployment/velero", WAIT)
        available = "--for=jsonpath={.status.phase}=Available"
        inside.run("kubectl", "-n", NAMESPACE, "wait", available, "backupstoragelocation/default", WAIT)
    except LabError as error:
        wrong = [f"{name}: {complaint}" for name, complaint in complaints(inside).items() if complaint]
        pods = inside.run("kubectl", "-n", NAMESPACE, "get", "pods", "-o", "wide")
        raise LabError("\n".join([str(error), *wrong, pods])) from error


def complaints(inside: Inside) -> dict[str, str]:
    """Return, for the node and each piece of Velero, why it is not ready; an empty text when it is."""
    found = dict.fromkeys(PIECES, "there is none: `hack/lab up` installs it")
    for item in inside.get("-A", "nodes,deployments,daemonsets,backupstoragelocations"):
        name, complaint = judge(item)
        if name:
            found[name] = complaint
    return found


def judge(item: dict[str, Any]) -> tuple[str, str]:
    """Return the name an object has in the lab's status (or none) and what is wrong with it."""
    kind, metadata, status = item["kind"], item["metadata"], item.get("status", {})
    if kind == "Node":
        condition: dict[str, Any] = next(
            (entry for entry in status.get("conditions", []) if entry["type"] == "Ready"), {}
        )
        ready = condition.get("status") == "True"
        return "node", "" if ready else f"not Ready: {condition.get('message', 'no word yet')}"
    if metadata.get("namespace") != NAMESPACE:
        return "", ""
    if kind == "Deployment" and metadata["name"] == "velero":
        current = status.get("observedGeneration") == metadata["generation"]
        counts = [status.get(key, 0) for key in ("replicas", "updatedReplicas", "availableReplicas")]
        return "velero", "" if current and counts == [1, 1, 1] else "its pod is not available (yet)"
    if kind == "DaemonSet" and metadata["name"] == "node-agent":
        ready = status.get("numberReady", 0) == status.get("desiredNumberScheduled") == 1
        return "node-agent", "" if ready else "its pod is not ready (yet)"
    if kind == "BackupStorageLocation" and metadata["name"] == "default":
        phase = status.get("phase", "no phase yet")
        return "storage", "" if phase == "Available" else f"{phase}: {status.get('message', 'no message')}"
    return "", ""
