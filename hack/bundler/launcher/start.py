"""The first Python code in the bundle: how its modules are found, then the program's main().

It is compiled into the launcher as the module __main__, beside the module _bundle that hack/bundle writes.
"""

from __future__ import annotations

import gc

# Python looks for garbage among every 700 new objects. What is imported at the start stays, so it would look in vain.
gc.set_threshold(10_000)

# ruff: noqa: E402
import sys
from _frozen_importlib import BuiltinImporter, FrozenImporter, ModuleSpec
from _frozen_importlib_external import ExtensionFileLoader
from _thread import RLock

from _bundle import BUILT_IN, DEFERRED, FILES  # type: ignore[import-not-found]  # made by hack/bundle

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

FOLDER = sys.executable.rpartition("/")[0]


class DeferredLoader:
    """Runs a module's body when something in it is first asked for."""

    @staticmethod
    def create_module(spec: ModuleSpec) -> None:
        """Take Python's own empty module."""

    @staticmethod
    def exec_module(module: ModuleType) -> None:
        """Put off the module's body until a name is looked up that the module does not have yet."""
        lock = RLock()
        begun = False

        def look_up(name: str) -> object:
            nonlocal begun
            with lock:
                if not begun and name not in {"__file__", "__path__", "__wrapped__"}:
                    begun = True
                    try:
                        FrozenImporter.exec_module(module)
                    except BaseException:
                        begun = False
                        raise
                    if module.__dict__.get("__getattr__") is look_up:
                        del module.__dict__["__getattr__"]
            if name in module.__dict__:
                return module.__dict__[name]
            its_own = module.__dict__.get("__getattr__", look_up)
            if its_own is look_up:
                raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")
            return its_own(name)

        module.__dict__["__getattr__"] = look_up


class Finder:
    """Finds what Python's own finders can't: submodules in C, modules in a file beside the program, deferred ones."""

    @staticmethod
    def find_spec(
        name: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Tell how to load the module; None when it is for another finder."""
        if name in DEFERRED:
            return ModuleSpec(name, DeferredLoader, is_package=DEFERRED[name])  # type: ignore[arg-type]
        if name in BUILT_IN:
            return ModuleSpec(name, BuiltinImporter)  # type: ignore[arg-type]
        if name in FILES:
            file = f"{FOLDER}/{FILES[name]}"
            return ModuleSpec(name, ExtensionFileLoader(name, file), origin=file)
        return None


sys.meta_path[:] = [Finder, BuiltinImporter, FrozenImporter]
sys.frozen = True  # type: ignore[attr-defined]  # by custom, what tells a program made of Python from Python

from init_hooks.__main__ import main

main()
