"""The pure core's door: a pod's bytes and the settings in, the pod's bytes with its hooks and the findings out."""

from __future__ import annotations

from typing import NamedTuple

from init_hooks.names import GENERATED_NAME_START, PREFIX, RECORD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from init_hooks.finding import Finding
    from init_hooks.settings import Settings

_HOOK_ANNOTATION, _GENERATED_NAME, _RECORD = PREFIX.encode(), GENERATED_NAME_START.encode(), RECORD.encode()
_HOOK_OF_RESTORE = b'"initContainers"'


class InjectedHook(NamedTuple):
    """A hook that is now an init container of the pod."""

    name: str
    timeout: float  # seconds, from the moment when it is the hook's turn
    wait: bool  # the restore waits for it


class Injection(NamedTuple):
    """What became of a pod."""

    item: bytes  # the very bytes that came, where nothing was to do
    hooks: tuple[InjectedHook, ...] = ()
    findings: tuple[Finding, ...] = ()  # where there is one, the pod has no hooks
    namespace: str = ""  # the one that the pod is restored into; "" where the pod was not opened
    pod: str = ""
    replaced: tuple[str, ...] = ()  # init containers taken out: Velero's own hooks, and those of an earlier restore


def inject_hooks(item: bytes, item_from_backup: bytes, restore: bytes, settings: Callable[[], Settings]) -> Injection:
    """Give a restored pod the hooks that it or its Restore asks for, each exactly once.

    A wrong hook costs the pod all its hooks, but never the pod. All, because hooks build on each other. What Velero's
    own action injected from the same annotation goes as well: it lacks the app's volumes, and with a wrong name in it
    the API server refuses the whole pod.

    Args:
        item: The pod as the actions before this one left it, JSON.
        item_from_backup: The pod as it was backed up, JSON.
        restore: The Restore, JSON.
        settings: Gives the plugin's defaults; called at most once, and only for a pod with a hook.
    """
    if not (_HOOK_ANNOTATION in item or _GENERATED_NAME in item or _RECORD in item or _HOOK_OF_RESTORE in restore):
        return Injection(item)
    from init_hooks.hooked_pod import hooked_pod  # noqa: PLC0415 (a restore without hooks starts faster without)

    return hooked_pod(item, item_from_backup, restore, settings)
