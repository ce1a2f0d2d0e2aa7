"""A Velero server as plugins see it: Velero's own plugin client in the Go host, behind Python calls."""

import base64
import contextlib
import itertools
import json
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

ANSWER_SECONDS = 90.0  # Velero waits 60 s for a plugin's first line; a hang must end in a failed test

JsonObject = Mapping[str, Any]


class PluginError(Exception):
    """An error as Velero's client got it, with what Velero would log as `error.file` and `error.function`."""

    def __init__(self, message: str, file: str | None, function: str | None) -> None:
        super().__init__(message)
        self.message = message
        self.file = file
        self.function = function


@dataclass(frozen=True)
class Answer:
    """What an operation answered, in the spelling of Velero's Go types, and how long it took in the host."""

    result: Any
    seconds: float


@dataclass(frozen=True)
class LogLine:
    """A line of Velero's log; `source` is the file and line that logged it, the plugin's own where it says so."""

    level: str
    message: str
    source: str
    fields: JsonObject


@dataclass(frozen=True, order=True)
class Registered:
    """A plugin that discovery has found."""

    kind: str
    name: str
    command: str


@dataclass
class VeleroServer:
    """A running host.

    `flags` are those of `velero server`, which reach each plugin; `environment` is all they have.
    """

    host: Path
    flags: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            [self.host, "server", *self.flags],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=self.environment,
            text=True,
        )
        self._ids = itertools.count(1)
        self._waiting: dict[int, Future[Answer]] = {}
        self._logs: list[LogLine] = []
        self._logged = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End the host, which first ends its plugins as a Velero server does."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        try:
            self.process.wait(timeout=ANSWER_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            self._reader.join()
            self.process.stdout.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for text in self.process.stdout:
            line = json.loads(text)
            if "log" in line:
                with self._logged:
                    self._logs.append(_log_line(line["log"]))
                    self._logged.notify_all()
                continue
            waiting = self._waiting.pop(line["id"])
            if error := line.get("error"):
                waiting.set_exception(PluginError(error["message"], error.get("file"), error.get("function")))
            else:
                waiting.set_result(Answer(line.get("result"), line["ns"] / 1e9))
        for waiting in self._waiting.values():
            waiting.set_exception(ConnectionError("the host ended before it answered"))

    def begin(self, op: str, **parameters: object) -> Future[Answer]:
        """Ask for an operation of host/server.go and go on; several may be under way."""
        assert self.process.stdin is not None
        number = next(self._ids)
        answer: Future[Answer] = Future()
        self._waiting[number] = answer
        self.process.stdin.write(json.dumps({"id": number, "op": op, **parameters}) + "\n")
        self.process.stdin.flush()
        return answer

    def ask(self, op: str, **parameters: object) -> Answer:
        """Ask and wait.

        Raises:
            PluginError: As Velero's client would get it.
        """
        return self.begin(op, **parameters).result(ANSWER_SECONDS)

    def discover(
        self, folder: Path, log_level: str = "info", velero: Path | None = None, *, mute: bool = False
    ) -> list[Registered]:
        """Do what a Velero server does with its plugins folder at its start; return what it registers.

        With `velero`, Velero's executable, its built-in plugins are there too. With `mute` the log stays in the host.
        """
        own = str(velero or "")
        found = self.ask("discover", dir=str(folder), logLevel=log_level, velero=own, mute=mute).result
        return sorted(Registered(each["Kind"], each["Name"], each["Command"]) for each in found)

    def execute(self, name: str, item: JsonObject, **parameters: object) -> Answer:
        """Let an action work on an item that is the same in the backup."""
        parameters = {"itemFromBackup": item, "restore": RESTORE, **parameters}
        return self.ask("execute", name=name, item=item, **parameters)

    def execute_bytes(self, name: str, item: bytes) -> bytes:
        """Let the plugin of `wireLaunch` work on an item, and return the very bytes that it answers."""
        restore = json.dumps(RESTORE).encode()
        parameters = {"bytes": _text(item), "restoreBytes": _text(restore)}
        return base64.b64decode(self.ask("wireExecute", name=name, **parameters).result)

    def logs(self) -> list[LogLine]:
        """All lines till now."""
        with self._logged:
            return list(self._logs)

    def wait_for_log(self, wanted: Callable[[LogLine], bool]) -> LogLine:
        """Wait for a line, which may have come already: log lines are not in step with answers."""
        with self._logged:
            line = self._logged.wait_for(lambda: next(filter(wanted, self._logs), None), ANSWER_SECONDS)
            assert line is not None, f"no such line in Velero's log, but: {self._logs}"
            return line

    def plugin_pids(self) -> set[int]:
        """The plugin processes that the host has running."""
        return set(children(self.process.pid))


RESTORE: JsonObject = {
    "apiVersion": "velero.io/v1",
    "kind": "Restore",
    "metadata": {"name": "after-disaster", "namespace": "velero"},
    "spec": {"backupName": "nightly", "includedNamespaces": ["*"]},
}


def children(pid: int) -> Iterator[int]:
    """The processes whose parent is `pid`, those that have ended but were not waited for included."""
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = status.read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(text.rpartition(")")[2].split()[1]) == pid:
            yield int(status.parent.name)


def await_condition(condition: Callable[[], bool], what: str) -> None:
    """Look at something outside this process until it is so."""
    end = time.monotonic() + ANSWER_SECONDS
    while not condition():
        assert time.monotonic() < end, f"after {ANSWER_SECONDS:.0f} s still not so: {what}"
        time.sleep(0.002)


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended but was not waited for does not."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return text.rpartition(")")[2].split()[0] != "Z"


def _log_line(record: JsonObject) -> LogLine:
    fields = {key: value for key, value in record.items() if key not in {"level", "msg", "time", "logSource"}}
    return LogLine(record["level"], record["msg"], record["logSource"], fields)


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
