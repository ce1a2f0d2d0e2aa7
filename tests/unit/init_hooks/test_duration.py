"""Go durations, as Go's time.ParseDuration reads them."""

import pytest

from init_hooks.duration import parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("5m", 300),
        ("1h30m", 5400),
        ("1h1m1s1ms1us1µs1μs1ns", 3661.001003001),  # two letters that look the same
        ("1.5h", 5400),
        (".5s", 0.5),
        ("5.s", 5),
        ("+1s", 1),
        ("-1m", -60),
        ("0", 0),
        ("-0", 0),
        ("1m1m", 120),
        ("9223372036854775807ns", 9223372036.854775807),
    ],
)
def test_a_duration_is_read_in_seconds(text: str, seconds: float) -> None:
    """Units from ns to h, fractions, signs and repetition count as they do in Go."""
    assert parse_duration(text) == pytest.approx(seconds, abs=1e-9)


@pytest.mark.parametrize(
    "text", ["", "5", "s", ".s", "5 m", "m5", "1d", "1h-5m", "--1s", "٣s", "9223372036854775808ns", "99999999h", "1e3s"]
)
def test_what_go_refuses_is_refused(text: str) -> None:
    """A number without a unit, a unit that Go doesn't know, and more than its int64 of nanoseconds are no durations."""
    with pytest.raises(ValueError):  # noqa: PT011 - the text itself is all that there is to say
        parse_duration(text)
