"""Looks at a bundle as Velero will: what it would launch, what it would miss."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bundler import elf
from bundler.errors import BundleError
from bundler.link import LIBSTDCXX

PROGRAM: Final = "velero-init-hooks"


def check(bundle: Path) -> None:
    """Refuse a bundle that would not run in Velero's image.

    Raises:
        BundleError: Executable files other than the program, symlinks, or a need for what is not there.
    """
    offered = elf.offered_symbols(bundle / PROGRAM)
    wrong = [f"{file.name} {what}" for file in sorted(bundle.iterdir()) for what in _wrong_with(file, offered)]
    if wrong:
        raise BundleError("the bundle would not run where Velero runs it:\n  " + "\n  ".join(wrong))


def _wrong_with(file: Path, offered: frozenset[str]) -> Iterator[str]:
    if file.is_symlink() or not file.is_file():
        yield "is no plain file"
        return
    if bool(file.stat().st_mode & 0o111) != (file.name == PROGRAM):
        yield f"has mode {file.stat().st_mode & 0o777:o}; {PROGRAM} alone is to be executable"
    for symbol in elf.too_new_for_velero(file):
        yield f"needs {symbol}, newer than {'.'.join(map(str, elf.NEWEST_GLIBC))}"
    for library in elf.needed_libraries(file) - elf.GLIBCS_LIBRARIES - {LIBSTDCXX}:
        yield f"needs the library {library}, which Velero's image may not have"
    if file.name != PROGRAM:
        for wanted in elf.wanted_symbols(file):
            if not wanted.is_weak and not wanted.version.startswith("GLIBC_") and wanted.name not in offered:
                yield f"needs {wanted.name}, which {PROGRAM} does not have"
