"""A mistake in a pod's hooks, told so that it can be mended without reading any code."""

from __future__ import annotations

import typing

import msgspec

if typing.TYPE_CHECKING:
    from collections.abc import Sequence

_LONGEST_QUOTE = 120


class Finding(msgspec.Struct, frozen=True):
    """One mistake: which pod, where it is written, what stands there and what should."""

    pod: str  # "namespace/name", the namespace that the pod is restored into; "" for the plugin's own ConfigMap
    where: str  # an annotation, a path into one, or a path into the Restore's spec
    found: str
    expected: str
    hint: str = ""

    def __str__(self) -> str:
        """Tell everything on one line, as it stands in the restore's log and errors."""
        line = f"{self.where}: found {self.found}; expected {self.expected}"
        if self.hint:
            line = f"{line} ({self.hint})"
        return f"pod {self.pod}: {line}" if self.pod else line


class Findings:
    """The mistakes of one pod (or of the ConfigMap), collected in one pass."""

    def __init__(self, pod: str) -> None:
        self._pod = pod
        self._found: list[Finding] = []

    def add(self, where: str, found: str, expected: str, hint: str = "") -> None:
        """Note a mistake; the same one noted twice counts once."""
        finding = Finding(self._pod, where, found, expected, hint)
        if finding not in self._found:
            self._found.append(finding)

    def __bool__(self) -> bool:
        return bool(self._found)

    def all(self) -> tuple[Finding, ...]:
        """Give the mistakes in the order in which they were noted."""
        return tuple(self._found)


def quote(text: str) -> str:
    """Put text from a user into double quotes, on one line, cut where it gets long."""
    if len(text) > _LONGEST_QUOTE:
        text = text[:_LONGEST_QUOTE] + "…"
    return msgspec.json.encode(text.encode(errors="replace").decode()).decode()


def nearest(word: str, known: list[str]) -> str | None:
    """Find the known word that was most likely meant, or None where nothing is near."""
    import difflib  # noqa: PLC0415 - only mistakes need it

    matches = difflib.get_close_matches(word, known, n=1, cutoff=0.8)
    return matches[0] if matches else None


def one_of(words: Sequence[str]) -> str:
    """List what can be chosen from: a, b or c."""
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
