"""Makes dist/bundle: see docs/bundle.md."""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from bundler import cache, debian
from bundler.bundle import build
from bundler.errors import BundleError

ROOT: Final = Path(__file__).resolve().parents[2]
BUNDLE: Final = ROOT / "dist/bundle"
MADE_FROM: Final = ROOT / "dist/bundle.made-from"


def main() -> int:
    """Make the bundle anew when something it is made from has changed."""
    try:
        versions = debian.install()
        key = _key(versions)
        if BUNDLE.is_dir() and MADE_FROM.is_file() and MADE_FROM.read_text() == key:
            return 0
        MADE_FROM.unlink(missing_ok=True)
        _make(versions)
        MADE_FROM.write_text(key)
    except BundleError as error:
        print(f"hack/bundle: {error}", file=sys.stderr)
        return 1
    for file in sorted(BUNDLE.iterdir()):
        print(f"{file.stat().st_mode & 0o777:o} {file.stat().st_size:>10,} {file.relative_to(ROOT)}")
    return 0


def _key(versions: dict[str, str]) -> str:
    files = [ROOT / "hack/constraints.txt"]
    for folder in ("plugin", "hack/bundler"):
        files += sorted(path for path in (ROOT / folder).rglob("*") if path.suffix in {".py", ".c"})
    contents = (part for path in files for part in (str(path.relative_to(ROOT)), path.read_bytes()))
    return cache.digest([*contents, repr(sorted(versions.items())), platform.machine(), sys.version])


def _make(versions: dict[str, str]) -> None:
    subprocess.run([ROOT / "hack/setup"], check=True)
    with tempfile.TemporaryDirectory(prefix="bundle-") as work:
        made = Path(work) / "bundle"
        made.mkdir()
        build(ROOT, versions, Path(work), made)
        BUNDLE.parent.mkdir(exist_ok=True)
        fresh = BUNDLE.with_name(f".bundle-{os.getpid()}")
        shutil.copytree(made, fresh)
        shutil.rmtree(BUNDLE, ignore_errors=True)
        fresh.rename(BUNDLE)


if __name__ == "__main__":
    sys.exit(main())
