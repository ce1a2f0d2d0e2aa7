"""What answers the calls of this plugin: bytes in, bytes out, found by their full method names."""

from collections.abc import Callable
from typing import TypeAlias

# Status codes of gRPC (`google.rpc.Code`), those that are used here.
OK = 0
UNKNOWN = 2
NOT_FOUND = 5
ABORTED = 10
UNIMPLEMENTED = 12

Call: TypeAlias = Callable[[bytes], bytes]
"""Answers one request with one response, or raises StatusError."""

Handler: TypeAlias = Call | None
"""None: a stream, which ends without a message."""

Handlers: TypeAlias = dict[str, Handler]


class StatusError(Exception):
    """The answer to a call that failed: a status code, a text, and `google.rpc.Status` encoded (empty: none)."""

    def __init__(self, code: int, text: str, details: bytes = b"") -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.details = details
