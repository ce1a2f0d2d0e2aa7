"""Log lines as a go-plugin host reads them: one JSON object a line on stderr.

`logging` records become lines with their level, message, place, and every key of `extra` as a field of its own.
Format: hclog's JSON keys (`@level`, `@message`), and the two keys by which a host that logs with logrus, as Velero
does, takes the place from the plugin instead of from itself (`logSource`, `@logSourceSetBy`).
"""

import logging
import os
from collections.abc import Callable, Sequence
from functools import cache

from velero_bridge._go_plugin.stack import file_below_import_root, message_of, stack_of

_STDERR = 2
# A host parses lines up to 64 KiB; of a longer one it takes the pieces as plain text.
_LINE_LIMIT = 64 * 1024 - 1
_TEXT_LIMITS = (8192, 2048, 512, 128)
_HOST_LEVELS = ((logging.ERROR, "error"), (logging.WARNING, "warn"), (logging.INFO, "info"), (0, "debug"))
_LEVELS = {
    "trace": logging.DEBUG,
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warn": logging.WARNING,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "fatal": logging.CRITICAL,
    "panic": logging.CRITICAL,
}
_RECORD_KEYS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class HostLogHandler(logging.Handler):
    """Writes each record to stderr as one line that the host can parse.

    Lines below warning wait for `flush`, which the server calls as soon as it has sent an answer: a host that has to
    read a line first gets its answer later.
    """

    def __init__(self) -> None:
        super().__init__()
        self._waiting: list[bytes] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record, or keep it for `flush`."""
        try:
            self._waiting.append(log_line(record))
        except Exception:  # noqa: BLE001 (logging's own rule: a log line never breaks what it tells of)
            self.handleError(record)
        if record.levelno >= logging.WARNING:
            self.flush()

    def flush(self) -> None:
        """Write the lines that wait, each in a single write as long as the pipe takes it."""
        if not self._waiting:
            return
        self.acquire()
        try:
            lines, self._waiting = self._waiting, []
            for line in lines:
                _write(line)
        finally:
            self.release()


def _write(line: bytes) -> None:
    while line:
        try:
            line = line[os.write(_STDERR, line) :]
        except OSError:
            return  # the host is gone, and with it everybody who would read this


def log_line(record: logging.LogRecord) -> bytes:
    """The line of one record, with its line feed; texts are cut where it would be too long for the host."""
    fields = _fields(record)
    line = _encode(fields)
    for limit in _TEXT_LIMITS:
        if len(line) < _LINE_LIMIT:
            break
        fields = {key: _cut(value, limit) for key, value in fields.items()}
        line = _encode(fields)
    return line + b"\n"


def _encode(fields: dict[str, object]) -> bytes:
    try:
        return _encoder()(fields)
    except UnicodeEncodeError:  # half a surrogate pair
        return _encoder()({key: str(value).encode(errors="backslashreplace").decode() for key, value in fields.items()})


@cache
def _encoder() -> Callable[[object], bytes]:
    import msgspec  # noqa: PLC0415 (most processes log nothing, and all start)

    return msgspec.json.Encoder(enc_hook=str).encode


def _fields(record: logging.LogRecord) -> dict[str, object]:
    fields: dict[str, object] = {
        "@level": _host_level(record.levelno),
        "@message": record.getMessage(),
        "logSource": f"{file_below_import_root(record.pathname)}:{record.lineno}",
        "@logSourceSetBy": "plugin",
    }
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        fields["error"] = message_of(error)
        for frame in stack_of(error)[:1]:
            fields["error.file"] = f"{frame.file}:{frame.line}"
            fields["error.function"] = frame.function
    fields.update({key: value for key, value in vars(record).items() if key not in _RECORD_KEYS})
    return fields


@cache
def _host_level(level: int) -> str:
    return next(name for least, name in _HOST_LEVELS if level >= least)


def _cut(value: object, limit: int) -> str:
    text = value if isinstance(value, str) else str(value)
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text) - limit} more characters)"


def log_to_host(arguments: Sequence[str]) -> HostLogHandler:
    """Send all log records to the host, from the level that `--log-level` in the arguments says (default info)."""
    handler = HostLogHandler()
    logging.basicConfig(level=log_level(arguments), handlers=[handler], force=True)
    return handler


def log_level(arguments: Sequence[str]) -> int:
    """The `logging` level that the host's flags ask for; a level nobody knows is info, as if there were none."""
    level = "info"
    for index, argument in enumerate(arguments):
        if argument == "--log-level" and index + 1 < len(arguments):
            level = arguments[index + 1]
        elif argument.startswith("--log-level="):
            level = argument.partition("=")[2]
    return _LEVELS.get(level.lower(), logging.INFO)
