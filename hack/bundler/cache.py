"""Keeps what is slow to make, outside the checkout, each entry under a digest of what it was made from."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path


def folder() -> Path:
    """Where this project caches: below XDG_CACHE_HOME, or ~/.cache without one."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "velero-init-hooks" / "bundle"


def digest(parts: Iterable[str | bytes]) -> str:
    """16 hex digits that change when any part does."""
    sum_ = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        sum_.update(len(data).to_bytes(8))
        sum_.update(data)
    return sum_.hexdigest()[:16]


def entry(name: str, key: str, make: Callable[[Path], None]) -> Path:
    """The folder `name` made for `key`; `make` fills an empty folder when there is none yet.

    Two builds at once may both make it; one of the two, which are the same, stays.
    """
    place = folder() / f"{name}-{key}"
    if place.is_dir():
        return place
    folder().mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=folder()))
    try:
        make(making)
        try:
            making.rename(place)
        except OSError:
            if not place.is_dir():
                raise
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return place
