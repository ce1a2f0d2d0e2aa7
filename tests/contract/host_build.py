"""The Go host of these tests, built once for each state of its sources and kept outside the checkout."""

import hashlib
import os
import platform
import subprocess
import tempfile
from pathlib import Path

SOURCES = Path(__file__).parent / "host"
# Those of the lab's own builds: the packages that both need are compiled once.
FLAGS = ("-trimpath", "-buildvcs=false", "-mod=readonly", "-ldflags=-s -w")


def build_host() -> Path:
    """Return the host's executable; build it if need be (a minute; seconds once Velero was built here).

    Raises:
        RuntimeError: There is no Go tool-chain, or the build failed.
    """
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    host = Path(base) / "velero-init-hooks" / f"contract-host-{_digest()}"
    if host.is_file():
        return host
    host.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=host.parent) as folder:
        partial = Path(folder) / host.name
        _go(
            "build",
            "-trimpath",
            "-buildvcs=false",
            "-mod=readonly",
            "-ldflags=-s -w",
            "-o",
            str(partial),
            ".",
        )
        partial.rename(host)
    return host


def _digest() -> str:
    inputs = hashlib.sha256(f"{_go('env', 'GOVERSION')} {platform.machine()}".encode())
    for path in sorted(SOURCES.iterdir()):
        inputs.update(f"{path.name}\n".encode())
        inputs.update(path.read_bytes())
    return inputs.hexdigest()[:16]


def _go(*arguments: str) -> str:
    environment = {**os.environ, "CGO_ENABLED": "0", "GOWORK": "off", "GOFLAGS": ""}
    try:
        result = subprocess.run(
            ["go", *arguments], cwd=SOURCES, env=environment, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise RuntimeError(
            "there is no `go` on PATH: the contract tests are driven by Velero's own plugin client, which is "
            "written in Go; install Go 1.26 or newer"
        ) from None
    if result.returncode:
        raise RuntimeError(f"`go {' '.join(arguments)}` in {SOURCES} failed:\n{result.stderr}")
    return result.stdout
