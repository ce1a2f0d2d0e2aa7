"""All that is asked of platform: uuid wants the operating system's name. The whole module takes 1 ms of the start."""

import os


def system() -> str:
    """The operating system's name, such as `Linux`."""
    return os.uname().sysname
