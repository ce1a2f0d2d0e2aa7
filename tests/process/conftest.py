"""Plugin processes, launched as Velero launches them and ended with the test."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest
from velero_host import VeleroHost

ECHO = (sys.executable, str(Path(__file__).parent / "plugins/echo.py"))

Launch = Callable[..., VeleroHost]


@pytest.fixture
def launch() -> Iterator[Launch]:
    """Launches the echo plugin, or another command, with more flags and environment."""
    with ExitStack() as hosts:

        def start(
            command: tuple[str, ...] = ECHO, flags: tuple[str, ...] = (), environment: Mapping[str, str] | None = None
        ) -> VeleroHost:
            return hosts.enter_context(VeleroHost(command, flags=flags, environment=environment))

        yield start
