"""grpc's names for types, which stand in annotations alone.

Made of typing's generics and forward references, they would take 1 ms of the plugin's start.
"""

from typing import Any, TypeVar

RequestType = TypeVar("RequestType")
ResponseType = TypeVar("ResponseType")

ArityAgnosticMethodHandler = Any
ChannelArgumentType = Any
DeserializingFunction = Any
DoneCallbackType = Any
IntegratedCallFactory = Any
MetadataType = Any
NullaryCallbackType = Any
RequestIterableType = Any
SerializingFunction = Any
ServerCallbackTag = Any
ServerTagCallbackType = Any
UserTag = Any
