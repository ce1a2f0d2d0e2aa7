"""The programs of the lab: built from pinned Go modules, kept outside the checkout by a digest of what made them."""

import fcntl
import hashlib
import json
import os
import platform
import shutil
import subprocess
import tempfile
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from local_velero import machine
from local_velero.failure import LabError
from local_velero.layout import PARTS, cache_folder
from local_velero.progress import Step, step


@dataclass(frozen=True)
class Part:
    """One Go module under hack/parts and the programs built from it.

    `programs` maps a program's name to its package. `module` is the one whose version the part is known by;
    `stamps` are the variables that the linker sets (`{version}` stands for that version).
    """

    name: str
    module: str
    programs: dict[str, str]
    stamps: dict[str, str]


ETCD = Part("etcd", "go.etcd.io/etcd/server/v3", {"etcd": "go.etcd.io/etcd/server/v3"}, {})
KUBERNETES = Part(
    "kubernetes",
    "k8s.io/kubernetes",
    {
        name: f"k8s.io/kubernetes/cmd/{name}"
        for name in ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl", "kubelet")
    },
    {
        "k8s.io/component-base/version.gitVersion": "{version}",
        "k8s.io/component-base/version.gitMajor": "1",
        "k8s.io/component-base/version.gitMinor": "36",
    },
)
VELERO = Part(
    "velero",
    "github.com/vmware-tanzu/velero",
    {name: f"github.com/vmware-tanzu/velero/cmd/{name}" for name in ("velero", "velero-restore-helper")},
    {"github.com/vmware-tanzu/velero/pkg/buildinfo.Version": "{version}"},
)
AWS = Part(
    "aws",
    "github.com/vmware-tanzu/velero-plugin-for-aws",
    {
        "velero-plugin-for-aws": "github.com/vmware-tanzu/velero-plugin-for-aws/velero-plugin-for-aws",
        "cp-plugin": "github.com/vmware-tanzu/velero-plugin-for-aws/hack/cp-plugin",
    },
    {},
)
S3 = Part("s3", "github.com/versity/versitygw", {"versitygw": "github.com/versity/versitygw/cmd/versitygw"}, {})

API_ONLY = (ETCD, KUBERNETES)
ALL = (ETCD, VELERO, KUBERNETES, S3, AWS)


def version(part: Part) -> str:
    """Return the version that the part's go.mod pins."""
    for line in (PARTS / part.name / "go.mod").read_text().splitlines():
        words = line.removeprefix("require").split()
        if words[:1] == [part.module] and "=>" not in words:
            return words[1]
    raise LabError(f"{PARTS / part.name / 'go.mod'} requires no {part.module}")


def folder(part: Part) -> Path:
    """Return where the part's programs lie once they are built."""
    inputs = hashlib.sha256()
    for name in ("go.mod", "go.sum"):
        inputs.update((PARTS / part.name / name).read_bytes())
    inputs.update(json.dumps([asdict(part), go_version(), platform.machine()], sort_keys=True).encode())
    return cache_folder() / "parts" / f"{part.name}-{version(part)}-{inputs.hexdigest()[:16]}"


@cache
def go_version() -> str:
    """Return the version of Go; whether it is new enough is for `go build` to say, which reads the go.mod."""
    if not shutil.which("go"):
        raise LabError("there is no `go` on PATH: the lab is built from Go modules; install Go 1.26 or newer")
    command = ["go", "env", "GOVERSION"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def go_environment() -> dict[str, str]:
    """Return the environment of the go command: the caller's, without what would change the result."""
    return {**os.environ, "CGO_ENABLED": "0", "GOWORK": "off", "GOFLAGS": ""}


def ensure(part: Part) -> Path:
    """Build the part unless it is there; return its folder."""
    target = folder(part)
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with (target.parent / f"{part.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.is_dir():
            machine.check_space(target.parent, machine.CACHE_BYTES)
            partial = fresh_folder(target.parent, part.name)
            with step(f"building {part.name} {version(part)}") as current:
                build(part, partial, current)
            partial.chmod(0o755)
            partial.rename(target)
    return target


def fresh_folder(parent: Path, name: str) -> Path:
    """Make a folder to work in, and delete those of makers that were killed.

    Its name is new each time, since a killed maker's compiler may still be writing to the old one.
    """
    for left in parent.glob(f"{name}.partial.*"):
        shutil.rmtree(left)
    return Path(tempfile.mkdtemp(prefix=f"{name}.partial.", dir=parent))


def build(part: Part, target: Path, current: Step) -> None:
    """Build the part's programs into a folder."""
    stamps = [f"-X {name}={value.format(version=version(part))}" for name, value in part.stamps.items()]
    flags = ["-trimpath", "-buildvcs=false", "-mod=readonly", "-ldflags", " ".join(["-s", "-w", *stamps])]
    # In one go, so that what they share is compiled once; then each, by now only a copy, under its own name.
    compile_packages([*flags, "-o", os.devnull, *part.programs.values()], part, current)
    for name, package in part.programs.items():
        current.detail = f"linking {name}"
        compile_packages([*flags, "-o", str(target / name), package], part, current)


def compile_packages(arguments: list[str], part: Part, current: Step) -> None:
    """Run `go build -v`, telling how many packages it has compiled."""
    command = ["go", "build", "-v", *arguments]
    # When this process is killed, nothing is to go on writing into the cache.
    bound = ["setpriv", "--pdeathsig=KILL", *command]
    with subprocess.Popen(
        bound, cwd=PARTS / part.name, env=go_environment(), stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None  # noqa: S101  (PIPE was asked for)
        lines = []
        for line in process.stderr:
            lines.append(line.rstrip())
            current.detail = f"{len(lines)} packages compiled"
    if process.returncode:
        said = "\n".join(lines[-20:])
        raise LabError(f"`{' '.join(command)}` in {PARTS / part.name} failed:\n{said}")
