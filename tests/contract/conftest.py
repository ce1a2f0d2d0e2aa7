import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest
from local_velero import parts

from tests.contract.host_build import build_host
from tests.contract.velero_server import VeleroServer

ROOT = Path(__file__).parent.parent.parent
BUNDLE = ROOT / "dist" / "bundle"

StartServer = Callable[..., VeleroServer]


@pytest.fixture(scope="session")
def host() -> Path:
    """The Go host's executable."""
    return build_host()


@pytest.fixture(scope="session")
def velero() -> Path:
    """Velero's own executable, as the lab runs it."""
    return parts.ensure(parts.VELERO) / "velero"


@pytest.fixture
def start_server(host: Path) -> Iterator[StartServer]:
    """Starts Velero servers, with the flags of `velero server`, that end with the test."""
    with ExitStack() as servers:

        def start(*flags: str, **environment: str) -> VeleroServer:
            surroundings: Mapping[str, str] = {**os.environ, **environment}
            return servers.enter_context(VeleroServer(host, flags, surroundings))

        yield start


@pytest.fixture
def server(start_server: StartServer) -> VeleroServer:
    """A Velero server that has discovered no plugins yet."""
    return start_server()


@pytest.fixture
def probe(tmp_path: Path) -> Path:
    """The executable of plugins/probe.py, alone in a folder for plugins."""
    return install_script(tmp_path / "plugins", Path(__file__).parent / "plugins" / "probe.py")


def install_script(folder: Path, source: Path) -> Path:
    """Put a Python file as an executable into a folder for plugins."""
    folder.mkdir()
    executable = folder / source.name
    executable.write_text(f"#!{sys.executable}\n{source.read_text()}")
    executable.chmod(0o755)
    return executable


# Also the bundle that users get, where it has been built; `hack/test` builds it first.
@pytest.fixture(params=["venv", "bundle"] if BUNDLE.is_dir() else ["venv"])
def init_hooks_folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder for plugins with init_hooks in it, as nothing else."""
    folder = tmp_path / "plugins"
    if request.param == "bundle":
        shutil.copytree(BUNDLE, folder, symlinks=True)
    else:
        folder.mkdir()
        shutil.copy(Path(sys.executable).with_name("velero-init-hooks"), folder)
    return folder
