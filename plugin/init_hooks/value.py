"""The values that annotations and the plugin's ConfigMap hold: each reader takes text or says what is wrong."""

from __future__ import annotations

import re
import typing

import msgspec

from init_hooks.duration import parse_duration
from init_hooks.finding import nearest, one_of, quote
from init_hooks.names import RESTORE_HELPERS
from init_hooks.settings import PullPolicy, Sharing

_COMMAND = msgspec.json.Decoder(list[str])
_PULL_POLICIES: tuple[PullPolicy, ...] = typing.get_args(PullPolicy)
_SHARING = {kind.value: kind for kind in Sharing}
_TRUE = {"true", "True", "TRUE", "t", "T", "1"}  # as Go's strconv.ParseBool, which Velero reads flags with
_FALSE = {"false", "False", "FALSE", "f", "F", "0"}


class WrongValueError(ValueError):
    """A value that can't be read."""

    def __init__(self, found: str, expected: str, hint: str = "") -> None:
        super().__init__(f"found {found}; expected {expected}")
        self.found = found
        self.expected = expected
        self.hint = hint


def read_command(text: str) -> list[str]:
    """Read a command as Velero does: a JSON array of strings, else the whole text as one argument.

    Velero also takes a broken array for one argument. No program has such a name, so here that is a mistake.
    """
    if not text.lstrip().startswith("["):
        return [text]
    try:
        return _COMMAND.decode(text)
    except msgspec.DecodeError as error:
        raise WrongValueError(
            f"{quote(text)} ({error})", 'a JSON array of strings such as ["/bin/sh", "-c", "echo ready"]'
        ) from None


def read_image(text: str) -> str:
    """Read an image's reference; what is inside it, the container runtime judges."""
    if text.split() != [text]:
        raise WrongValueError(quote(text), "an image such as alpine:3.20, without white space")
    return text


def read_container_name(text: str) -> str:
    """Read a container's name: a DNS label (RFC 1123), and not one that Velero's restore helper has."""
    if len(text) > 63 or not re.fullmatch("[a-z0-9]([-a-z0-9]*[a-z0-9])?", text):  # noqa: PLR2004
        long = f" of {len(text)} characters" if len(text) > 63 else ""  # noqa: PLR2004
        raise WrongValueError(
            quote(text) + long,
            "a name of at most 63 lower-case letters, digits and '-', with a letter or digit at both ends",
        )
    if text in RESTORE_HELPERS:
        raise WrongValueError(quote(text), "another name: Velero gives this one to its own init container")
    return text


def read_pull_policy(text: str) -> PullPolicy:
    """Read an image pull policy."""
    for policy in _PULL_POLICIES:
        if text == policy:
            return policy
    raise WrongValueError(quote(text), one_of(_PULL_POLICIES))


def read_timeout(text: str) -> float:
    """Read a timeout: a Go duration above zero. Returns seconds."""
    try:
        seconds = parse_duration(text)
    except ValueError:
        seconds = 0.0
    if seconds <= 0:
        raise WrongValueError(quote(text), "a duration above zero such as 90s, 5m or 1h30m")
    return seconds


def read_wait(text: str) -> bool:
    """Read true or false, in Go's spellings of them."""
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    raise WrongValueError(quote(text), "true or false")


def read_inherit(text: str) -> frozenset[Sharing]:
    """Read a comma list of what to share; an empty one shares nothing."""
    kinds: set[Sharing] = set()
    for word in text.split(","):
        name = word.strip()
        if name in _SHARING:
            kinds.add(_SHARING[name])
        elif name:
            near = nearest(name, list(_SHARING))
            raise WrongValueError(
                quote(name) if name == text else f"{quote(name)} in {quote(text)}",
                f"a comma list of {one_of([*_SHARING])}",
                f"did you mean {near}?" if near else "",
            )
    return frozenset(kinds)
