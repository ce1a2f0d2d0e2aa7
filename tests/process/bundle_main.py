"""Takes the place of init_hooks.__main__ in a bundle for tests: it runs the Python file that its argument names."""

import sys
from pathlib import Path


def main() -> None:
    """Run the file as a program of its own."""
    file = sys.argv[1]
    exec(compile(Path(file).read_bytes(), file, "exec"), {"__name__": "__main__"})  # noqa: S102
