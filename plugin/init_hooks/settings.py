"""What a hook gets where the pod leaves it open."""

from __future__ import annotations

import enum
from typing import Literal

import msgspec

PullPolicy = Literal["Always", "IfNotPresent", "Never"]


class Sharing(enum.StrEnum):
    """What a hook can share with an app container of its pod, as the annotation `inherit` names it."""

    VOLUME_MOUNTS = "volume-mounts"
    SECURITY_CONTEXT = "security-context"
    RESOURCES = "resources"
    ENV = "env"


class Settings(msgspec.Struct, frozen=True):
    """The defaults of the plugin; its ConfigMap changes them, a pod's own annotations go before both."""

    image: str = "alpine:latest"
    image_pull_policy: PullPolicy = "IfNotPresent"
    timeout: float = 600.0  # seconds, from the moment when it is the hook's turn
    wait: bool = True  # the restore waits for the hook
    inherit: frozenset[Sharing] = frozenset({Sharing.VOLUME_MOUNTS, Sharing.SECURITY_CONTEXT, Sharing.RESOURCES})
    security_context: msgspec.Raw | None = None  # JSON; where the app container shares none
    resources: msgspec.Raw | None = None  # JSON; where the app container shares none
    on_invalid: Literal["restore", "fail"] = "restore"  # what becomes of a pod with a wrong hook
