"""The services that every go-plugin host calls, whatever the plugin is for."""

from collections.abc import Callable

from velero_bridge._go_plugin.handler import NOT_FOUND, Handlers, StatusError
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

    def shutdown(_request: bytes) -> bytes:
        end()
        return PluginEmpty().encode()

    return {
        f"/{GRPC_HEALTH_V1_HEALTH}/Check": _check,
        f"/{PLUGIN_CONTROLLER}/Shutdown": shutdown,
        f"/{PLUGIN_STDIO}/StreamStdio": None,  # what the plugin prints goes to stderr, which the host reads anyway
        f"/{PLUGIN_BROKER}/StartStream": None,  # Velero's services open no further connections
    }


def _check(request: bytes) -> bytes:
    service = HealthCheckRequest.decode(request).service
    if service != _HEALTH_NAME:
        raise StatusError(NOT_FOUND, f"no service {service!r}; this is {_HEALTH_NAME!r}")
    return HealthCheckResponse(status=_SERVING).encode()
