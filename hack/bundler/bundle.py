"""Makes a bundle: one program and, beside it, the shared objects it can't hold itself."""

import _imp
import hashlib
import platform
import shutil
from collections.abc import Container, Iterable
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from bundler import c_modules, debian, packages
from bundler.check import PROGRAM, check
from bundler.closure import Closure, Imports, SearchPath, Source, lineage, names_missing_from
from bundler.contents import DEFERRED, LEFT_OUT, NEEDED_FOR_HOOKS, PARTS, ROOTS, STARTED, WHOLE_PACKAGES
from bundler.errors import BundleError
from bundler.frozen import FrozenModule, freeze, freeze_packed, freeze_start, write_table
from bundler.link import Launcher, link

_STANDARD_LIBRARY: Final = Path("/usr/lib/python3.11")
_HERE: Final = Path(__file__).parent
_INSTEAD: Final = _HERE / "instead"
"""Modules of our own, under the names of those whose place they take in the bundle."""


def build(root: Path, plugin: Path, versions: dict[str, str], work: Path, bundle: Path) -> None:
    """Make the bundle of the packages in `plugin`, with the pins of the checkout `root`, in the empty folder `bundle`.

    Raises:
        BundleError: It can't be made, or would not run on Velero's image.
    """
    pip = root / ".venv/bin/python"
    pinned = packages.pins(root / "hack/constraints.txt")
    wheels = packages.wheels(pip, pinned, platform.machine())
    msgspec = packages.source(pip, pinned["msgspec"])
    archive = next(_STANDARD_LIBRARY.glob("config-3.11-*/libpython3.11.a"))
    built_in = c_modules.in_debians_archive(archive.with_name("config.c"))
    built_in |= c_modules.from_source(debian.python_source(versions), msgspec)
    shared = {"grpc._cython.cygrpc": next((wheels / "grpc/_cython").glob("cygrpc*.so"))}

    search = SearchPath((_INSTEAD, plugin, _STANDARD_LIBRARY, wheels, msgspec / "src"))
    in_c = {name: c_modules.IMPORTS.get(name, ()) for name in (*built_in, *shared)}
    imports = Imports(search, in_c, _is_left_out)
    closure = _closure(imports)
    files = {name: _place(path, bundle) for name, path in shared.items()}
    used = tuple(built_in[name] for name in sorted(built_in.keys() & closure.in_c))
    start = freeze_start(
        _HERE / "launcher/start.py",
        {
            "BUILT_IN": frozenset(each.name for each in used if "." in each.name),
            "DEFERRED": {name: closure.modules[name].is_package for name in DEFERRED},
            "FILES": files,
        },
    )
    launcher = Launcher(
        archive=archive,
        own_sources=(_HERE / "launcher/launcher.c", _HERE / "launcher/glibc.c"),
        module_table=write_table([*start, *_frozen(imports, closure)], work),
        c_modules=used,
        extensions=tuple(shared.values()),
        packages=repr(sorted(versions.items())),
    )
    link(launcher, work, bundle / PROGRAM)
    (bundle / PROGRAM).chmod(0o755)
    check(bundle)


def _closure(imports: Imports) -> Closure:
    whole = [name for package in WHOLE_PACKAGES for name in imports.search.members(package)]
    closure = imports.follow([*c_modules.ALWAYS, *ROOTS, *STARTED, *whole])
    if closure.unresolved:
        lines = [f"  {name}, imported by {', '.join(sorted(by))}" for name, by in closure.unresolved.items()]
        raise BundleError(
            "these modules have no source here; if the bundle can do without, add them to LEFT_OUT in "
            "hack/bundler/contents.py:\n" + "\n".join(lines)
        )
    for module in closure.modules.values():
        if module.path.is_relative_to(_INSTEAD):
            _check_users_of(module, closure)
    return closure


def _check_users_of(module: Source, closure: Closure) -> None:
    missing = names_missing_from(module, closure)
    if missing:
        lines = [f"  {name}, used by {', '.join(sorted(users))}" for name, users in missing.items()]
        raise BundleError(
            f"{module.path} lacks these names, so their use would fail in the bundle; use something else, "
            "or give the names a place there:\n" + "\n".join(lines)
        )


def _frozen(imports: Imports, closure: Closure) -> list[FrozenModule]:
    """All modules; those that every start needs come first, so that they are read from neighbouring pages."""

    def imported_by(roots: Iterable[str]) -> Container[str]:
        return imports.follow(roots, unless=DEFERRED, in_functions=False).modules.keys() - set(DEFERRED)

    already_frozen = frozenset(_imp._frozen_module_names())  # type: ignore[attr-defined]  # noqa: SLF001
    at_start, for_hooks = imported_by(STARTED), imported_by(NEEDED_FOR_HOOKS)
    early: list[Source] = []
    soon: list[Source] = []
    late: list[Source] = []
    for name, source in closure.modules.items():
        if name not in already_frozen:
            (early if name in at_start else soon if name in for_hooks else late).append(source)
    # In a fresh process: how a code object is written depends on what else is in memory.
    with get_context("spawn").Pool(1) as process:
        return [*process.map(freeze, early + soon), *process.map(freeze_packed, late)]


def _is_left_out(name: str) -> bool:
    package, _, part = name.partition(".")
    if part and package in PARTS:
        return part not in PARTS[package]
    return any(each in LEFT_OUT for each in lineage(name))


def _place(shared_object: Path, bundle: Path) -> str:
    """Copy a shared object into the bundle under a name of its own for each content; returns the name.

    A new program beside an old shared object, as while one bundle replaces another, then never loads it.
    """
    digest = hashlib.sha256(shared_object.read_bytes()).hexdigest()[:8]
    name = f"{shared_object.name.partition('.')[0]}-{digest}.so"
    shutil.copyfile(shared_object, bundle / name)
    (bundle / name).chmod(0o644)
    return name
