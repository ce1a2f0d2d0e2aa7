"""A gRPC server on grpcio's core: the thread that polls the socket also runs the handler and sends the answer.

grpcio's own `grpc.server` hands each call from its polling thread to a pool and back, which costs a small call more
than everything else in the plugin (docs/performance.md). It is made of the same parts as this one,
`grpc._cython.cygrpc`, which are no public interface. They have been the same from grpcio 1.60 to 1.85, and the process
tests drive all that is used of them.
"""

import logging
import os
from collections.abc import Callable
from functools import partial
from threading import Thread

from grpc._cython import cygrpc

from velero_bridge._go_plugin.handler import OK, UNIMPLEMENTED, UNKNOWN, Call, Handlers, StatusError
from velero_bridge._go_plugin.stack import message_of
from velero_bridge.errors import HandshakeError

_OPTIONS = (("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1))
_NO_FLAGS = 0
_ENDED_BY_A_BUG = 70  # EX_SOFTWARE of sysexits.h

_log = logging.getLogger(__name__)


class _Turn:
    """One thread's time at the queue, and what it is busy with."""

    __slots__ = ("event",)

    def __init__(self) -> None:
        self.event: cygrpc.BaseEvent | None = None


class RpcServer:
    """Serves unary calls, and streams without messages.

    Calls are answered one after another. For one that takes its time the others do not wait: what calls `relieve` every
    now and then has another thread go on with them.
    """

    def __init__(self, handlers: Handlers, after_answer: Callable[[], None]) -> None:
        self._after_answer = after_answer
        self._handlers = {method.encode(): handler for method, handler in handlers.items()}
        self._queue = cygrpc.CompletionQueue()
        self._server = cygrpc.Server(_OPTIONS, False)  # noqa: FBT003 (of another's making)
        self._server.register_completion_queue(self._queue)
        self._turn = _Turn()
        self._seen: cygrpc.BaseEvent | None = None

    def listen(self, address: str) -> None:
        """Listen there, by gRPC's name of the address; calls wait until `start`.

        Raises:
            HandshakeError: The socket can't be made.
        """
        if not self._server.add_http2_port(address.encode()):  # gRPC tells the reason on stderr only
            raise HandshakeError(
                f"the socket {address} can't be made; where PLUGIN_UNIX_SOCKET_DIR or TMPDIR names its folder, "
                "that must exist and be writable for this process"
            )
        self._server.start()
        self._request_call()

    def start(self) -> None:
        """Answer calls from now on, in a thread of its own."""
        Thread(target=self._poll, daemon=True).start()

    def relieve(self) -> None:
        """Let another thread go on when the polling one is busy with the same event as at the last time."""
        event, seen = self._turn.event, self._seen
        self._seen = event
        if event is not None and event is seen:
            try:
                self.start()
            except RuntimeError as error:
                _log.warning("a call takes long, and the next one has to wait for it: %s", error)

    def _poll(self) -> None:
        turn = self._turn = _Turn()  # whoever had it before leaves, when he is done with his event
        try:
            while self._turn is turn:
                event = turn.event = self._queue.poll()
                event.tag(event)
                event = turn.event = None  # an event keeps its call, and a call its memory
        except BaseException:  # noqa: BLE001 (a process that answers nobody would look alive to its host)
            _log.exception("this plugin ends: its gRPC server can't go on")
            os._exit(_ENDED_BY_A_BUG)

    def _request_call(self) -> None:
        self._server.request_call(self._queue, self._queue, self._begin)

    def _begin(self, event: cygrpc.BaseEvent) -> None:
        self._request_call()
        call, method = event.call, event.call_details.method
        if method not in self._handlers:
            _end_call(call, UNIMPLEMENTED, f"no method {method.decode(errors='replace')}")
            return
        handler = self._handlers[method]
        if handler is None:
            _end_call(call, OK)
        else:
            receive = cygrpc.ReceiveMessageOperation(_NO_FLAGS)
            call.start_server_batch((receive,), partial(self._answer, handler, call))

    def _answer(self, handler: Call, call: cygrpc.Call, event: cygrpc.BaseEvent) -> None:
        request = event.batch_operations[0].message()
        if request is None:  # the caller is gone, or has ended its side without a word
            _end_call(call, UNIMPLEMENTED, "a request was expected, none came")
            return
        try:
            response = handler(request)
        except StatusError as error:
            _end_call(call, error.code, error.text, error.details)
        except Exception as error:  # noqa: BLE001 (whatever it is, the caller is told, and the next call is answered)
            _log.exception("a call has failed in the part of the plugin that serves the host")
            _end_call(call, UNKNOWN, message_of(error))
        else:
            _start(call, (cygrpc.SendMessageOperation(response, _NO_FLAGS), *_status(OK)))
        self._after_answer()


def _end_call(call: cygrpc.Call, code: int, text: str = "", details: bytes = b"") -> None:
    _start(call, _status(code, text, details))


def _status(code: int, text: str = "", details: bytes = b"") -> tuple[cygrpc.Operation, ...]:
    trailers = (("grpc-status-details-bin", details),) if details else None
    return (
        cygrpc.SendInitialMetadataOperation(None, _NO_FLAGS),
        cygrpc.SendStatusFromServerOperation(trailers, code, text.encode(errors="replace"), _NO_FLAGS),
        cygrpc.ReceiveCloseOnServerOperation(_NO_FLAGS),
    )


def _start(call: cygrpc.Call, operations: tuple[cygrpc.Operation, ...]) -> None:
    """Hand the last operations of a call to the core; a caller that is gone makes no difference."""
    call.start_server_batch(operations, _nothing_left)


def _nothing_left(_event: cygrpc.BaseEvent) -> None:
    """Of this call, all is sent."""
