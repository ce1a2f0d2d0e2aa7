"""The wait for a pod's hooks as a Velero operation, and its ID, which is all that another process gets of it.

`velero restore describe --details` shows the ID, so it is a line for a person:

    shop/web-0: velero-restore-init-0 (10m), seed-data (1m30s); wrong: "pod shop/web-0: …"
"""

from __future__ import annotations

import re
import typing

import msgspec

from init_hooks.duration import parse_duration

if typing.TYPE_CHECKING:
    from collections.abc import Callable

T = typing.TypeVar("T")

_PLAIN = re.compile(r"[A-Za-z0-9._-]+")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[A-Za-z0-9._-]+')
_WRONG = "wrong: "
_NANOSECONDS = 10**9

# Velero sets no limit to an ID, but keeps all of them in one object of the backup storage and sends each with
# every poll.
_LONGEST_PROBLEMS = 3000  # characters, of all problems together
_SHORTEST_PROBLEM = 150  # characters: below this a cut problem tells too little, so the last ones are only counted


class HookWait(msgspec.Struct, frozen=True):
    """A hook that the restore waits for. The timeout is in seconds, counted from the hook's turn."""

    name: str
    timeout: float


class Operation(msgspec.Struct, frozen=True):
    """A pod's hooks that the restore waits for, and what is wrong with those that it came back without.

    The namespace is that of the restored pod, after the Restore's namespace mapping. An operation with problems
    fails with them, when its hooks have ended.
    """

    namespace: str
    pod: str
    hooks: tuple[HookWait, ...] = ()
    problems: tuple[str, ...] = ()


def operation_id(operation: Operation) -> str:
    """Write an operation's ID. Many or long problems are cut; timeouts are kept to the nanosecond."""
    parts = []
    if operation.hooks:
        parts.append(", ".join([f"{_write(hook.name)} ({duration_text(hook.timeout)})" for hook in operation.hooks]))
    if operation.problems:
        parts.append(_WRONG + ", ".join([_quote(problem) for problem in _cut(operation.problems)]))
    return f"{_write(operation.namespace)}/{_write(operation.pod)}: {'; '.join(parts)}"


def parse_operation_id(text: str) -> Operation:
    """Read an operation's ID.

    Raises:
        ValueError: The text was not written by `operation_id`; the message says where it goes astray.
    """
    reader = _Reader(text)
    namespace = reader.token("a namespace")
    reader.expect("/")
    pod = reader.token("a pod's name")
    reader.expect(": ")
    hooks: list[HookWait] = []
    problems: list[str] = []
    wrong = reader.at(_WRONG)
    if not (wrong or reader.at_end()):
        hooks = reader.several(reader.hook)
        wrong = not reader.at_end()
        if wrong:
            reader.expect("; ")
    if wrong:
        reader.expect(_WRONG)
        problems = reader.several(lambda: reader.token("what is wrong"))
        reader.expect_end()
    return Operation(namespace, pod, tuple(hooks), tuple(problems))


def duration_text(seconds: float) -> str:
    """Write a duration as Go reads it, to the nanosecond: 90 seconds are 1m30s."""
    nanoseconds = round(abs(seconds) * _NANOSECONDS)
    minutes, nanoseconds = divmod(nanoseconds, 60 * _NANOSECONDS)
    hours, minutes = divmod(minutes, 60)
    whole, fraction = divmod(nanoseconds, _NANOSECONDS)
    point = f".{fraction:09}".rstrip("0") if fraction else ""
    text = f"{hours}h" * bool(hours) + f"{minutes}m" * bool(minutes) + f"{whole}{point}s" * bool(nanoseconds)
    return "-" * (seconds < 0) + text if text else "0s"


def _write(token: str) -> str:
    return token if _PLAIN.fullmatch(token) else _quote(token)


def _quote(text: str) -> str:
    return msgspec.json.encode(text.encode(errors="replace").decode()).decode()


def _cut(problems: tuple[str, ...]) -> list[str]:
    """Keep the beginning of each problem, and as many of them as can still tell something."""
    told = list(problems[: _LONGEST_PROBLEMS // _SHORTEST_PROBLEM])
    if untold := len(problems) - len(told):
        told[-1:] = [f"and {untold + 1} more"]
    share = _LONGEST_PROBLEMS // max(len(told), 1)
    return [text if len(text) <= share else text[: share - 1] + "…" for text in told]


class _Reader:
    """Reads an ID from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0

    def at_end(self) -> bool:
        return self._position == len(self._text)

    def at(self, mark: str) -> bool:
        return self._text.startswith(mark, self._position)

    def expect(self, mark: str) -> None:
        if not self.at(mark):
            self._fail(repr(mark))
        self._position += len(mark)

    def expect_end(self) -> None:
        if not self.at_end():
            self._fail("the end")

    def several(self, read: Callable[[], T]) -> list[T]:
        found = [read()]
        while self.at(", "):
            self.expect(", ")
            found.append(read())
        return found

    def hook(self) -> HookWait:
        name = self.token("a hook's name")
        self.expect(" (")
        hook = HookWait(name, self._duration())
        self.expect(")")
        return hook

    def token(self, what: str) -> str:
        match = _TOKEN.match(self._text, self._position)
        if not match:
            self._fail(what)
        try:
            token = msgspec.json.decode(match[0], type=str) if match[0].startswith('"') else match[0]
        except msgspec.DecodeError:
            self._fail(what)
        self._position = match.end()
        return token

    def _duration(self) -> float:
        token = self._text[self._position :].partition(")")[0]
        try:
            seconds = parse_duration(token)
        except ValueError:
            self._fail("a duration like 10m or 1m30s")
        self._position += len(token)
        return seconds

    def _fail(self, expected: str) -> typing.NoReturn:
        found = self._text[self._position :][:40]
        raise ValueError(
            f"operation ID {self._text[:200]!r}: found {found!r} at character {self._position}, expected {expected}; "
            "such an ID was not written by this version of the plugin"
        )
