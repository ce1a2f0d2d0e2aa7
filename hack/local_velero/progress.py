"""Lines that tell a waiting person what happens, with the elapsed time."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

REPEAT_SECONDS = 10.0


class Step:
    """One thing under way. `detail` is what it has come to; it is said again and again, until the step is over."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.detail = "at work"
        self.began = time.monotonic()
        self.over = threading.Event()

    def repeat(self) -> None:
        """Say how far the step is, every REPEAT_SECONDS."""
        while not self.over.wait(REPEAT_SECONDS):
            say(f"  {self.title}: {self.detail} ({time.monotonic() - self.began:.0f} s)")


@contextmanager
def step(title: str) -> Iterator[Step]:
    """Announce a step, tell how far it is while it lasts, and its duration once it is done."""
    say(title)
    current = Step(title)
    threading.Thread(target=current.repeat, daemon=True).start()
    try:
        yield current
    finally:
        current.over.set()
    say(f"  {title}: done ({time.monotonic() - current.began:.1f} s)")


def say(line: str) -> None:
    """Print a line for the person (on stderr: stdout belongs to what a command answers)."""
    print(line, file=sys.stderr, flush=True)
