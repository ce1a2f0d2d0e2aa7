"""The init container that a hook becomes."""

from __future__ import annotations

import typing

import msgspec

from init_hooks.finding import quote
from init_hooks.names import GENERATED_NAME_START

if typing.TYPE_CHECKING:
    from init_hooks.finding import Findings
    from init_hooks.pod import Object
    from init_hooks.settings import Settings


class Hook(msgspec.Struct, frozen=True):
    """One hook as it is asked for."""

    where: str  # where it is written
    name_where: str  # where its name is written, or would be
    name: str | None  # None: it gets one
    fields: dict[str, object]  # of its container, those that are written, but for the name
    timeout: float | None = None  # seconds; None: the pod's or the plugin's


def build_init_container(hook: Hook, name: str, defaults: Settings) -> Object:
    """Build the container: what is written for the hook, and the defaults for what every container needs.

    A hook that fails leaves its last lines in the pod's status, where the restore can read them
    (Kubernetes: "Customizing the termination message").
    """
    container: Object = {"name": name, "image": defaults.image, **hook.fields}
    container.setdefault("imagePullPolicy", defaults.image_pull_policy)
    container.setdefault("terminationMessagePolicy", "FallbackToLogsOnError")
    return container


def name_hooks(hooks: list[Hook], taken: set[str], findings: Findings) -> list[str]:
    """Give each hook its name: the one that is written, else the first free one of ours from its index on.

    Kubernetes asks for names that are unique among all containers of a pod. `taken` are those of the pod itself.
    """
    used = set(taken)
    for hook in hooks:
        if hook.name in used:
            other = "another container of the pod" if hook.name in taken else "another hook"
            findings.add(hook.name_where, quote(hook.name), f"a name of its own: {other} has this one")
        elif hook.name:
            used.add(hook.name)
    names = []
    for index, hook in enumerate(hooks):
        name, number = hook.name, index
        while name is None:
            free = f"{GENERATED_NAME_START}{number}"
            name = None if free in used else free
            number += 1
        used.add(name)
        names.append(name)
    return names
