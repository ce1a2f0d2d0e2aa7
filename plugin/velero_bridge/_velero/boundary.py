"""The one place where a Python exception becomes what Velero reads as an error.

Velero takes the message from the gRPC status, and from its details (`generated.Stack` in `google.rpc.Status`) the
file, line and function that it logs as `error.file` and `error.function`. As in Velero's own framework an error has
the code UNKNOWN, and what ends a Go plugin's call by panic, here an exception that is no `Exception`, has ABORTED.
"""

from velero_bridge._go_plugin.handler import ABORTED, UNKNOWN, Call, StatusError
from velero_bridge._go_plugin.stack import message_of, stack_of
from velero_bridge._wire.messages import Any, Stack, StackFrame, Status
from velero_bridge.errors import VeleroBridgeError

_STACK_TYPE = "type.googleapis.com/generated.Stack"
# Text enough for a log; a gRPC peer may refuse trailers beyond 8 KiB, and an exception can quote a whole item.
_MESSAGE_LIMIT = 4096


def guarded(call: Call) -> Call:
    """A handler that answers what `call` answers, and each of its exceptions as Velero reads errors."""

    def handle(request: bytes) -> bytes:
        try:
            return call(request)
        except BaseException as error:
            code = UNKNOWN if isinstance(error, Exception) else ABORTED
            raise StatusError(code, error_text(error), error_details(code, error)) from error

    return handle


def error_text(error: BaseException) -> str:
    """The text that Velero shows: of an error meant for people its own words, else with its type before it."""
    text = str(error) if isinstance(error, VeleroBridgeError) else message_of(error)
    if len(text) > _MESSAGE_LIMIT:
        return f"{text[:_MESSAGE_LIMIT]}… ({len(text) - _MESSAGE_LIMIT} more characters)"
    return text


def error_details(code: int, error: BaseException) -> bytes:
    """The trailer `grpc-status-details-bin`: the status again, with the stack of the exception."""
    stack = Stack(
        frames=tuple(StackFrame(file=file, line=line, function=function) for file, line, function in stack_of(error))
    )
    return Status(
        code=code, message=error_text(error), details=(Any(type_url=_STACK_TYPE, value=stack.encode()),)
    ).encode()
