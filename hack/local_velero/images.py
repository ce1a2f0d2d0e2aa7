"""The lab's container images, made on this machine and kept as OCI archives."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from local_velero import machine, parts
from local_velero.failure import LabError
from local_velero.layout import HACK, IMAGE_SOURCES, cache_folder
from local_velero.node import PAUSE_IMAGE
from local_velero.progress import step

BUSYBOX = Path(machine.PACKAGES["busybox-static"])
BASE_PACKAGES = ("base-files", "ca-certificates", "libc6", "libssl3", "netbase", "tzdata", "zlib1g")
ALPINE_IMAGE = "docker.io/library/alpine:latest"


@dataclass(frozen=True)
class Image:
    """An image and what it is made of: programs of a part, or busybox and its applets."""

    source: str
    name: str
    part: parts.Part | None = None
    packages: tuple[str, ...] = ()


def velero_image() -> str:
    """Return the name of Velero's image."""
    return f"docker.io/velero/velero:{parts.version(parts.VELERO)}"


def aws_plugin_image() -> str:
    """Return the name of the image of Velero's plugin for S3."""
    return f"docker.io/velero/velero-plugin-for-aws:{parts.version(parts.AWS)}"


def catalog() -> list[Image]:
    """List the images that a lab starts with."""
    return [
        Image("pause", PAUSE_IMAGE),
        Image("alpine", ALPINE_IMAGE),
        Image("velero-plugin-for-aws", aws_plugin_image(), parts.AWS),
        Image("velero", velero_image(), parts.VELERO, BASE_PACKAGES),
    ]


def containerfile(image: Image) -> Path:
    """Return the image's build file."""
    return IMAGE_SOURCES / f"{image.source}.Containerfile"


def archive(image: Image) -> Path:
    """Return where the image's OCI archive lies once it is made."""
    inputs = hashlib.sha256(containerfile(image).read_bytes())
    inputs.update(repr(image).encode())
    if image.part:
        inputs.update(parts.folder(image.part).name.encode())
    else:
        inputs.update(BUSYBOX.read_bytes())
    if image.packages:
        inputs.update((HACK / "base-image").read_bytes())
    return cache_folder() / "images" / f"{image.source}-{inputs.hexdigest()[:16]}.tar"


def ensure(image: Image) -> Path:
    """Make the image unless it is there; return its archive."""
    target = archive(image)
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with (target.parent / f"{image.source}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            work = parts.fresh_folder(target.parent, image.source)
            with step(f"making the image {image.name}"):
                fill_context(image, work / "context")
                build(image, work)
            (work / "image.tar").rename(target)
            shutil.rmtree(work)
    return target


def fill_context(image: Image, context: Path) -> None:
    """Gather the files that the image's build file copies."""
    context.mkdir(parents=True)
    if image.part:
        for name in image.part.programs:
            shutil.copy2(parts.folder(image.part) / name, context / name)
        return
    root = context / "root"
    for folder, mode in {"bin": 0o755, "etc": 0o755, "root": 0o700, "tmp": 0o1777, "var/tmp": 0o1777}.items():
        (root / folder).mkdir(parents=True)
        (root / folder).chmod(mode)
    shutil.copy2(BUSYBOX, root / "bin" / "busybox")
    applets = subprocess.run([BUSYBOX, "--list-full"], capture_output=True, text=True, check=True).stdout.split()
    for applet in applets:
        link = root / applet
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.exists():
            link.symlink_to("/bin/busybox")
    (root / "etc" / "passwd").write_text("root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n")
    (root / "etc" / "group").write_text("root:x:0:\nnobody:x:65534:\n")


def build(image: Image, work: Path) -> None:
    """Build the image in a storage of its own below `work`, so that a killed build leaves nothing elsewhere."""
    options = ["--root", str(work / "storage"), "--runroot", str(work / "run"), "--storage-driver", "vfs"]
    arguments = []
    if image.packages:
        base = work / "base.tar"
        call([str(HACK / "base-image"), "--archive", str(base), f"velero-init-hooks-{image.source}", *image.packages])
        arguments = ["--build-arg", f"BASE=oci-archive:{base}"]
    file = ["-f", str(containerfile(image)), str(work / "context")]
    call(["buildah", *options, "bud", "-q", "--isolation", "chroot", *arguments, "-t", image.name, *file])
    call(["buildah", *options, "push", "-q", image.name, f"oci-archive:{work / 'image.tar'}:{image.name}"])


def call(command: list[str], environment: dict[str, str] | None = None) -> None:
    """Run a command; raise LabError with its own words when it fails."""
    result = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **(environment or {})}
    )
    if result.returncode:
        raise LabError(f"`{' '.join(command)}` failed with exit code {result.returncode}:\n{result.stderr.strip()}")


def load(file: Path, socket: Path) -> None:
    """Import an OCI or Docker archive into the lab's containerd."""
    call(["ctr", "--address", str(socket), "--namespace", "k8s.io", "images", "import", str(file)])
