"""The built bundle itself, in surroundings like Velero's own image."""

import http.server
import json
import os
import re
import shutil
import signal
import ssl
import stat
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from bundler.check import PROGRAM, check
from bundler.contents import DEFERRED
from bundler.errors import BundleError
from velero_host import VeleroHost

from init_hooks.names import PLUGIN_NAME
from tests.process.velero_image import ENVIRONMENT, PLUGINS, ROOT, VeleroImage, built_bundle, make_velero_image

INSTALLED = PLUGINS / PROGRAM / PROGRAM
POD = json.dumps({
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {
        "name": "my-web-app",
        "namespace": "shop",
        "annotations": {"init.hook.restore.velero.io/command": '["/bin/sh", "-c", "cp /seed/* /data"]'},
    },
    "spec": {
        "containers": [
            {"name": "app", "image": "nginx", "volumeMounts": [{"name": "data", "mountPath": "/data"}]},
        ],
        "volumes": [{"name": "data", "emptyDir": {}}],
    },
}).encode()  # fmt: skip

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="chroot and mount need root")


@pytest.fixture(scope="session")
def bundle() -> Path:
    """The bundle of this checkout."""
    return built_bundle()


@pytest.fixture(scope="session")
def run_in_bundle(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """Runs Python code in a bundle that differs by its main() alone; returns what it prints."""
    plugin = tmp_path_factory.mktemp("bundled")
    shutil.copytree(ROOT / "plugin", plugin, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(Path(__file__).with_name("bundle_main.py"), plugin / "init_hooks/__main__.py")
    place = ROOT / "dist/bundle-that-runs-code"
    subprocess.run([ROOT / "hack/bundle", "--plugin", plugin, "--to", place], check=True)

    def run(code: str, **environment: str) -> str:
        file = plugin / "code.py"
        file.write_text(code)
        result = subprocess.run(
            [place / PROGRAM, file], env=environment, capture_output=True, text=True, check=False, timeout=60
        )
        assert (result.returncode, result.stderr) == (0, "")
        return result.stdout

    return run


@pytest.fixture
def velero_image(bundle: Path, tmp_path: Path) -> VeleroImage:
    """Velero's image with the bundle in its plugin folder, and beside it libraries that nothing must load."""
    image = make_velero_image(tmp_path / "root")
    shutil.copytree(bundle, image.plugins / PROGRAM)
    for name in (
        "libstdc++.so.6",
        "libgcc_s.so.1",
        "libssl.so.3",
        "libcrypto.so.3",
        "libz.so.1",
        "libpython3.11.so.1.0",
    ):
        (image.plugins / name).write_text("no library")
    for name in ("sitecustomize.py", "grpc.py", "encodings.py"):
        (image.plugins / name).write_text("raise SystemExit('a file beside the program was imported')\n")
    return image


@pytest.fixture
def launch(velero_image: VeleroImage) -> Iterator[Callable[[], VeleroHost]]:
    """Launches the bundle in Velero's image."""
    hosts: list[VeleroHost] = []

    def start() -> VeleroHost:
        hosts.append(VeleroHost(velero_image.command(str(INSTALLED)), environment=ENVIRONMENT))
        return hosts[-1]

    yield start
    for host in hosts:
        host.kill()


def test_one_file_is_executable_and_one_lies_beside_it(bundle: Path) -> None:
    """Velero launches every executable file, links too, and warns of every other one."""
    files = {path.name: path.lstat().st_mode for path in bundle.rglob("*")}
    assert all(stat.S_ISREG(mode) for mode in files.values())
    assert [name for name, mode in files.items() if mode & 0o111] == [PROGRAM]
    assert len(files) == 2


def test_nothing_needs_a_newer_glibc_than_openshift_has(bundle: Path) -> None:
    """No symbol above glibc 2.34, and no library but glibc's own and the one the program itself is."""
    for file in bundle.iterdir():
        table = subprocess.run(["objdump", "-T", "-p", file], capture_output=True, text=True, check=True).stdout
        versions = {tuple(map(int, found.split("."))) for found in re.findall(r"GLIBC_([\d.]+)", table)}
        assert versions
        assert max(versions) <= (2, 34)
        glibc = r"(libc|libm|libpthread|librt|libdl|ld-linux-[\w-]+)\.so\.\d"
        needed = re.findall(r"NEEDED +(\S+)", table)
        assert [name for name in needed if not re.fullmatch(glibc, name)] in ([], ["libstdc++.so.6"])


def test_it_is_the_same_bundle_when_made_again(bundle: Path, tmp_path: Path) -> None:
    """Nothing in it tells when or where it was made."""
    again = tmp_path / "bundle"
    subprocess.run([ROOT / "hack/bundle", "--to", again], check=True)
    assert {path.name: path.read_bytes() == (again / path.name).read_bytes() for path in bundle.iterdir()} == {
        path.name: True for path in again.iterdir()
    }


def _another_executable(bundle: Path) -> None:
    shutil.copy(bundle / PROGRAM, bundle / "extra")


def _a_link(bundle: Path) -> None:
    (bundle / "link").symlink_to(PROGRAM)


def _debians_own_library(bundle: Path) -> None:
    library = next(Path("/usr/lib").glob("*-linux-gnu/libstdc++.so.6"))
    shutil.copyfile(library, bundle / "libstdc++.so.6")
    (bundle / "libstdc++.so.6").chmod(0o644)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (_another_executable, "extra has mode 755; velero-init-hooks alone is to be executable"),
        (_a_link, "link is no plain file"),
        (_debians_own_library, "libstdc++.so.6 needs arc4random@GLIBC_2.36, newer than 2.34"),
        (_debians_own_library, "libstdc++.so.6 needs the library libgcc_s.so.1, which Velero's image may not have"),
    ],
)
def test_a_bundle_that_would_not_run_is_refused(
    bundle: Path, tmp_path: Path, spoil: Callable[[Path], None], told: str
) -> None:
    """The build itself looks at what it made, and says what is wrong with which file."""
    copy = tmp_path / "bundle"
    shutil.copytree(bundle, copy)
    check(copy)
    spoil(copy)
    with pytest.raises(BundleError, match=re.escape(told)):
        check(copy)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("import numpy", "numpy, imported by init_hooks.extra"),
        ("import platform\nprint(platform.machine())", "machine, used by init_hooks.extra"),
        ("def f():\n    from kubernetes.client import CoreV1Api", "CoreV1Api, used by init_hooks.extra"),
    ],
)
def test_what_would_fail_at_its_import_fails_the_build(tmp_path: Path, code: str, told: str) -> None:
    """A module that is not there, or lacks what is asked of it: told with who asks, even inside a function."""
    plugin = tmp_path / "plugin"
    shutil.copytree(ROOT / "plugin", plugin, ignore=shutil.ignore_patterns("__pycache__"))
    (plugin / "init_hooks/extra.py").write_text(code + "\n")
    command: list[str | Path] = [ROOT / "hack/bundle", "--plugin", plugin, "--to", tmp_path / "bundle"]
    build = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (build.returncode, (tmp_path / "bundle").exists()) == (1, False)
    assert told in build.stderr


@needs_root
def test_it_does_in_veleros_image_all_that_velero_asks(launch: Callable[[], VeleroHost]) -> None:
    """No Python, no shell, no /tmp, a read-only root, another user, and other libraries first in the way."""
    host = launch()
    (identifier,) = host.list_plugins()
    assert (identifier.command, identifier.name) == (str(INSTALLED), PLUGIN_NAME)
    assert host.applies_to(PLUGIN_NAME).included_resources == ("pods",)
    restored = json.loads(host.execute(PLUGIN_NAME, POD).item)
    (hook,) = restored["spec"]["initContainers"]
    assert hook["volumeMounts"] == [{"name": "data", "mountPath": "/data"}]
    assert host.shutdown() == 0


@needs_root
def test_killed_it_leaves_neither_process_nor_file(velero_image: VeleroImage, launch: Callable[[], VeleroHost]) -> None:
    """There is one process, which is the one that Velero kills, and nothing was unpacked."""
    before = sorted(velero_image.root.rglob("*"))
    host = launch()
    host.applies_to(PLUGIN_NAME)
    assert _processes_in(velero_image.root) == [host.process.pid]
    host.process.send_signal(signal.SIGKILL)
    host.process.wait()
    assert _processes_in(velero_image.root) == []
    assert sorted(velero_image.root.rglob("*")) == before


def _processes_in(root: Path) -> list[int]:
    found: list[int] = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            its_root = (process / "root").readlink()
        except OSError:  # it has ended, or is the kernel's
            continue
        if its_root == root:
            found.append(int(process.name))
    return found


def test_every_module_in_the_bundle_can_be_imported(run_in_bundle: Callable[..., str]) -> None:
    """What was left out is asked for by nothing that is in."""
    imported = run_in_bundle(
        "import _imp, importlib\n"
        "names = [name for name in _imp._frozen_module_names() if not name.startswith('__')]\n"
        "for name in names:\n"
        "    getattr(importlib.import_module(name), 'runs_a_deferred_body', None)\n"
        "print(*names)\n"
    ).split()
    expected = {"init_hooks.action", "grpc._observability", "kubernetes.client.rest", "msgspec.json", "asyncio"}
    assert expected < set(imported)


def test_the_start_imports_no_more_than_it_needs(run_in_bundle: Callable[..., str]) -> None:
    """What hooks need, the Kubernetes client, TLS and the command line come when they are asked for."""
    names = run_in_bundle(
        "import sys\n"
        "import init_hooks.action, init_hooks.cluster_config, velero_bridge._go_plugin.rpc_server\n"
        "print(*(name for name, module in sys.modules.items() if '__getattr__' not in vars(module)))\n"
    ).split()
    started = {name.partition(".")[0] for name in names} | set(names)
    unneeded = {"argparse", "email", "http", "json", "kubernetes", "msgspec", "ssl", "subprocess", "urllib3", "yaml"}
    assert started & unneeded == set()
    assert started & set(DEFERRED) == set()


def test_a_deferred_module_is_whole_for_all_threads_at_once(run_in_bundle: Callable[..., str]) -> None:
    """Whichever thread comes first, each finds what it looks for."""
    assert run_in_bundle(
        "import threading\n"
        "import asyncio, inspect, traceback\n"
        "barrier = threading.Barrier(8)\n"
        "found = []\n"
        "def look():\n"
        "    barrier.wait()\n"
        "    found.append((asyncio.run, inspect.signature, traceback.format_exc))\n"
        "threads = [threading.Thread(target=look) for _ in range(8)]\n"
        "for thread in threads: thread.start()\n"
        "for thread in threads: thread.join()\n"
        "print(len(found), len(set(found)))\n"
        "async def answer(): return 42\n"
        "print(asyncio.run(answer()))\n"
    ).split() == ["8", "1", "42"]


def test_a_traceback_tells_where_in_the_source_it_was(run_in_bundle: Callable[..., str]) -> None:
    """As the path below the import root, which is how Velero's log shows it."""
    assert run_in_bundle(
        "import urllib3.util.wait, init_hooks.action, threading, zipfile\n"
        "for module in (urllib3.util.wait, init_hooks.action, threading, zipfile):\n"
        "    functions = (each for each in vars(module).values() if hasattr(each, '__code__'))\n"
        "    print(next(each.__code__.co_filename for each in functions if each.__module__ == module.__name__))\n"
    ).split() == ["urllib3/util/wait.py", "init_hooks/action.py", "threading.py", "zipfile.py"]


def test_the_kubernetes_client_reaches_an_api_server_by_tls(run_in_bundle: Callable[..., str], tmp_path: Path) -> None:
    """With the cluster's own certificate authority, and no other: OpenSSL is in the program."""
    server = _api_server(tmp_path)
    code = (
        "from kubernetes.client import Configuration\n"
        "from kubernetes.client.rest import RESTClientObject\n"
        "from kubernetes.config import incluster_config\n"
        f"incluster_config.SERVICE_TOKEN_FILENAME = {str(tmp_path / 'token')!r}\n"
        "configuration = Configuration()\n"
        "loader = incluster_config.InClusterConfigLoader(\n"
        f"    token_filename={str(tmp_path / 'token')!r}, cert_filename={{certificate!r}})\n"
        "loader.load_and_set(configuration)\n"
        "client = RESTClientObject(configuration)\n"
        "try:\n"
        "    response = client.pool_manager.request('GET', configuration.host + '/api', retries=False)\n"
        "    print(response.status, response.data.decode())\n"
        "except Exception as error:\n"
        "    print(type(error).__name__)\n"
    )
    environment = {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": str(server.server_port)}
    (tmp_path / "token").write_text("a token")
    try:
        trusted = run_in_bundle(code.format(certificate=str(tmp_path / "ca.crt")), **environment)
        _certificate(tmp_path / "other.crt", tmp_path / "other.key")
        other = run_in_bundle(code.format(certificate=str(tmp_path / "other.crt")), **environment)
    finally:
        server.shutdown()
        server.server_close()
    assert (trusted, other) == ("200 hello\n", "SSLError\n")


class _ApiServer(http.server.BaseHTTPRequestHandler):
    """Says hello."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_: object) -> None:
        """Say nothing on stderr."""


def _api_server(folder: Path) -> http.server.ThreadingHTTPServer:
    _certificate(folder / "ca.crt", folder / "ca.key")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "ca.crt", folder / "ca.key")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _ApiServer)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def _certificate(certificate: Path, key: Path) -> None:
    subject = ["-subj", "/CN=kubernetes", "-addext", "subjectAltName=IP:127.0.0.1"]
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"]
    subprocess.run(
        ["openssl", "req", "-x509", *kind, *subject, "-out", certificate, "-keyout", key],
        check=True,
        capture_output=True,
    )
