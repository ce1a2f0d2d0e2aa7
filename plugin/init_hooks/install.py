"""Puts the bundle where the Velero server looks for plugins."""

import filecmp
import os
import shutil
import sys
from pathlib import Path

FOLDER = "velero-init-hooks"
"""The bundle's own folder in Velero's plugin folder, which Velero walks with all below it."""

_EXECUTE_BITS = 0o111


class InstallError(Exception):
    """The bundle can't be installed; the message says what was found and what to do."""


def bundle() -> Path:
    """The folder of the bundle that this process runs from.

    Raises:
        InstallError: It runs from Python packages, which Velero's image can't run.
    """
    if not getattr(sys, "frozen", False):
        raise InstallError(
            f"this is {sys.executable} with the package init_hooks, not the bundle; Velero's image has no Python. "
            "Make the bundle (hack/bundle) and run install from it, or use the plugin's image"
        )
    return Path(sys.executable).parent


def install(bundle: Path, target: Path) -> list[Path]:
    """Copy the bundle's files into their folder in `target`, in place of another version's.

    It may be interrupted at any moment and run again. At every moment the target has at most one executable file, and
    that one has beside it what it needs: the files of one version have other names than those of the next, the program
    comes last, and what it replaces may still be running.

    Returns:
        The files that were not there as they are now.

    Raises:
        InstallError: A file can't be written, or `bundle` is none.
    """
    programs, others = _files(bundle)
    if len(programs) != 1:
        raise InstallError(f"{bundle} has {len(programs)} executable files; expected one, the plugin's program")
    folder = target / FOLDER
    try:
        if not target.is_dir():
            raise InstallError(f"{target} is no folder; mount Velero's plugin folder there, or name it with --target")
        folder.mkdir(mode=0o755, exist_ok=True)
        written = [folder / file.name for file in others if _put(file, folder / file.name, mode=0o644)]
        written += [folder / file.name for file in programs if _put(file, folder / file.name, mode=0o755)]
        _remove_all_but({file.name for file in (*others, *programs)}, folder)
    except OSError as error:
        raise InstallError(
            f"{error.filename}: {error.strerror} (uid {os.getuid()}); {target} must be writable and have "
            f"{sum(file.stat().st_size for file in (*others, *programs)):,} bytes of room. "
            "What was there before still works"
        ) from error
    return written


def _files(bundle: Path) -> tuple[list[Path], list[Path]]:
    files = sorted(path for path in bundle.iterdir() if path.is_file())
    programs = [path for path in files if path.stat().st_mode & _EXECUTE_BITS]
    return programs, [path for path in files if path not in programs]


def _put(source: Path, place: Path, mode: int) -> bool:
    """Make `place` the same as `source`; returns whether it was not."""
    if place.is_file() and filecmp.cmp(source, place, shallow=False):
        if place.stat().st_mode & 0o777 == mode:
            return False
    else:
        # A running program can't be written into ("text file busy"), but its name can be given to another file.
        beside = place.with_name(f".{place.name}.new")
        shutil.copyfile(source, beside)
        beside.rename(place)
    # Only now: two executable files, even for a moment, would be two plugins of one name to Velero.
    place.chmod(mode)
    return True


def _remove_all_but(names: set[str], folder: Path) -> None:
    for path in folder.iterdir():
        if path.name not in names:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
