"""The built image: what it says of itself, and that its entrypoint puts the plugin where Velero looks for it."""

import hashlib
import json
import os
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from bundler.check import PROGRAM
from velero_host import VeleroHost

from init_hooks import __version__
from init_hooks.names import PLUGIN_NAME
from tests.process.velero_image import ROOT, built_bundle, enter

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="building the image and chroot need root")
pytestmark = needs_root


@dataclass(frozen=True)
class Image:
    """An OCI image: its reference in the archive, its configuration, its files unpacked."""

    reference: str
    config: dict[str, Any]
    root: Path


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """The image of this checkout, from dist/image.tar as a container runtime reads it."""
    subprocess.run([ROOT / "hack/image"], check=True)
    folder = tmp_path_factory.mktemp("image")
    subprocess.run(["tar", "-xf", ROOT / "dist/image.tar", "-C", folder], check=True)
    (listed,) = json.loads((folder / "index.json").read_bytes())["manifests"]
    manifest = json.loads(_blob(folder, listed["digest"]))
    root = folder / "root"
    root.mkdir()
    for layer in manifest["layers"]:
        _blob(folder, layer["digest"])
        subprocess.run(["tar", "-xf", _blob_path(folder, layer["digest"]), "-C", root], check=True)
    config = json.loads(_blob(folder, manifest["config"]["digest"]))["config"]
    return Image(listed["annotations"]["org.opencontainers.image.ref.name"], config, root)


def _blob_path(folder: Path, digest: str) -> Path:
    return folder / "blobs" / digest.replace(":", "/")


def _blob(folder: Path, digest: str) -> bytes:
    content = _blob_path(folder, digest).read_bytes()
    assert f"sha256:{hashlib.sha256(content).hexdigest()}" == digest
    return content


def _install(image: Image, target: Path) -> "subprocess.CompletedProcess[str]":
    """Run the image's entrypoint as its user, with `target` mounted as `velero plugin add` has it mounted."""
    for place in ("dev/null", "dev/urandom", "proc", "target"):
        path = image.root / place
        path.parent.mkdir(exist_ok=True)
        if path.parent.name == "dev":
            path.touch()
        else:
            path.mkdir(exist_ok=True)
    command = enter(image.root, *image.config["Entrypoint"], user=image.config["User"], target=target)
    return subprocess.run(command, env={}, capture_output=True, text=True, check=False)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """An emptyDir as Kubernetes makes it: every user may write."""
    folder = tmp_path / "plugins"
    folder.mkdir()
    folder.chmod(0o777)
    return folder


def test_it_is_named_after_the_version(image: Image) -> None:
    """The name tells that it comes from no registry, the labels what it is."""
    assert image.reference == f"localhost/velero-init-hooks:{__version__}"
    prefix = "org.opencontainers.image"
    assert image.config["Labels"][f"{prefix}.title"] == "velero-init-hooks"
    assert image.config["Labels"][f"{prefix}.version"] == __version__
    assert image.config["Labels"][f"{prefix}.licenses"] == "Apache-2.0"
    assert "restore hooks" in image.config["Labels"][f"{prefix}.description"]


def test_it_runs_as_a_user_that_may_do_nothing(image: Image) -> None:
    """By number, so that Kubernetes can tell it is not root (runAsNonRoot)."""
    assert image.config["User"] == "65532:65532"


def test_it_holds_glibc_and_the_bundle(image: Image) -> None:
    """No shell, no Python, no second program: the one executable beside glibc's is the plugin's."""
    executable = {
        str(path.relative_to(image.root))
        for path in image.root.rglob("*")
        if path.is_file() and not path.is_symlink() and path.stat().st_mode & 0o111 and ".so" not in path.name
    }
    assert {name for name in executable if not name.startswith("usr/")} == {f"{PROGRAM}/{PROGRAM}"}
    assert [name for name in executable if name.endswith(("sh", "python3"))] == []


def test_velero_finds_the_plugin_that_the_entrypoint_installed(image: Image, target: Path) -> None:
    """Into the mounted folder, as a user who is nobody there; a second run finds it done."""
    folder = target / PROGRAM
    first = _install(image, target)
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.splitlines()[-1] == f"installed /target/{PROGRAM}/{PROGRAM}"
    bundle = built_bundle()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        path.name: path.read_bytes() for path in bundle.iterdir()
    }
    executable = [path for path in target.rglob("*") if path.is_file() and path.stat().st_mode & 0o111]
    assert executable == [folder / PROGRAM]

    with VeleroHost([folder / PROGRAM]) as host:
        (identifier,) = host.list_plugins()
        assert (identifier.name, identifier.command) == (PLUGIN_NAME, str(folder / PROGRAM))
        again = _install(image, target)
        assert (again.returncode, again.stdout) == (0, "")
        assert host.shutdown() == 0


def test_without_veleros_folder_it_says_so(image: Image) -> None:
    """A folder that its user may not write to is told with what is missing."""
    refused = _install(image, image.root / "etc")
    assert refused.returncode == 1
    assert "/target/velero-init-hooks: Permission denied (uid 65532); /target must be writable" in refused.stderr


@pytest.mark.usefixtures("image")
def test_it_is_the_same_image_when_made_again() -> None:
    """Nothing in it tells when or where it was made."""
    with tarfile.open(ROOT / "dist/image.tar") as tar:
        before = sorted(tar.getnames())
    (ROOT / "dist/image.tar").unlink()
    subprocess.run([ROOT / "hack/image"], check=True)
    with tarfile.open(ROOT / "dist/image.tar") as tar:
        assert sorted(tar.getnames()) == before
