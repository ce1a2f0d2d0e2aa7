"""Turns Python modules into C: code objects in one file of bytes, and the table by which the interpreter finds them."""

import marshal
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bundler.closure import Source

_TABLE = """\
#include <Python.h>

extern const unsigned char bundle_code[];
__asm__(".pushsection .rodata\\n.balign 16\\nbundle_code: .incbin \\"{blob}\\"\\n.popsection");

const struct _frozen bundle_modules[] = {{
{rows}
    {{0}},
}};
"""


@dataclass(frozen=True)
class FrozenModule:
    """A module's code, as the marshal module writes it."""

    name: str
    code: bytes
    is_package: bool


def freeze(source: Source) -> FrozenModule:
    """Compile one module: no asserts, no docstrings, the path in tracebacks as below its import root."""
    return FrozenModule(source.name, _compile(source.path.read_bytes(), source.label), source.is_package)


def freeze_packed(source: Source) -> FrozenModule:
    """Compile a module that few need, in a third of the bytes: its code is to unpack its code and run it."""
    packed = zlib.compress(freeze(source).code, level=9)
    unpack = f"exec(__import__('marshal').loads(__import__('zlib').decompress({packed!r})))"
    return FrozenModule(source.name, _compile(unpack.encode(), source.label), source.is_package)


def freeze_start(source: Path, constants: Mapping[str, object]) -> tuple[FrozenModule, FrozenModule]:
    """The module __main__ from `source`, and the module _bundle that tells it of the bundle's contents."""
    text = "".join(f"{name} = {value!r}\n" for name, value in constants.items())
    return (
        FrozenModule("__main__", _compile(source.read_bytes(), source.name), is_package=False),
        FrozenModule("_bundle", _compile(text.encode(), "_bundle.py"), is_package=False),
    )


def write_table(modules: Iterable[FrozenModule], folder: Path) -> Path:
    """Write `modules.c` and the code it includes into `folder`; returns the former."""
    blob = folder / "modules.bin"
    rows: list[str] = []
    with blob.open("wb") as file:
        for module in modules:
            place = f"bundle_code + {file.tell()}, {len(module.code)}"
            rows.append(f'    {{"{module.name}", {place}, {int(module.is_package)}, 0}},')
            file.write(module.code)
    table = folder / "modules.c"
    table.write_text(_TABLE.format(blob=blob.name, rows="\n".join(rows)))
    return table


def _compile(text: bytes, label: str) -> bytes:
    return marshal.dumps(compile(text, label, "exec", dont_inherit=True, optimize=2))
