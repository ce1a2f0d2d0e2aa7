"""A root file system like that of Velero's own image, to run the built bundle in.

It has glibc and nothing else: no Python, no shell, no /tmp; it is read-only, and the user is none it knows.
"""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
USER = "1002:1000"
PLUGINS = Path("/plugins")
ENVIRONMENT = {
    "LD_LIBRARY_PATH": str(PLUGINS),
    "VELERO_NAMESPACE": "velero",
    "VELERO_SCRATCH_DIR": "/scratch",
    # An interpreter that obeys these would not even start.
    "PYTHONHOME": "/nowhere",
    "PYTHONPATH": str(PLUGINS),
}
# In a mount namespace of its own, so that nothing of it outlives the process, not even when that is killed.
_ENTER = """
set -eu
mount --bind "$0" "$0"
mount --rbind /proc "$0/proc"
for device in null urandom; do mount --bind "/dev/$device" "$0/dev/$device"; done
if [[ -n $1 ]]; then mount --bind "$1" "$0/target"; fi
mount -o remount,bind,ro "$0"
exec chroot --userspec="$2" "$0" "${@:3}"
"""


@dataclass(frozen=True)
class VeleroImage:
    """The folder that is the root."""

    root: Path

    @property
    def plugins(self) -> Path:
        """The plugin folder, seen from outside."""
        return self.root / PLUGINS.relative_to("/")

    def command(self, *program: str, user: str = USER, target: Path | None = None) -> tuple[str, ...]:
        """The command that runs `program` in the root, as `uid:gid`, with `target` as /target to write to."""
        return tuple(enter(self.root, *program, user=user, target=target))


def enter(root: Path, *program: str, user: str, target: Path | None = None) -> list[str]:
    """The command that becomes `program` in `root`: it keeps its process ID, as under Velero."""
    own_mounts = ["unshare", "--mount", "--propagation=private", "bash", "-c", _ENTER]
    return [*own_mounts, str(root), str(target or ""), user, *program]


def built_bundle() -> Path:
    """The bundle, made anew when it is not of this checkout's state."""
    subprocess.run([ROOT / "hack/bundle"], check=True)
    return ROOT / "dist/bundle"


def make_velero_image(root: Path) -> VeleroImage:
    """Fill the folder from this machine's own glibc."""
    listed = subprocess.run(["dpkg-query", "--listfiles", "libc6"], capture_output=True, text=True, check=True).stdout
    for path in re.findall(r"^/lib(?:64)?/(?:[^/]+/)?[^/]+\.so(?:\.\d+)?$", listed, re.MULTILINE):
        place = root / path[1:]
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
        place.chmod(0o755)
    for folder in ("dev", "plugins", "proc", "target"):
        (root / folder).mkdir()
    for device in ("null", "urandom"):
        (root / "dev" / device).touch()
    return VeleroImage(root)
