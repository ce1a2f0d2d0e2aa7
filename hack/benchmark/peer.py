"""The plugins that are measured beside each other, and what it takes to have them."""

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from local_velero import parts
from local_velero.layout import cache_folder

from tests.contract.host_build import FLAGS

ROOT = Path(__file__).resolve().parent.parent.parent
PEERS = ROOT / "hack/peers"
PROTO = ROOT / "proto"


@dataclass(frozen=True)
class Peer:
    """A plugin: its name for Velero, and the folder for plugins that holds it.

    `velero` is set for the one that lives in the Velero executable itself. `shipped` is the file or folder whose
    size counts.
    """

    key: str
    title: str
    name: str
    folder: Path
    shipped: Path
    velero: Path | None = None

    def sizes(self) -> tuple[int, int]:
        """Bytes and number of the files that are shipped."""
        files = [self.shipped] if self.shipped.is_file() else list(self.shipped.rglob("*"))
        sizes = [path.stat().st_size for path in files if path.is_file() and not path.is_symlink()]
        return sum(sizes), len(sizes)


def all_peers(ours: Path | None, empty: Path) -> list[Peer]:
    """Have every peer ready; the first is this project's, `typed` is what the others are compared with.

    `ours` is a folder for plugins to take instead of the bundle, `empty` one without any.
    """
    if ours is None:
        if subprocess.run([ROOT / "hack/bundle"], check=False).returncode:
            raise SystemExit("hack/bench: there is no bundle to measure, hack/bundle has failed: see above")
        ours = ROOT / "dist/bundle"
    go = built_go_peers()
    plain = installed_plain_peer()
    velero = parts.ensure(parts.VELERO) / "velero"
    return [
        Peer("ours", "velero-init-hooks", "velero-init-hooks/inject", ours, ours),
        Peer("typed", "Go plugin, typed Pod", "peers.example.com/typed", go / "typed", go / "typed"),
        Peer("own", "Velero's own action", "velero.io/init-restore-hook", empty, velero, velero),
        Peer("plain", "Python as in go-plugin's guide", "peers.example.com/plain", plain / "plugins", plain),
        Peer("echo", "Go plugin, echo", "peers.example.com/echo", go / "echo", go / "echo"),
    ]


def built_go_peers() -> Path:
    """The folder with a folder for plugins each, `typed` and `echo`."""
    source = PEERS / "go"

    def build(target: Path) -> None:
        for name in ("typed", "echo"):
            command = ["go", "build", *FLAGS, "-o", str(target / name / name), f"./{name}"]
            environment = {**os.environ, "CGO_ENABLED": "0", "GOWORK": "off", "GOFLAGS": ""}
            subprocess.run(command, cwd=source, env=environment, check=True)

    return _made_once("go", [*source.rglob("*.*")], parts.go_version(), build)


def installed_plain_peer() -> Path:
    """The folder with a virtual environment and, in `plugins`, the executable and its generated stubs."""
    source = PEERS / "plain"
    contracts = sorted((PROTO / "velero").glob("*.proto"))

    def install(target: Path) -> None:
        venv = target / "venv"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
        pip = [sys.executable, "-m", "pip", "--python", f"{venv}/bin/python", "install", "--quiet"]
        subprocess.run([*pip, "--disable-pip-version-check", "-r", str(source / "requirements.txt")], check=True)
        plugins = target / "plugins"
        plugins.mkdir()
        stubs = [f"--python_out={plugins}", f"--grpc_python_out={plugins}"]
        subprocess.run([sys.executable, "-m", "grpc_tools.protoc", f"-I{PROTO}", *stubs, *contracts], check=True)
        executable = plugins / "plain"
        executable.write_text(f"#!{venv}/bin/python\n{(source / 'plugin.py').read_text()}")
        executable.chmod(0o755)

    return _made_once("plain", [*source.iterdir(), *contracts], sys.version, install)


def _made_once(name: str, sources: list[Path], tools: str, make: Callable[[Path], None]) -> Path:
    """A folder outside the checkout that `make` fills, once for each state of the sources and tools."""
    inputs = hashlib.sha256(f"{tools} {platform.machine()}".encode())
    for path in sorted(path for path in sources if path.is_file()):
        inputs.update(f"{path.name}\n".encode() + path.read_bytes())
    target = cache_folder() / f"peer-{name}-{inputs.hexdigest()[:16]}"
    target.parent.mkdir(parents=True, exist_ok=True)
    made = target.with_name(f"{target.name}.made")
    with target.with_name(f"{target.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            # Made in its place, not renamed into it: a virtual environment can't be moved.
            shutil.rmtree(target, ignore_errors=True)
            target.mkdir()
            make(target)
            made.touch()
    return target
