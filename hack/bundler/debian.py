"""Debian's packages: installs what the build needs, and fetches the source of its Python."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from bundler import cache
from bundler.errors import BundleError

PACKAGES: Final = (
    "binutils",
    "dpkg-dev",
    "gcc",
    "libbluetooth-dev",  # only its header: Python's _ssl includes it by way of the socket module's
    "libc6-dev",
    "libpython3.11-dev",
    "libpython3.11-stdlib",
    "libssl-dev",
    "libstdc++-12-dev",
    "python3.11",
    "xz-utils",
    "zlib1g-dev",
)


def install() -> dict[str, str]:
    """Install the packages that are missing.

    Returns:
        The version of each package.

    Raises:
        BundleError: This is no Debian 12, or packages are missing and can't be installed.
    """
    versions = _installed()
    missing = [package for package in PACKAGES if package not in versions]
    if not missing:
        return versions
    if os.geteuid() != 0:
        raise BundleError(
            f"Debian packages are missing: {' '.join(missing)}; uid {os.geteuid()} can't install them. "
            f"Run as root: apt-get install {' '.join(missing)}"
        )
    print(f"hack/bundle: installing {' '.join(missing)} ...", flush=True)
    command = ["apt-get", "-qq", "-y", "-o", "DPkg::Lock::Timeout=300", "install", "--no-install-recommends"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    first = subprocess.run([*command, *missing], env=environment, capture_output=True, check=False)
    if first.returncode != 0:
        subprocess.run(["apt-get", "-qq", "update"], check=False)
        second = subprocess.run([*command, *missing], env=environment, capture_output=True, text=True, check=False)
        if second.returncode != 0:
            raise BundleError(f"apt-get could not install {' '.join(missing)}:\n{second.stderr.strip()}")
    return _installed()


def python_source(versions: dict[str, str]) -> Path:
    """The folder Modules of Debian's Python 3.11 source, with Debian's patches.

    It is fetched from where this machine gets its packages. That mirror's newest source is taken, which may be a
    security update ahead of the installed library: within 3.11.2 that makes no difference to what they share.
    """

    def make(place: Path) -> None:
        print("hack/bundle: fetching Debian's Python source (once) ...", flush=True)
        failures: list[str] = []
        for line in _source_lines() or _source_lines(update=True):
            with tempfile.TemporaryDirectory(prefix="bundle-source-") as work:
                failure = _fetch(line, Path(work))
                if failure is None:
                    modules = next(Path(work).glob("python3.11-*/Modules"))
                    shutil.copytree(modules, place / "Modules")
                    return
                failures.append(f"{line}: {failure}")
        raise BundleError(
            "the source of python3.11 could not be fetched from where apt has libpython3.11-dev:\n"
            + "\n".join(failures)
        )

    return cache.entry("python-source", cache.digest([versions["libpython3.11-dev"]]), make) / "Modules"


def _installed() -> dict[str, str]:
    if shutil.which("dpkg-query") is None or shutil.which("apt-get") is None:
        raise BundleError("no dpkg-query or apt-get here; the bundle is built on Debian 12 (bookworm)")
    query = subprocess.run(
        ["dpkg-query", "--show", "--showformat=${db:Status-Status} ${Package} ${Version}\n", *PACKAGES],
        capture_output=True,
        text=True,
        check=False,  # 1 when it knows nothing of one of them
    )
    rows = (line.split() for line in query.stdout.splitlines())
    return {row[1]: row[2] for row in rows if row[0] == "installed"}


def _source_lines(*, update: bool = False) -> list[str]:
    """For every place that has python3.11, newest first, the apt line for its source."""
    if update:
        subprocess.run(["apt-get", "-qq", "update"], check=False)
    madison = subprocess.run(["apt-cache", "madison", "libpython3.11-dev"], capture_output=True, text=True, check=True)
    lines: list[str] = []
    for row in madison.stdout.splitlines():
        origin, kind = row.split("|")[2].rsplit(maxsplit=1)
        if kind == "Packages":
            uri, suite_and_component, _ = origin.split()
            suite, component = suite_and_component.rsplit("/", 1)
            lines.append(f"deb-src {uri} {suite} {component}")
    return lines


def _fetch(line: str, work: Path) -> str | None:
    """Fetch and unpack into `work`; returns apt's words when it fails."""
    (work / "sources.list").write_text(line + "\n")
    (work / "lists" / "partial").mkdir(parents=True)
    options = [
        f"-oDir::Etc::SourceList={work}/sources.list",
        f"-oDir::Etc::SourceParts={work}/none",
        f"-oDir::State::Lists={work}/lists",
        f"-oDir::Cache={work}",
        "-oAPT::Sandbox::User=root",
    ]
    for command in (["update"], ["source", "python3.11"]):
        run = subprocess.run(
            ["apt-get", "-q", *options, *command], cwd=work, capture_output=True, text=True, check=False
        )
        if run.returncode != 0:
            return run.stderr.strip()
    return None
