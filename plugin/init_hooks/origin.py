"""Whether a Pod in the cluster is the one that a Restore has created.

Velero answers that with a label: `velero.io/restore-name` (addRestoreLabels in its pkg/restore/restore.go). With the
Restore's `existingResourcePolicy: update` it puts the label on pods that were there before, too, so the creation
times count as well; both are the API server's.
"""

from __future__ import annotations

import enum
import hashlib

import msgspec

from init_hooks.names import RESTORE_NAME_LABEL
from init_hooks.restored_pod import Metadata  # noqa: TC001 - msgspec reads the annotations

_LONGEST_LABEL = 63
_HASH_DIGITS = 6


class Origin(enum.Enum):
    """Where a Pod comes from, seen from a Restore."""

    THIS_RESTORE = enum.auto()
    BEFORE = enum.auto()  # it was there when the restore began
    SINCE = enum.auto()  # somebody else created it while the restore ran


class _Restore(msgspec.Struct, frozen=True):
    metadata: Metadata


_RESTORE = msgspec.json.Decoder(_Restore)


def restore_metadata(restore: bytes) -> Metadata:
    """Read the name of a Restore, and when it was created.

    Raises:
        msgspec.DecodeError: The bytes are no Restore.
    """
    return _RESTORE.decode(restore).metadata


def origin_of(pod: Metadata, restore: Metadata, *, has_hooks: bool) -> Origin:
    """Tell where a Pod comes from, and whether it has the hooks to wait for helps to tell.

    The times are whole seconds. A pod created in the same one as the restore is the restored one only if it has both
    the label and the hooks.
    """
    labelled = (pod.labels or {}).get(RESTORE_NAME_LABEL) == label_value(restore.name)
    if (
        not (pod.creation_timestamp and restore.creation_timestamp)
        or pod.creation_timestamp == restore.creation_timestamp
    ):
        return Origin.THIS_RESTORE if labelled and has_hooks else Origin.BEFORE
    if pod.creation_timestamp < restore.creation_timestamp:
        return Origin.BEFORE
    return Origin.THIS_RESTORE if labelled else Origin.SINCE


def label_value(name: str) -> str:
    """Give the label value that Velero makes of a name: its pkg/label GetValidName."""
    if len(name) <= _LONGEST_LABEL:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()
    return name[: _LONGEST_LABEL - _HASH_DIGITS] + digest[:_HASH_DIGITS]
