"""A pod with its hooks: what asks for them, what stands in their place already, and what takes it."""

from __future__ import annotations

import typing

import msgspec

from init_hooks.annotations import asks_for_a_hook, check_keys, read_annotations, where
from init_hooks.asked_hooks import hooks_of_annotations, hooks_of_restore, hooks_of_velero
from init_hooks.container import build_init_container, name_hooks
from init_hooks.earlier_hooks import find_hooks, read_record
from init_hooks.finding import Finding, Findings, quote
from init_hooks.injection import InjectedHook, Injection
from init_hooks.names import RESTORE_HELPERS
from init_hooks.pod import AppContainer, Pod
from init_hooks.restore import read_restore
from init_hooks.sharing import share
from init_hooks.volume_mounts import check_written_mounts

if typing.TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from init_hooks.annotations import HookAnnotations
    from init_hooks.container import Hook
    from init_hooks.pod import Object
    from init_hooks.settings import Settings


def hooked_pod(item: bytes, item_from_backup: bytes, restore: bytes, settings: Callable[[], Settings]) -> Injection:
    """Give a pod its hooks: see inject_hooks. One that is no pod comes back as it came, with a finding."""
    try:
        return _hooked_pod(item, item_from_backup, restore, settings)
    except (msgspec.MsgspecError, RecursionError) as error:
        expected = "a Pod and a Restore as Kubernetes and Velero write them"
        return Injection(item, findings=(Finding("", "what Velero sent", str(error), expected),))


def _hooked_pod(item: bytes, item_from_backup: bytes, restore: bytes, settings: Callable[[], Settings]) -> Injection:
    pod = Pod(item)
    read = read_restore(restore)
    namespace = read.target_namespace(pod.text("namespace"))
    findings = Findings(f"{namespace}/{pod.text('name') or pod.text('generateName') + '*'}")
    texts = pod.hook_annotations()
    check_keys(texts, findings)
    of_restore = read.init_hooks(namespace, pod.labels)
    record = read_record(pod, findings)
    replaced: tuple[str, ...] = ()
    if pod.init_containers:
        replaced = pod.take_out(find_hooks(pod, item_from_backup, hooks_of_velero(texts, of_restore), record))
    injected: list[InjectedHook] = []
    containers: list[Object] = []
    after = None
    asks_itself = asks_for_a_hook(texts)
    if asks_itself or of_restore:
        annotations = read_annotations(texts, findings)
        after = annotations.after
        asked = hooks_of_annotations(annotations, findings) if asks_itself else hooks_of_restore(of_restore, findings)
        defaults = annotations.over(settings())
        names = name_hooks(asked, pod.container_names(), findings)
        containers = _build(list(zip(asked, names, strict=True)), annotations, defaults, pod, findings)
        injected = [
            InjectedHook(name, hook.timeout or defaults.timeout, defaults.wait)
            for hook, name in zip(asked, names, strict=True)
        ]
    if findings:
        injected, containers = [], []
    if containers or replaced or record is not None:
        item = pod.encode(inject_init_container(pod, containers, after), [hook.name for hook in injected])
    return Injection(item, tuple(injected), findings.all(), namespace, pod.text("name"), replaced)


def inject_init_container(pod: Pod, hooks: Sequence[Object], after: str | None) -> list[object]:
    """Put the hooks before all init containers of the pod, but behind what they need.

    That is the data of the pod's volumes (Velero's restore helpers wait for it), and the container that the pod's
    annotation `after` names.
    """
    needed = [
        index
        for index, container in enumerate(pod.init_containers)
        if container.name in RESTORE_HELPERS or container.name == after
    ]
    place = max(needed, default=-1) + 1
    containers: list[object] = [container.raw for container in pod.init_containers]
    return [*containers[:place], *hooks, *containers[place:]]


def _build(
    hooks: list[tuple[Hook, str]], annotations: HookAnnotations, defaults: Settings, pod: Pod, findings: Findings
) -> list[Object]:
    app = pod.app_container(annotations.inherit_from)
    if app is None and annotations.inherit_from is not None:
        expected = f"an app container of the pod: {_listed([container.name for container in pod.app_containers])}"
        findings.add(where("inherit-from"), quote(annotations.inherit_from), expected)
    if annotations.after is not None:
        init_names = [container.name for container in pod.init_containers]
        if annotations.after not in init_names:
            expected = f"an init container of the pod: {_listed(init_names)}"
            findings.add(where("after"), quote(annotations.after), expected)
    containers = []
    for hook, name in hooks:
        container = build_init_container(hook, name, defaults)
        share(container, app or AppContainer(), pod, defaults)
        check_written_mounts(container, hook.where, pod.volumes, findings)
        containers.append(container)
    return containers


def _listed(names: list[str]) -> str:
    return ", ".join(names) or "it has none"
