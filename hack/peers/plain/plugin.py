# Its stubs are generated where it is installed: hack/bench does that.
# mypy: ignore-errors
"""The peer of init_hooks in plain Python: what go-plugin's guide for other languages than Go asks for, and no more.

A grpcio server on generated stubs with the health service, a TCP port, the handshake line, and a wait for the end.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from velero import (
    plugin_lister_pb2,
    plugin_lister_pb2_grpc,
    restore_item_action_v2_pb2,
    restore_item_action_v2_pb2_grpc,
    shared_pb2,
)

NAME = "peers.example.com/plain"
PREFIX = "init.hook.restore.velero.io/"
WORKERS = 10


class Lister(plugin_lister_pb2_grpc.PluginListerServicer):
    """Tells Velero what is here."""

    def ListPlugins(self, request, context):  # noqa: ANN001, ANN201, ARG002, D102, N802
        plugin = plugin_lister_pb2.PluginIdentifier(command=sys.argv[0], kind="RestoreItemActionV2", name=NAME)
        return plugin_lister_pb2.ListPluginsResponse(plugins=[plugin])


class Action(restore_item_action_v2_pb2_grpc.RestoreItemActionServicer):
    """Injects the seed's init container."""

    def AppliesTo(self, request, context):  # noqa: ANN001, ANN201, ARG002, D102, N802
        selector = shared_pb2.ResourceSelector(includedResources=["pods"])
        return restore_item_action_v2_pb2.RestoreItemActionAppliesToResponse(ResourceSelector=selector)

    def Execute(self, request, context):  # noqa: ANN001, ANN201, ARG002, D102, N802
        pod = json.loads(request.item)
        annotations = pod["metadata"].get("annotations") or {}
        if f"{PREFIX}command" in annotations:
            hook = {
                "name": "velero-restore-init-0",
                "image": annotations.get(f"{PREFIX}container-image", "alpine:latest"),
                "command": json.loads(annotations[f"{PREFIX}command"]),
                "imagePullPolicy": "IfNotPresent",
                "volumeMounts": pod["spec"]["containers"][0].get("volumeMounts", []),
            }
            pod["spec"]["initContainers"] = [hook, *pod["spec"].get("initContainers", [])]
        return restore_item_action_v2_pb2.RestoreItemActionExecuteResponse(item=json.dumps(pod).encode())


def main() -> None:
    """Serve until killed."""
    server = grpc.server(ThreadPoolExecutor(max_workers=WORKERS))
    plugin_lister_pb2_grpc.add_PluginListerServicer_to_server(Lister(), server)
    restore_item_action_v2_pb2_grpc.add_RestoreItemActionServicer_to_server(Action(), server)
    healthy = health.HealthServicer()
    healthy.set("plugin", health_pb2.HealthCheckResponse.SERVING)
    health_pb2_grpc.add_HealthServicer_to_server(healthy, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(f"1|2|tcp|127.0.0.1:{port}|grpc", flush=True)
    server.wait_for_termination()


if __name__ == "__main__":
    main()
