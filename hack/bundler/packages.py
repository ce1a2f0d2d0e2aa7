"""The pinned Python packages whose modules go into the bundle."""

import subprocess
from pathlib import Path
from typing import Final

from bundler import cache
from bundler.errors import BundleError

FROM_WHEELS: Final = ("grpcio", "kubernetes", "urllib3")
FROM_SOURCE: Final = ("msgspec",)


def pins(constraints: Path) -> dict[str, str]:
    """Each package's `name==version` from the project's constraints.

    Raises:
        BundleError: One has no pin there.
    """
    lines = (line.strip() for line in constraints.read_text().splitlines())
    pinned = {line.partition("==")[0]: line for line in lines if "==" in line}
    missing = [name for name in FROM_WHEELS + FROM_SOURCE if name not in pinned]
    if missing:
        raise BundleError(f"{constraints}: no line NAME==VERSION for {', '.join(missing)}")
    return pinned


def wheels(python: Path, pinned: dict[str, str], machine: str) -> Path:
    """A folder with the packages that come as wheels, as for Python 3.11 on a manylinux of `machine`."""
    wanted = [pinned[name] for name in FROM_WHEELS]

    def make(place: Path) -> None:
        print(f"hack/bundle: fetching {' '.join(wanted)} ...", flush=True)
        platforms = (f"manylinux2014_{machine}", f"manylinux_2_17_{machine}", f"manylinux_2_28_{machine}")
        options = ["--no-deps", "--no-compile", "--only-binary=:all:", "--python-version=3.11", f"--target={place}"]
        options += [f"--platform={platform}" for platform in platforms]
        _pip(python, "install", *options, *wanted)

    return cache.entry("wheels", cache.digest([*wanted, machine]), make)


def source(python: Path, requirement: str) -> Path:
    """The unpacked source distribution of `name==version`."""

    def make(place: Path) -> None:
        print(f"hack/bundle: fetching the source of {requirement} ...", flush=True)
        _pip(
            python,
            "download",
            "--no-deps",
            f"--no-binary={requirement.partition('==')[0]}",
            f"--dest={place}",
            requirement,
        )
        archive = next(place.glob("*.tar.gz"))
        subprocess.run(["tar", "-xzf", archive, "-C", place], check=True)
        archive.unlink()

    return next(cache.entry("source", cache.digest([requirement]), make).iterdir())


def _pip(python: Path, *arguments: str) -> None:
    command: list[str | Path] = [python, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise BundleError(f"pip {' '.join(arguments)} failed:\n{run.stderr.strip()}")
