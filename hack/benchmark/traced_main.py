"""Takes the place of init_hooks.__main__ in a bundle that notes when it imports what: see start.py.

All times are seconds of the monotonic clock, which every process of the machine shares.
"""

import _frozen_importlib
import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    import typing

_FIRST_LINE = time.monotonic()
_imports: list[tuple[str, int, float, float]] = []
_handshake: list[float] = []
_depth = 0

_importlib: "typing.Any" = _frozen_importlib
_find_and_load = _importlib._find_and_load  # noqa: SLF001 (each import of a module that is not there yet)
_write, _exit = os.write, os._exit


def _noted_import(name: str, import_: object) -> object:
    global _depth  # noqa: PLW0603 (the start has one thread)
    depth, begin = _depth, time.monotonic()
    _depth += 1
    try:
        return _find_and_load(name, import_)
    finally:
        _depth -= 1
        _imports.append((name, depth, begin, time.monotonic()))


def _noted_write(descriptor: int, data: bytes) -> int:
    """The first thing that is written is the handshake."""
    _handshake.append(time.monotonic())
    return _write(descriptor, data)


def _noted_exit(status: int) -> None:
    _importlib._find_and_load = _find_and_load  # noqa: SLF001
    import json  # noqa: PLC0415

    notes = {"first_line": _FIRST_LINE, "handshake": _handshake[0], "imports": _imports}
    with open(os.environ["NOTES_OF_THE_START"], "w") as file:  # noqa: PTH123 (pathlib is not in the bundle)
        json.dump(notes, file)
    _exit(status)


_importlib._find_and_load = _noted_import  # noqa: SLF001
os.write, os._exit = _noted_write, _noted_exit  # type: ignore[assignment]

from init_hooks.untraced import main  # type: ignore[import-not-found]  # noqa: E402 (init_hooks.__main__)

__all__ = ["main"]
