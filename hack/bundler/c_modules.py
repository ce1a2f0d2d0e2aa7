"""Python modules written in C that are linked into the launcher: where each comes from, what it imports."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_MPDECIMAL: Final = (
    "basearith", "constants", "context", "convolute", "crt", "difradix2", "fnt", "fourstep", "io", "mpalloc",
    "mpdecimal", "mpsignal", "numbertheory", "sixstep", "transpose",
)  # fmt: skip

ALWAYS: Final = (
    "_abc", "_ast", "_codecs", "_collections", "_functools", "_imp", "_io", "_locale", "_operator", "_signal",
    "_sre", "_stat", "_string", "_thread", "_tokenize", "_tracemalloc", "_warnings", "_weakref", "atexit",
    "builtins", "errno", "faulthandler", "gc", "itertools", "marshal", "posix", "sys", "time",
)  # fmt: skip
"""The interpreter imports these by itself."""

IMPORTS: Final[Mapping[str, tuple[str, ...]]] = {
    "_datetime": ("_strptime", "time"),
    "_decimal": ("collections", "numbers"),
    "_pickle": ("_compat_pickle", "copyreg"),
    "grpc._cython.cygrpc": (
        "asyncio", "contextvars", "enum", "errno", "grpc", "grpc._observability", "inspect", "logging", "pkgutil",
        "select", "socket", "threading", "time", "traceback", "zlib",
    ),
    "msgspec._core": (
        "abc", "datetime", "decimal", "enum", "inspect", "msgspec._utils", "re", "types", "typing", "uuid",
    ),
}  # fmt: skip
"""What C code imports, which reading Python source does not show."""


@dataclass(frozen=True)
class CModule:
    """A module's name, its function that makes it, and the C files to compile for it."""

    name: str
    init: str
    sources: tuple[Path, ...] = ()
    flags: tuple[str, ...] = ()


def in_debians_archive(config: Path) -> dict[str, CModule]:
    """The modules in Debian's libpython3.11.a, by name; `config` is its list of them, config.c."""
    rows = re.findall(r'\{"(\w+)", (\w+)\}', config.read_text())
    return {name: CModule(name, init) for name, init in rows}


def from_source(python: Path, msgspec: Path) -> dict[str, CModule]:
    """The modules to compile, by name.

    Args:
        python: The folder Modules of Python's source: Debian has these as one shared object each.
        msgspec: The source of msgspec, to have it in the launcher instead of in another file.
    """
    decimal = python / "_decimal"
    modules = (
        CModule("_contextvars", "PyInit__contextvars", (python / "_contextvarsmodule.c",)),
        CModule(
            "_decimal",
            "PyInit__decimal",
            (decimal / "_decimal.c", *(decimal / "libmpdec" / f"{name}.c" for name in _MPDECIMAL)),
            ("-DANSI=1", "-DCONFIG_64=1", "-DHAVE_UINT128_T=1", f"-I{decimal}/libmpdec"),
        ),
        CModule("_json", "PyInit__json", (python / "_json.c",)),
        CModule("_queue", "PyInit__queue", (python / "_queuemodule.c",)),
        CModule("_ssl", "PyInit__ssl", (python / "_ssl.c",)),
        CModule("_typing", "PyInit__typing", (python / "_typingmodule.c",)),
        CModule("msgspec._core", "PyInit__core", (msgspec / "src/msgspec/_core.c",)),
    )
    return {module.name: module for module in modules}


def inittab(modules: Iterable[CModule]) -> str:
    """The C source of the interpreter's table of built-in modules."""
    listed = sorted(modules, key=lambda module: module.name)
    externs = "".join(f"extern PyObject *{each.init}(void);\n" for each in listed if each.init != "NULL")
    rows = "".join(f'    {{"{each.name}", {each.init}}},\n' for each in listed)
    return f"#include <Python.h>\n\n{externs}\nstruct _inittab _PyImport_Inittab[] = {{\n{rows}    {{0}},\n}};\n"
