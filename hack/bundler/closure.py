"""Finds the Python modules that a program can come to import, by reading their source."""

import ast
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
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


def follow(
    roots: Iterable[str],
    search: SearchPath,
    *,
    is_left_out: Callable[[str], bool],
    in_c: Mapping[str, tuple[str, ...]],
) -> Closure:
    """Follows imports from `roots`: those inside functions too, but none for type checkers only.

    Args:
        roots: Names of modules to start from.
        search: Where source is.
        is_left_out: Whether a module is not followed, its name given.
        in_c: Modules written in C, each with what it imports by itself.

    Returns:
        What was reached.
    """
    modules: dict[str, Source] = {}
    reached_in_c: set[str] = set()
    unresolved: dict[str, set[str]] = {}
    waiting = [(root, "the list of roots") for root in roots]
    while waiting:
        name, asked_by = waiting.pop()
        if name in modules or name in reached_in_c or is_left_out(name):
            continue
        source = search.find(name)
        if name in in_c:
            reached_in_c.add(name)
            waiting += ((each, name) for each in in_c[name])
        elif source is not None:
            modules[name] = source
            waiting += ((each, name) for each in _imports(source, search, in_c))
        else:
            unresolved.setdefault(name, set()).add(asked_by)
    return Closure(
        {name: modules[name] for name in sorted(modules)},
        frozenset(reached_in_c),
        {name: frozenset(by) for name, by in sorted(unresolved.items())},
    )


def names_missing_from(module: Source, users: Iterable[Source]) -> frozenset[str]:
    """The names that `users` import from `module` and that it does not define."""
    defined: set[str] = set()
    for node in ast.parse(module.path.read_bytes(), module.path).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            defined.add(node.name)
        elif isinstance(node, ast.ImportFrom):
            defined |= {alias.asname or alias.name for alias in node.names}
    return frozenset(
        alias.name
        for user in users
        for node in _statements(ast.parse(user.path.read_bytes(), user.path))
        if isinstance(node, ast.ImportFrom) and node.module == module.name and not node.level
        for alias in node.names
        if alias.name not in defined
    )


def lineage(name: str) -> Iterator[str]:
    """The module and the packages it is in, outermost first: `a.b.c` gives `a`, `a.b`, `a.b.c`."""
    parts = name.split(".")
    return (".".join(parts[: end + 1]) for end in range(len(parts)))


def _imports(source: Source, search: SearchPath, in_c: Container[str]) -> Iterator[str]:
    tree = ast.parse(source.path.read_bytes(), source.path)
    package = source.name if source.is_package else source.name.rpartition(".")[0]
    for node in _statements(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from lineage(alias.name)
        elif isinstance(node, ast.ImportFrom):
            base = package.rsplit(".", node.level - 1)[0] if node.level else ""
            target = ".".join(filter(None, (base, node.module)))
            yield from lineage(target)
            for alias in node.names:
                member = f"{target}.{alias.name}"
                if member in in_c or search.find(member):
                    yield member


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes that can run in the bundle."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and _is_never(child.test):
            for each in child.orelse:
                yield each
                yield from _statements(each)
        else:
            yield child
            yield from _statements(child)


def _is_never(test: ast.expr) -> bool:
    """Whether a bundled module sees this condition as false: `TYPE_CHECKING`, `__name__ == "__main__"`."""
    return ast.unparse(test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING", "__name__ == '__main__'"}
