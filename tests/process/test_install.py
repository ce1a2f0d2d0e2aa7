"""Putting the bundle into Velero's plugin folder: for the first time, again, over another version, interrupted."""

import errno
import os
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from velero_host import VeleroHost

from init_hooks.install import FOLDER, InstallError, install
from init_hooks.names import PLUGIN_NAME
from tests.process.velero_image import ROOT, built_bundle

PROGRAM = "velero-init-hooks"

Files = dict[str, tuple[int, bytes]]


@pytest.fixture(scope="session")
def real_bundle() -> Path:
    """The bundle of this checkout."""
    return built_bundle()


def _bundle(folder: Path, version: str) -> Path:
    """A bundle in the small: a program and the library that it needs, which has a name of its own each version."""
    folder.mkdir()
    library = folder / f"library-{version}.so"
    library.write_text(f"library of {version}")
    program = folder / PROGRAM
    program.write_text(f"program that needs {library.name}")
    program.chmod(0o755)
    return folder


def _files(folder: Path) -> Files:
    return {path.name: (stat.S_IMODE(path.stat().st_mode), path.read_bytes()) for path in folder.iterdir()}


def _inodes(folder: Path) -> dict[str, tuple[int, int]]:
    return {path.name: (path.stat().st_ino, path.stat().st_ctime_ns) for path in folder.iterdir()}


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The bundle of one version."""
    return _bundle(tmp_path / "old", "1")


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """The bundle of the next version."""
    return _bundle(tmp_path / "new", "2")


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Velero's plugin folder."""
    folder = tmp_path / "target"
    folder.mkdir()
    return folder


def test_the_first_time_all_files_are_put_in_place(new: Path, target: Path) -> None:
    """The program last; readable and executable for every user, as Velero runs as another one."""
    assert install(new, target) == [target / FOLDER / "library-2.so", target / FOLDER / PROGRAM]
    assert _files(target / FOLDER) == {
        "library-2.so": (0o644, b"library of 2"),
        PROGRAM: (0o755, b"program that needs library-2.so"),
    }


def test_a_second_time_changes_nothing(new: Path, target: Path) -> None:
    """The init container runs at each start of the Velero server's pod."""
    install(new, target)
    before = _inodes(target / FOLDER)
    assert install(new, target) == []
    assert _inodes(target / FOLDER) == before


def test_another_version_leaves_nothing_of_itself(old: Path, new: Path, target: Path) -> None:
    """Neither a library that is needed no more nor what an interrupted run left; other plugins' files stay."""
    install(old, target)
    (target / "other-plugin").write_text("other")
    (target / FOLDER / ".library-1.so.new").write_text("half a lib")
    install(new, target)
    assert _files(target / FOLDER) == _files(new)
    assert (target / "other-plugin").read_text() == "other"


class _Interrupted(BaseException):
    """As if the process were killed."""


def _interrupt(patch: pytest.MonkeyPatch, step: int) -> None:
    """End the installation before the step of this number, from 0, among those that change a file."""
    steps = iter(range(step))

    def guarded(change: Callable[..., object]) -> Callable[..., object]:
        def do(*arguments: object, **options: object) -> object:
            if next(steps, None) is None:
                raise _Interrupted
            return change(*arguments, **options)

        return do

    patch.setattr(shutil, "copyfile", guarded(shutil.copyfile))
    for name in ("rename", "chmod", "unlink"):
        patch.setattr(Path, name, guarded(getattr(Path, name)))


@pytest.mark.parametrize("step", range(7))
def test_interrupted_at_any_step_no_half_version_is_executable(old: Path, new: Path, target: Path, step: int) -> None:
    """At most one file is executable, it is one version's, and its library is there; the next run completes."""
    folder = target / FOLDER
    install(old, target)
    with pytest.MonkeyPatch.context() as patch:
        _interrupt(patch, step)
        with pytest.raises(_Interrupted):
            install(new, target)

    found = _files(folder)
    executable = [content for mode, content in found.values() if mode & 0o111]
    assert len(executable) <= 1
    for program in executable:
        library = program.decode().rpartition(" ")[2]
        assert program in {(old / PROGRAM).read_bytes(), (new / PROGRAM).read_bytes()}
        assert found[library][1] == f"library of {library[8]}".encode()

    install(new, target)
    assert _files(folder) == _files(new)


def test_a_running_program_is_replaced(real_bundle: Path, tmp_path: Path, target: Path) -> None:
    """No "text file busy": the old one goes on to the end of its restore, the next launch is of the new one."""
    older = tmp_path / "older"
    shutil.copytree(real_bundle, older)
    with (older / PROGRAM).open("ab") as program:
        program.write(b"an older version")
    (older / "leftover.so").write_text("of an older version")
    install(older, target)
    running = VeleroHost([target / FOLDER / PROGRAM])
    try:
        install(real_bundle, target)
        assert _files(target / FOLDER) == _files(real_bundle)
        assert running.applies_to(PLUGIN_NAME).included_resources == ("pods",)
        with VeleroHost([target / FOLDER / PROGRAM]) as next_one:
            assert next_one.applies_to(PLUGIN_NAME).included_resources == ("pods",)
            assert next_one.shutdown() == 0
        assert running.shutdown() == 0
    finally:
        running.kill()


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder that has room for next to nothing."""
    folder = tmp_path / "full"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="mount needs root")
def test_a_full_disk_is_told_with_the_room_that_is_needed(new: Path, full_disk: Path) -> None:
    """And what file could not be written."""
    (new / "library-2.so").write_bytes(b"x" * 100_000)
    with pytest.raises(InstallError, match=r"No space left on device.*100,031 bytes of room") as caught:
        install(new, full_disk)
    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.__cause__.errno == errno.ENOSPC


def test_a_target_that_is_not_there_is_told(new: Path, tmp_path: Path) -> None:
    """As when the image is run by hand, without Velero's plugin folder."""
    with pytest.raises(InstallError, match="nowhere is no folder; mount Velero's plugin folder there"):
        install(new, tmp_path / "nowhere")


def test_what_is_no_bundle_is_not_installed(new: Path, target: Path) -> None:
    """Two programs would be two plugins to Velero."""
    shutil.copy(new / PROGRAM, new / "second")
    with pytest.raises(InstallError, match="has 2 executable files; expected one"):
        install(new, target)
    assert list(target.iterdir()) == []


def test_from_python_packages_nothing_is_installed() -> None:
    """Velero's image has no Python to run them."""
    run = subprocess.run([ROOT / ".venv/bin/velero-init-hooks", "install"], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "not the bundle; Velero's image has no Python" in run.stderr
