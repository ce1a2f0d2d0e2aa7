"""The first Python code in the bundle: how its modules are found, then the program's main().

It is compiled into the launcher as the module __main__, beside the module _bundle that hack/bundle writes.
"""

import gc
import sys

gc.disable()  # what is imported at the start stays: looking for garbage in it costs 2 ms and finds none

from _frozen_importlib import BuiltinImporter, FrozenImporter, ModuleSpec  # noqa: E402
from _frozen_importlib_external import ExtensionFileLoader  # noqa: E402
from _thread import RLock  # noqa: E402

from _bundle import BUILT_IN, DEFERRED, FILES  # noqa: E402

sys.frozen = True  # what tools that make programs of Python set by custom

FOLDER = sys.executable.rpartition("/")[0]
IMPORT_SYSTEM_NAMES = frozenset({"__file__", "__path__", "__warningregistry__", "__wrapped__"})


class DeferredLoader:
    """Runs a module's body when something in it is first asked for."""

    @staticmethod
    def create_module(spec):
        return None

    @staticmethod
    def exec_module(module):
        lock = RLock()
        begun = False

        def __getattr__(name):
            nonlocal begun
            if name not in IMPORT_SYSTEM_NAMES:
                with lock:
                    if not begun:
                        begun = True
                        try:
                            FrozenImporter.exec_module(module)
                        except BaseException:
                            begun = False
                            raise
                        if module.__dict__.get("__getattr__") is __getattr__:
                            del module.__getattr__
                if name in module.__dict__:
                    return module.__dict__[name]
                its_own = module.__dict__.get("__getattr__", __getattr__)
                if its_own is not __getattr__:
                    return its_own(name)
            raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")

        module.__getattr__ = __getattr__


class Finder:
    """Finds what Python's own finders can't: submodules in C, modules in a file beside the program, deferred ones."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name in DEFERRED:
            spec = FrozenImporter.find_spec(name)
            spec.loader = DeferredLoader
            return spec
        if name in BUILT_IN:
            return ModuleSpec(name, BuiltinImporter)
        if name in FILES:
            file = f"{FOLDER}/{FILES[name]}"
            spec = ModuleSpec(name, ExtensionFileLoader(name, file), origin=file)
            spec.has_location = True
            return spec
        return None


sys.meta_path[:] = [Finder, BuiltinImporter, FrozenImporter]

from init_hooks.__main__ import main  # noqa: E402

gc.freeze()
gc.enable()
sys.exit(main())
