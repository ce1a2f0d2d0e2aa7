"""The services that every go-plugin host calls, whatever the plugin is for."""

from collections.abc import Callable, Iterable, Iterator

import grpc

from velero_bridge._go_plugin.handler import Handlers
from velero_bridge._wire.messages import (
    GRPC_HEALTH_V1_HEALTH,
    PLUGIN_BROKER,
    PLUGIN_CONTROLLER,
    PLUGIN_STDIO,
    HealthCheckRequest,
    HealthCheckResponse,
    PluginEmpty,
)

# The one name that hosts ask the health service for (`GRPCServiceName` of go-plugin).
_HEALTH_NAME = "plugin"
_SERVING = 1


def host_services(end: Callable[[], None]) -> Handlers:
    """Handlers of health, controller, stdio and broker by their full method names.

    `end` ends the process. As with go-plugin's own servers, which stop inside this call, the host gets no answer to its
    Shutdown but the end of the connection; it expects no more, and waits for the exit.
    """

    def shutdown(_request: bytes, _context: grpc.ServicerContext) -> bytes:
        end()
        return PluginEmpty().encode()

    return {
        f"/{GRPC_HEALTH_V1_HEALTH}/Check": grpc.unary_unary_rpc_method_handler(_check),
        f"/{PLUGIN_CONTROLLER}/Shutdown": grpc.unary_unary_rpc_method_handler(shutdown),
        f"/{PLUGIN_STDIO}/StreamStdio": grpc.unary_stream_rpc_method_handler(_no_stdio),
        f"/{PLUGIN_BROKER}/StartStream": grpc.stream_stream_rpc_method_handler(_no_connections),
    }


def _check(request: bytes, context: grpc.ServicerContext) -> bytes:
    service = HealthCheckRequest.decode(request).service
    if service != _HEALTH_NAME:
        context.abort(grpc.StatusCode.NOT_FOUND, f"no service {service!r}; this is {_HEALTH_NAME!r}")
    return HealthCheckResponse(status=_SERVING).encode()


def _no_stdio(_request: bytes, _context: grpc.ServicerContext) -> Iterator[bytes]:
    """End the stream: what the plugin prints goes to stderr, which the host reads anyway."""
    return iter(())


def _no_connections(_requests: Iterable[bytes], _context: grpc.ServicerContext) -> Iterator[bytes]:
    """End the stream: Velero's services open no further connections."""
    return iter(())
