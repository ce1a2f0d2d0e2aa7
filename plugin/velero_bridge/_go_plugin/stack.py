"""Where an exception was raised, as logs and error details tell it."""

import sys
from functools import cache
from typing import NamedTuple

_MOST_FRAMES = 32


class Frame(NamedTuple):
    """One Python frame: its file (from the import root on), its line, its function with module."""

    file: str
    line: int
    function: str


def stack_of(error: BaseException) -> tuple[Frame, ...]:
    """The frames of an exception's traceback, that which raised it first, 32 at most."""
    frames: list[Frame] = []
    traceback = error.__traceback__
    while traceback is not None:
        code = traceback.tb_frame.f_code
        module = traceback.tb_frame.f_globals.get("__name__", "?")
        frames.append(
            Frame(file_below_import_root(code.co_filename), traceback.tb_lineno, f"{module}.{code.co_qualname}")
        )
        traceback = traceback.tb_next
    return tuple(reversed(frames[-_MOST_FRAMES:]))


@cache
def file_below_import_root(path: str) -> str:
    """`/usr/lib/python3/dist-packages/init_hooks/action.py` -> `init_hooks/action.py`."""
    roots = [root for root in sys.path if root and path.startswith(root + "/")]
    return path[len(max(roots, key=len)) + 1 :] if roots else path


def message_of(error: BaseException) -> str:
    """What went wrong, in one line: the exception's type and text."""
    text = str(error).strip()
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
