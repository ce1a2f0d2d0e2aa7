"""What the lab expects of the machine, and how it gets the Debian packages it is missing."""

import os
import platform
import shutil
import subprocess
from pathlib import Path

from local_velero import cgroup
from local_velero.failure import LabError
from local_velero.layout import Layout, cache_folder
from local_velero.progress import step

# Each with a file that shows that it is installed: asking dpkg would cost more than everything else in a second `up`.
PACKAGES = {
    "buildah": "/usr/bin/buildah",
    "busybox-static": "/bin/busybox",
    "containerd": "/usr/bin/containerd",
    "containernetworking-plugins": "/usr/lib/cni/ptp",
    "iproute2": "/sbin/ip",
    "openssl": "/usr/bin/openssl",
    "runc": "/usr/sbin/runc",
}
CACHE_BYTES = 8 * 1024**3
STATE_BYTES = 3 * 1024**3


def check_rights() -> None:
    """Raise LabError unless this is root on Linux, which every command needs."""
    if platform.system() != "Linux":
        raise LabError(f"this is {platform.system()}: the lab needs Linux (namespaces, cgroups, containerd)")
    if os.geteuid() != 0:
        raise LabError(f"it runs as uid {os.geteuid()}: the lab needs root (namespaces, mounts, containerd): use sudo")


def check(layout: Layout) -> None:
    """Raise LabError naming what this machine lacks for a lab."""
    cgroup.check()
    check_space(layout.state.parent, STATE_BYTES)


def check_space(folder: Path, needed: int) -> None:
    """Raise LabError when the disk below a folder is too full."""
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise LabError(
            f"{folder} has {free / 1024**3:.1f} GiB free: the lab needs {needed / 1024**3:.0f} GiB there "
            f"(to make room: `hack/lab down`, or delete {cache_folder()}, or `go clean -cache`)"
        )


def install_packages() -> None:
    """Install the Debian packages that are missing."""
    missing = [name for name, file in PACKAGES.items() if not Path(file).exists()]
    if not missing:
        return
    if not shutil.which("apt-get"):
        raise LabError(f"these Debian packages are missing, and so is apt-get: {', '.join(missing)}")
    with step(f"installing {', '.join(missing)}"):
        if apt("install", "--no-install-recommends", *missing).returncode:
            # The lists of a fresh machine are empty or out of date; or an installation was cut short.
            subprocess.run(["dpkg", "--configure", "-a"], capture_output=True, check=False)
            apt("update")
            result = apt("install", "--no-install-recommends", *missing)
            if result.returncode:
                raise LabError(f"apt-get could not install {', '.join(missing)}:\n{result.stderr.strip()}")
    if "containerd" in missing:
        stop_distribution_containerd()


def apt(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Call apt-get, waiting for another one that is at work."""
    command = ["apt-get", "-qq", "-y", "-o", "DPkg::Lock::Timeout=300", *arguments]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def stop_distribution_containerd() -> None:
    """Stop the service that the package has just brought with it: the lab runs a containerd of its own."""
    if Path("/run/systemd/system").is_dir():
        subprocess.run(["systemctl", "disable", "--now", "--quiet", "containerd.service"], check=True)
