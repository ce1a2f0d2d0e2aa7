"""Text from the kubelet and from containers, made fit for one line of `velero restore describe`."""

from __future__ import annotations

_MOST_LINES = 10
_LONGEST = 500  # characters; the kubelet itself keeps 2,048 of a log and 4,096 of a termination message


def last_lines(text: str) -> str:
    """Give the last lines of what a container wrote, as one: the end is where it says why it failed."""
    lines = [line for line in (_printable(line) for line in text.splitlines()) if line]
    told = " | ".join(lines[-_MOST_LINES:])
    return told if len(told) <= _LONGEST else "…" + told[-_LONGEST:]


def one_line(text: str) -> str:
    """Give a message of Kubernetes as one line, cut in its middle where it gets long."""
    told = _printable(text)
    half = _LONGEST // 2
    return told if len(told) <= _LONGEST else f"{told[:half]} … {told[-half:]}"


def _printable(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
