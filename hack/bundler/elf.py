"""Reads what a program or shared library needs of others, by binutils."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

NEWEST_GLIBC: Final = (2, 34)
"""The OpenShift build of Velero has glibc 2.34, the stock image 2.35."""

GLIBCS_LIBRARIES: Final = frozenset({
    "ld-linux-aarch64.so.1", "ld-linux-x86-64.so.2", "libc.so.6", "libdl.so.2", "libm.so.6", "libpthread.so.0",
    "librt.so.1",
})  # fmt: skip


@dataclass(frozen=True)
class Symbol:
    """A symbol of another file: its name, its version (may be empty), and whether it may be absent."""

    name: str
    version: str
    is_weak: bool


def needed_libraries(file: Path) -> frozenset[str]:
    """The names of the shared libraries that the file wants loaded."""
    return frozenset(re.findall(r"\(NEEDED\).*\[(.+)\]", _run("readelf", "--dynamic", "--wide", file)))


def wanted_symbols(file: Path) -> tuple[Symbol, ...]:
    """The symbols that other files must have."""
    rows = (row.split() for row in _run("nm", "--dynamic", "--undefined-only", file).splitlines())
    return tuple(Symbol(*_name_and_version(row[1]), is_weak=row[0] in "wv") for row in rows)


def offered_symbols(file: Path) -> frozenset[str]:
    """The names of the symbols that the file has for others."""
    rows = (row.split() for row in _run("nm", "--dynamic", "--defined-only", file).splitlines())
    return frozenset(_name_and_version(row[-1])[0] for row in rows)


def too_new_for_velero(file: Path) -> list[str]:
    """The symbols, with version, that a glibc 2.34 does not have; weak ones count, the loader checks their versions."""
    return sorted(
        f"{symbol.name}@{symbol.version}"
        for symbol in wanted_symbols(file)
        if symbol.version.startswith("GLIBC_")
        and tuple(map(int, symbol.version.removeprefix("GLIBC_").split("."))) > NEWEST_GLIBC
    )


def _name_and_version(text: str) -> tuple[str, str]:
    name, _, version = text.replace("@@", "@").partition("@")
    return name, version


def _run(*command: str | Path) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
