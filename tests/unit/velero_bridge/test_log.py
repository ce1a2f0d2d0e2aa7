"""Log lines as the host parses them."""

import json
import logging
import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from velero_bridge._go_plugin import log
from velero_bridge._go_plugin.log import HostLogHandler, log_level, log_line
from velero_bridge._go_plugin.stack import stack_of

HOST_READS_AT_MOST = 64 * 1024


def line_of(message: str, *args: object, level: int = logging.INFO, **kwargs: Any) -> dict[str, Any]:
    """The parsed line of one record."""
    record = logging.getLogger("test").makeRecord("test", level, "/x/y.py", 7, message, args, **kwargs)
    line = log_line(record)
    assert line.endswith(b"\n")
    assert b"\n" not in line[:-1]
    assert len(line) <= HOST_READS_AT_MOST
    parsed: dict[str, Any] = json.loads(line)
    return parsed


@pytest.mark.parametrize(
    ("level", "name"),
    [(5, "debug"), (10, "debug"), (20, "info"), (25, "info"), (30, "warn"), (40, "error"), (50, "error")],
)
def test_levels_are_those_of_the_host(level: int, name: str) -> None:
    """Python's levels become the host's nearest lower one; it knows no higher than error."""
    assert line_of("x", level=level, exc_info=None)["@level"] == name


def test_a_line_has_message_place_and_fields() -> None:
    """The message is formatted, the place told as the plugin's, each key of extra a field."""
    assert line_of("%d pods", 3, exc_info=None, extra={"pod": "a/b", "n": 2}) == {
        "@level": "info",
        "@message": "3 pods",
        "logSource": "/x/y.py:7",
        "@logSourceSetBy": "plugin",
        "pod": "a/b",
        "n": 2,
    }


def test_an_exception_is_told_with_its_place() -> None:
    """`exc_info` becomes the fields that Velero uses for errors."""
    try:
        raise ValueError("bad\nvalue")
    except ValueError as error:
        frame = stack_of(error)[0]
        line = line_of("it failed", exc_info=sys.exc_info())
    assert line["error"] == "ValueError: bad\nvalue"
    assert line["error.file"] == f"{frame.file}:{frame.line}"
    assert line["error.function"].endswith("test_an_exception_is_told_with_its_place")


@pytest.mark.parametrize("text", ["x" * 200_000, "\x00" * 200_000, "日" * 200_000, '"' * 70_000])
def test_long_lines_are_cut_so_that_they_stay_parsed(text: str) -> None:
    """A host takes lines of up to 64 KiB; longer texts are cut, and say so."""
    line = line_of("%s", text, exc_info=None, extra={"field": text})
    assert "more characters)" in line["@message"]
    assert "more characters)" in line["field"]


def test_what_json_does_not_know_is_text() -> None:
    """Any object can be a field, and half a surrogate pair can be in a text."""
    assert line_of("x", exc_info=None, extra={"o": ValueError("wrong")})["o"] == "wrong"
    line = line_of("\ud800", exc_info=None, extra={"o": 1})
    assert (line["@message"], line["o"]) == ("\\ud800", "1")


@pytest.mark.parametrize(
    ("arguments", "level"),
    [
        ([], logging.INFO),
        (["--log-level", "debug"], logging.DEBUG),
        (["--log-level=warning", "--features="], logging.WARNING),
        (["--log-level=ERROR"], logging.ERROR),
        (["--features", "x", "--log-level=panic"], logging.CRITICAL),
        (["--log-level=loud"], logging.INFO),
        (["--log-level"], logging.INFO),
    ],
)
def test_the_level_is_that_of_the_server(arguments: list[str], level: int) -> None:
    """Velero's own --log-level is obeyed, in both spellings; unknown flags and levels are no error."""
    assert log_level(arguments) == level


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The host's end of the pipe that the plugin writes its lines into."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    monkeypatch.setattr(log, "_STDERR", writing)
    yield reading
    os.close(writing)
    os.close(reading)


def messages(host: int) -> list[str]:
    """What the host has got since it last looked."""
    try:
        return [json.loads(line)["@message"] for line in os.read(host, 65536).splitlines()]
    except BlockingIOError:
        return []


def a_logger(handler: HostLogHandler) -> logging.Logger:
    """A logger that writes to the host alone."""
    logger = logging.Logger("test", logging.INFO)  # noqa: LOG001 (one that no other test can find)
    logger.addHandler(handler)
    return logger


def test_lines_wait_for_the_answer_but_for_warnings(host: int) -> None:
    """A warning takes those that were there before it along, so that the order stays."""
    handler = HostLogHandler()
    logger = a_logger(handler)

    logger.info("one")
    logger.info("two")
    assert messages(host) == []
    handler.flush()
    assert messages(host) == ["one", "two"]

    logger.info("three")
    logger.warning("four")
    assert messages(host) == ["three", "four"]
    handler.flush()
    assert messages(host) == []


def test_a_host_that_is_gone_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is left to read the line, or to be told."""
    reading, writing = os.pipe()
    monkeypatch.setattr(log, "_STDERR", writing)
    os.close(reading)
    a_logger(HostLogHandler()).error("one")
    os.close(writing)
