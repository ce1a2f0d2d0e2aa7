"""What a running lab is, and what this checkout would start."""

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields

from local_velero import images, parts
from local_velero.component import replace_file
from local_velero.layout import HACK, Layout


@dataclass(frozen=True)
class Settings:
    """What a running lab is, as `up` made it; `complete` once it was ready."""

    version: str = ""
    summary: str = ""
    checkout: str = ""
    api_only: bool = False
    server_arguments: list[str] = field(default_factory=list)
    mount_points: list[str] = field(default_factory=list)
    complete: bool = False

    def write(self, layout: Layout) -> None:
        """Store the settings in the state folder."""
        replace_file(layout.state / "lab.json", json.dumps(asdict(self), indent=1))

    @classmethod
    def read(cls, layout: Layout) -> "Settings | None":
        """Load the settings, or nothing when there is no lab or `up` was killed early."""
        try:
            stored = json.loads((layout.state / "lab.json").read_text())
        except FileNotFoundError:
            return None
        known = {entry.name for entry in fields(cls)}
        return cls(**{name: value for name, value in stored.items() if name in known})


def wanted_settings(*, api_only: bool, server_arguments: list[str]) -> Settings:
    """Return what this checkout would start."""
    needed = parts.API_ONLY if api_only else parts.ALL
    pieces = [parts.folder(part).name for part in needed]
    if not api_only:
        pieces += [images.archive(image).name for image in images.catalog()]
    version = hashlib.sha256("\n".join(pieces).encode()).hexdigest()[:16]
    summary = f"Kubernetes {parts.version(parts.KUBERNETES)}"
    if not api_only:
        summary = f"Velero {parts.version(parts.VELERO)}, {summary}"
    return Settings(version, summary, str(HACK.parent), api_only, server_arguments)
