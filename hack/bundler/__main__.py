"""Makes dist/bundle: see docs/bundle.md."""

import argparse
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


def main() -> int:
    """Make the bundle anew when something it is made from has changed."""
    parser = argparse.ArgumentParser(
        prog="hack/bundle", description="Make the self-contained program for Velero's image. See docs/bundle.md."
    )
    parser.add_argument("--plugin", type=Path, default=ROOT / "plugin", help="the packages to bundle (plugin)")
    parser.add_argument("--to", type=Path, default=ROOT / "dist/bundle", help="where the bundle goes (dist/bundle)")
    options = parser.parse_args()
    bundle: Path = options.to.absolute()
    made_from = bundle.with_name(f"{bundle.name}.made-from")
    try:
        versions = debian.install()
        key = _key(options.plugin, versions)
        if bundle.is_dir() and made_from.is_file() and made_from.read_text() == key:
            return 0
        made_from.unlink(missing_ok=True)
        _make(options.plugin, bundle, versions)
        made_from.write_text(key)
    except BundleError as error:
        print(f"hack/bundle: {error}", file=sys.stderr)
        return 1
    for file in sorted(bundle.iterdir()):
        print(f"{file.stat().st_mode & 0o777:o} {file.stat().st_size:>10,} {file}")
    return 0


def _key(plugin: Path, versions: dict[str, str]) -> str:
    contents: list[str | bytes] = [(ROOT / "hack/constraints.txt").read_bytes()]
    for folder in (plugin, ROOT / "hack/bundler"):
        for path in sorted(folder.rglob("*")):
            if path.suffix in {".py", ".c"}:
                contents += [str(path.relative_to(folder)), path.read_bytes()]
    return cache.digest([*contents, repr(sorted(versions.items())), platform.machine(), sys.version])


def _make(plugin: Path, bundle: Path, versions: dict[str, str]) -> None:
    subprocess.run([ROOT / "hack/setup"], check=True)
    with tempfile.TemporaryDirectory(prefix="bundle-") as work:
        made = Path(work) / "bundle"
        made.mkdir()
        build(ROOT, plugin, versions, Path(work), made)
        bundle.parent.mkdir(parents=True, exist_ok=True)
        fresh = bundle.with_name(f".{bundle.name}-{os.getpid()}")
        shutil.copytree(made, fresh)
        shutil.rmtree(bundle, ignore_errors=True)
        fresh.rename(bundle)


if __name__ == "__main__":
    sys.exit(main())
