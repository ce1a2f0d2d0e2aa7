"""Compiles and links the launcher."""

import subprocess
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bundler import cache, elf
from bundler.c_modules import CModule, inittab
from bundler.errors import BundleError

INCLUDE: Final = Path("/usr/include/python3.11")
LIBSTDCXX: Final = "libstdc++.so.6"

_COMPILE: Final = (
    "gcc", "-c", "-O2", "-fno-pie", "-fwrapv", "-ffunction-sections", "-fdata-sections", "-DNDEBUG",
    "-DPy_BUILD_CORE_BUILTIN", f"-I{INCLUDE}", f"-I{INCLUDE}/internal", "-Wall",
    # The program is the same wherever the caches are.
    f"-fmacro-prefix-map={cache.folder()}/=",
)  # fmt: skip
_LINK: Final = (
    "-no-pie", "-s", "-static-libgcc", "-Wl,--gc-sections", "-Wl,-O1", "-Wl,-z,relro",
    # What glibc.c puts in the place of glibc's.
    "-Wl,--wrap=hypot", "-Wl,--wrap=pthread_exit",
    # The launcher is the C++ library of the extensions beside it: by this name the loader takes it for theirs.
    f"-Wl,-soname,{LIBSTDCXX}",
)  # fmt: skip
_LIBRARIES: Final = ("-Wl,-Bstatic", "-lssl", "-lcrypto", "-lstdc++", "-lz", "-Wl,-Bdynamic", "-lm", "-ldl")


@dataclass(frozen=True)
class Launcher:
    """What the launcher is linked from; `packages` tells the compiler's and the libraries' versions."""

    archive: Path
    own_sources: tuple[Path, ...]
    module_table: Path
    c_modules: tuple[CModule, ...]
    extensions: tuple[Path, ...]
    packages: str


def link(launcher: Launcher, work: Path, program: Path) -> None:
    """Link `program`; `work` takes what is made on the way.

    Raises:
        BundleError: The compiler or the linker refuses.
    """
    table = work / "inittab.c"
    table.write_text(inittab(launcher.c_modules))
    objects = [_compile(source, (), work) for source in (*launcher.own_sources, table, launcher.module_table)]
    for module in launcher.c_modules:
        objects += _compile_module(module, launcher.packages)
    exports = _exports(launcher.extensions, work)
    _run("gcc", *_LINK, *exports, "-o", program, *objects, launcher.archive, *_LIBRARIES)


def _compile(source: Path, flags: Iterable[str], folder: Path) -> Path:
    target = folder / f"{source.stem}.o"
    _run(*_COMPILE, *flags, source, "-o", target, cwd=source.parent)
    return target


def _compile_module(module: CModule, packages: str) -> list[Path]:
    """The module's objects; they are kept, as they change only with the packages they come from."""
    if not module.sources:
        return []

    def make(place: Path) -> None:
        for source in module.sources:
            _compile(source, (*module.flags, "-w"), place)

    key = cache.digest([packages, *_COMPILE, *module.flags, *(str(source) for source in module.sources)])
    return sorted(cache.entry(f"objects-{module.name}", key, make).glob("*.o"))


def _exports(extensions: Iterable[Path], work: Path) -> list[str]:
    """The linker's options to offer exactly what the extensions want of Python and of the C++ library.

    The C++ library's symbols carry its versions, as in the shared library that takes no part here.
    """
    versions: dict[str, set[str]] = defaultdict(set)
    names: set[str] = set()
    for extension in extensions:
        for symbol in elf.wanted_symbols(extension):
            if symbol.version.startswith(("GLIBCXX_", "CXXABI_")):
                versions[symbol.version].add(symbol.name)
                names.add(symbol.name)
            elif symbol.name.startswith(("Py", "_Py")):
                names.add(symbol.name)
    version_script = work / "versions.map"
    version_script.write_text(
        "".join(f"{version} {{ {'; '.join(sorted(found))}; }};\n" for version, found in sorted(versions.items()))
    )
    dynamic_list = work / "dynamic.list"
    dynamic_list.write_text(f"{{ {'; '.join(sorted(names))}; }};\n")
    return [
        f"-Wl,--version-script={version_script}",
        f"-Wl,--dynamic-list={dynamic_list}",
        *(f"-Wl,--undefined={name}" for name in sorted(names)),
    ]


def _run(*command: str | Path, cwd: Path | None = None) -> None:
    run = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise BundleError(f"{' '.join(map(str, command))[:2000]}\n{run.stderr.strip()[-4000:]}")
