"""Durations as Go writes them, which is how Velero and Kubernetes take them: 90s, 5m, 1h30m."""

from __future__ import annotations

import re

_NANOSECONDS = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,  # U+00B5, micro sign
    "μs": 10**3,  # U+03BC, Greek letter mu: Go takes both
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
}
_LONGEST = 2**63 - 1  # Go counts nanoseconds in an int64


def parse_duration(text: str) -> float:
    """Read a duration by the rules of Go's time.ParseDuration.

    Returns:
        Seconds.

    Raises:
        ValueError: The text is no Go duration, or one that Go's int64 of nanoseconds can't hold.
    """
    sign = -1 if text.startswith("-") else 1
    rest = text[1:] if text[:1] in {"-", "+"} else text
    if rest == "0":
        return 0.0
    total, position = 0, 0
    while position < len(rest):
        part = re.match(r"([0-9]*)(?:\.([0-9]*))?(ns|us|µs|μs|ms|s|m|h)", rest[position:])
        if not part or not (part[1] or part[2]):
            break
        whole, fraction, unit = part[1] or "0", part[2] or "", _NANOSECONDS[part[3]]
        total += int(whole) * unit + int(fraction or "0") * unit // 10 ** len(fraction)
        position += part.end()
    if not rest or position < len(rest) or total > _LONGEST:
        raise ValueError(text)
    return sign * total / 10**9
