"""Namespace patterns as Velero matches them, by the rules of the Go package github.com/gobwas/glob v0.2.3."""

from __future__ import annotations

import functools
import re

_WILD = {"*": ".*", "?": ".", "{": "(?:"}
_IN_ALTERNATIVES = {",": "|", "}": ")"}


@functools.lru_cache(maxsize=256)
def compile_glob(pattern: str) -> re.Pattern[str]:
    r"""Compile a glob: `*`, `**`, `?`, `[abc]`, `[!a-z]`, `{one,two}`, and `\` before a character that is meant itself.

    Raises:
        ValueError: The pattern is not well formed.
    """
    out: list[str] = []
    depth = position = 0
    while position < len(pattern):
        character = pattern[position]
        position += 1
        if character == "[":
            text, position = _character_class(pattern, position)
            out.append(text)
        elif character in _WILD:
            depth += character == "{"
            out.append(_WILD[character])
        elif depth and character in _IN_ALTERNATIVES:
            depth -= character == "}"
            out.append(_IN_ALTERNATIVES[character])
        else:
            if character == "\\":
                character = pattern[position : position + 1]
                position += 1
            out.append(re.escape(character))
    out.append(")" * depth)  # alternatives that are left open end with the pattern
    stars = [index for index, text in enumerate(out) if text == _WILD["*"]]
    if stars and len(stars) == stars[-1] - stars[0] + 1 and not set("?[{") & set(pattern):
        # With one star between two texts the Go package looks at each end by itself: "team-*-prod" has "team-prod".
        start, end = "".join(out[: stars[0]]), "".join(out[stars[-1] + 1 :])
        return re.compile(f"(?={start}).*(?<={end})", re.DOTALL)
    return re.compile("".join(out), re.DOTALL)


def _character_class(pattern: str, position: int) -> tuple[str, int]:
    """Read what follows a `[`: one range or a list of characters, both of which may be negated."""
    negated = pattern.startswith("!", position)
    position += negated
    if pattern[position + 1 : position + 2] == "-":
        low, high, end = pattern[position], pattern[position + 2 : position + 3], position + 3
        if not high or high < low:
            raise ValueError(pattern)
        members = f"{re.escape(low)}-{re.escape(high)}"
    else:
        characters, end = _class_characters(pattern, position)
        members = re.escape(characters)
    if not members or pattern[end : end + 1] != "]":
        raise ValueError(pattern)
    return f"[{'^' * negated}{members}]", end + 1


def _class_characters(pattern: str, position: int) -> tuple[str, int]:
    characters: list[str] = []
    while position < len(pattern) and pattern[position] != "]":
        position += pattern[position] == "\\"
        characters.append(pattern[position : position + 1])
        position += 1
    return "".join(characters), position
