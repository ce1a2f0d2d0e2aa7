"""What a hook shares with an app container, and why that is more than a copy."""

from __future__ import annotations

import typing

import msgspec
from msgspec import Raw

from init_hooks.pod import NULL, says_nothing
from init_hooks.settings import Sharing
from init_hooks.volume_mounts import attach_volume_mounts

if typing.TYPE_CHECKING:
    from init_hooks.pod import AppContainer, Object, Pod
    from init_hooks.settings import Settings

# A GPU or a huge page that the hook doesn't use is none the app could have; no quota or QoS class asks for them.
_SHARED_RESOURCES = frozenset({"cpu", "memory", "ephemeral-storage"})


class _Resources(msgspec.Struct):
    limits: dict[str, Raw] | None = None
    requests: dict[str, Raw] | None = None


_RESOURCES = msgspec.json.Decoder(_Resources | None)


def share(container: Object, app: AppContainer, pod: Pod, defaults: Settings) -> None:
    """Fill what the hook's container leaves open: from the app container, else from the plugin's defaults.

    What is written for the hook itself stays. The order matters: a mount may depend on the security context.
    """
    share_security_context(container, app, defaults)
    share_resources(container, app, pod, defaults)
    if Sharing.ENV in defaults.inherit:
        share_env(container, app)
    if Sharing.VOLUME_MOUNTS in defaults.inherit:
        attach_volume_mounts(container, app, pod.volumes)


def share_security_context(container: Object, app: AppContainer, defaults: Settings) -> None:
    """Run the hook as the app runs, so that a namespace admits both and each can read the other's files."""
    if "securityContext" in container:
        return
    shared = app.security_context if Sharing.SECURITY_CONTEXT in defaults.inherit else NULL
    if not says_nothing(shared):
        container["securityContext"] = shared
    elif defaults.security_context is not None:
        container["securityContext"] = defaults.security_context


def share_resources(container: Object, app: AppContainer, pod: Pod, defaults: Settings) -> None:
    """Give the hook the app's cpu, memory and ephemeral storage: the pod needs no more for it (the larger counts).

    Without, a Guaranteed pod becomes Burstable and a ResourceQuota refuses it. The plugin's default stays out of a
    pod that has resources of its own as a whole: its containers may not ask for more than those.
    """
    if "resources" in container:
        return
    shared = _shared_resources(app) if Sharing.RESOURCES in defaults.inherit else {}
    if shared:
        container["resources"] = shared
    elif defaults.resources is not None and says_nothing(pod.spec.get("resources", NULL)):
        container["resources"] = defaults.resources


def share_env(container: Object, app: AppContainer) -> None:
    """Give the hook the app's environment."""
    for key, shared in (("envFrom", app.env_from), ("env", app.env)):
        if not says_nothing(shared):
            container.setdefault(key, shared)


def _shared_resources(app: AppContainer) -> Object:
    resources = _RESOURCES.decode(app.resources) or _Resources()
    shared: Object = {}
    for key, amounts in (("limits", resources.limits), ("requests", resources.requests)):
        kept = {name: amount for name, amount in (amounts or {}).items() if name in _SHARED_RESOURCES}
        if kept:
            shared[key] = kept
    return shared
