"""Lines that tell a waiting person what happens, with the elapsed time."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

REPEAT_SECONDS = 10.0


class Step:
    """One thing under way: says so again, with what it has come to, every REPEAT_SECONDS."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.began = time.monotonic()
        self.said = self.began

    @property
    def elapsed(self) -> float:
        """Seconds since the step began."""
        return time.monotonic() - self.began

    def tell(self, detail: str) -> None:
        """Say how far it is, unless that was said a moment ago."""
        if time.monotonic() - self.said >= REPEAT_SECONDS:
            self.said = time.monotonic()
            say(f"  {self.title}: {detail} ({self.elapsed:.0f} s)")


@contextmanager
def step(title: str) -> Iterator[Step]:
    """Announce a step, and its duration once it is done."""
    say(title)
    current = Step(title)
    yield current
    say(f"  {title}: done ({current.elapsed:.1f} s)")


def say(line: str) -> None:
    """Print a line for the person (on stderr: stdout belongs to what a command answers)."""
    print(line, file=sys.stderr, flush=True)
