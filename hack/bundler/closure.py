"""Finds the Python modules that a program can come to import, by reading their source."""

import ast
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Source:
    """One Python module: its dotted name and where its source is."""

    name: str
    path: Path
    is_package: bool

    @property
    def label(self) -> str:
        """The path that tracebacks show, such as `init_hooks/action.py`."""
        return self.name.replace(".", "/") + ("/__init__.py" if self.is_package else ".py")


@dataclass(frozen=True)
class Closure:
    """The modules reached, with their source or in C, and the imports that lead nowhere, each with who asks for it."""

    modules: Mapping[str, Source]
    in_c: frozenset[str]
    unresolved: Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class SearchPath:
    """The folders that hold Python source, in the order Python itself would look."""

    folders: tuple[Path, ...]

    def find(self, name: str) -> Source | None:
        """The module's source, or None where no folder has it."""
        relative = name.replace(".", "/")
        for folder in self.folders:
            package = folder / relative / "__init__.py"
            if package.is_file():
                return Source(name, package, is_package=True)
            module = folder / f"{relative}.py"
            if module.is_file():
                return Source(name, module, is_package=False)
        return None

    def members(self, package: str) -> Iterator[str]:
        """The names of the package and of every module below it."""
        source = self.find(package)
        if source is None:
            return
        yield package
        if source.is_package:
            for path in sorted(source.path.parent.iterdir()):
                if path.suffix == ".py" and path.stem != "__init__":
                    yield f"{package}.{path.stem}"
                elif (path / "__init__.py").is_file():
                    yield from self.members(f"{package}.{path.name}")


@dataclass(frozen=True)
class Imports:
    """What imports what.

    Attributes:
        search: Where source is.
        in_c: Modules written in C, each with what it imports by itself.
        is_left_out: Whether a module is not in the bundle, its name given.
    """

    search: SearchPath
    in_c: Mapping[str, tuple[str, ...]]
    is_left_out: Callable[[str], bool]

    def follow(self, roots: Iterable[str], *, unless: Container[str] = (), in_functions: bool = True) -> Closure:
        """Find what `roots` come to import, for which ever reason but type checking.

        Args:
            roots: Names of modules to start from.
            unless: Modules whose own imports don't count.
            in_functions: Whether imports inside functions count.
        """
        modules: dict[str, Source] = {}
        in_c: set[str] = set()
        unresolved: dict[str, set[str]] = {}
        waiting = [(root, "the list of roots") for root in roots]
        while waiting:
            name, asked_by = waiting.pop()
            if name in modules or name in in_c or self.is_left_out(name):
                continue
            source = self.search.find(name)
            if name in self.in_c:
                in_c.add(name)
                waiting += ((each, name) for each in self.in_c[name])
            elif source is None:
                unresolved.setdefault(name, set()).add(asked_by)
            else:
                modules[name] = source
                if name not in unless:
                    waiting += ((each, name) for each in self._of(source, in_functions=in_functions))
        return Closure(
            {name: modules[name] for name in sorted(modules)},
            frozenset(in_c),
            {name: frozenset(by) for name, by in sorted(unresolved.items())},
        )

    def _of(self, source: Source, *, in_functions: bool) -> Iterator[str]:
        for node in _imports(source, in_functions=in_functions):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield from lineage(alias.name)
            else:
                target = _imported_from(node, source)
                yield from lineage(target)
                for alias in node.names:
                    member = f"{target}.{alias.name}"
                    if member in self.in_c or self.search.find(member):
                        yield member


def names_missing_from(module: Source, closure: Closure) -> Mapping[str, frozenset[str]]:
    """The names that the module has not, each with the modules that take it from there."""
    defined = {name.rpartition(".")[2] for name in closure.modules if name.startswith(f"{module.name}.")}
    for statement in ast.parse(module.path.read_bytes(), module.path).body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            defined.add(statement.name)
        elif isinstance(statement, ast.ImportFrom):
            defined |= {alias.asname or alias.name for alias in statement.names}
        elif isinstance(statement, ast.Assign):
            defined |= {target.id for target in statement.targets if isinstance(target, ast.Name)}
    missing: dict[str, set[str]] = {}
    for user in closure.modules.values():
        for name in _names_used(user, module.name) - defined:
            missing.setdefault(name, set()).add(user.name)
    return {name: frozenset(users) for name, users in sorted(missing.items())}


def _names_used(user: Source, module: str) -> frozenset[str]:
    """What `user` takes of a module, by `from module import name` or as `module.name`."""
    imports = _imports(user)
    names = {
        alias.name
        for node in imports
        if isinstance(node, ast.ImportFrom) and _imported_from(node, user) == module
        for alias in node.names
    }
    if any(alias.name == module for node in imports if isinstance(node, ast.Import) for alias in node.names):
        for node in ast.walk(ast.parse(user.path.read_bytes(), user.path)):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == module:
                names.add(node.attr)
    return frozenset(names)


def lineage(name: str) -> Iterator[str]:
    """The module and the packages it is in, outermost first: `a.b.c` gives `a`, `a.b`, `a.b.c`."""
    parts = name.split(".")
    return (".".join(parts[: end + 1]) for end in range(len(parts)))


@cache
def _imports(source: Source, *, in_functions: bool = True) -> tuple[ast.Import | ast.ImportFrom, ...]:
    """The module's import statements that can run in the bundle."""
    found: list[ast.Import | ast.ImportFrom] = []
    waiting: list[ast.AST] = [ast.parse(source.path.read_bytes(), source.path)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            found.append(node)
        elif isinstance(node, ast.If) and _is_never(node.test):
            waiting += node.orelse
        elif isinstance(node, ast.expr):
            continue
        elif in_functions or not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            waiting += ast.iter_child_nodes(node)
    return tuple(found)


def _imported_from(node: ast.ImportFrom, source: Source) -> str:
    """The full name of the module that `source` imports from."""
    package = source.name if source.is_package else source.name.rpartition(".")[0]
    base = package.rsplit(".", node.level - 1)[0] if node.level else ""
    return ".".join(filter(None, (base, node.module)))


def _is_never(test: ast.expr) -> bool:
    """Whether a bundled module sees this condition as false: `TYPE_CHECKING`, `__name__ == "__main__"`."""
    match test:
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
            return True
        case ast.Compare(left=ast.Name(id="__name__"), ops=[ast.Eq()], comparators=[ast.Constant(value="__main__")]):
            return True
    return False
