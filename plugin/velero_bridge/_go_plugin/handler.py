"""The gRPC handlers of this plugin: bytes in, bytes out, found by their full method names."""

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import grpc

Handler: TypeAlias = "grpc.RpcMethodHandler[bytes, bytes]"
Handlers: TypeAlias = dict[str, Handler]
