"""What a Restore says about hooks, and which of its hooks are for a pod."""

from __future__ import annotations

import functools
import typing

import msgspec
from msgspec import Raw

if typing.TYPE_CHECKING:
    from collections.abc import Mapping


class LabelExpression(msgspec.Struct, frozen=True):
    """A requirement of a label selector: metav1.LabelSelectorRequirement."""

    key: str
    operator: str
    values: list[str] | None = None

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Tell whether labels meet the requirement. A label that is absent is in no list, so NotIn is met."""
        match self.operator:
            case "In":
                return labels.get(self.key) in (self.values or [])
            case "NotIn":
                return labels.get(self.key) not in (self.values or [])
            case "Exists":
                return self.key in labels
            case "DoesNotExist":
                return self.key not in labels
            case _:  # Velero validates the operators before it restores anything
                return False


class LabelSelector(msgspec.Struct, frozen=True, rename="camel"):
    """metav1.LabelSelector."""

    match_labels: dict[str, str] | None = None
    match_expressions: list[LabelExpression] | None = None

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Tell whether labels meet every requirement."""
        return all(labels.get(key) == value for key, value in (self.match_labels or {}).items()) and all(
            expression.matches(labels) for expression in self.match_expressions or []
        )


class InitHook(msgspec.Struct, frozen=True, rename="camel"):
    """velero.io/v1 InitRestoreHook; the timeout is a Go duration."""

    init_containers: list[Raw] | None = None
    timeout: str | None = None


class PostHook(msgspec.Struct, frozen=True):
    """velero.io/v1 RestoreResourceHook: an init hook, or an exec hook, which is Velero's own matter."""

    init: InitHook | None = None


class ResourceHooks(msgspec.Struct, frozen=True, rename="camel"):
    """velero.io/v1 RestoreResourceHookSpec. Velero applies it to pods, whatever resources it names."""

    included_namespaces: list[str] | None = None
    excluded_namespaces: list[str] | None = None
    label_selector: LabelSelector | None = None
    post_hooks: list[PostHook] | None = None

    def apply_to(self, namespace: str, labels: Mapping[str, str]) -> bool:
        """Tell whether the hooks are for a pod, by its namespace after mapping and its labels.

        The rule is that of Velero's pkg/util/collections IncludesExcludes.ShouldInclude.
        """
        included = self.included_namespaces or []
        return (
            not _matches_any(self.excluded_namespaces or [], namespace)
            and (not included or "*" in included or _matches_any(included, namespace))
            and (self.label_selector is None or self.label_selector.matches(labels))
        )


class _RestoreHooks(msgspec.Struct, frozen=True):
    resources: list[ResourceHooks] | None = None


class _RestoreSpec(msgspec.Struct, frozen=True, rename="camel"):
    hooks: _RestoreHooks | None = None
    namespace_mapping: dict[str, str] | None = None


class Restore(msgspec.Struct, frozen=True):
    """velero.io/v1 Restore, as far as hooks need it."""

    spec: _RestoreSpec | None = None

    def target_namespace(self, namespace: str) -> str:
        """Give the namespace that a pod of this one is restored into."""
        mapping = self.spec.namespace_mapping if self.spec else None
        return (mapping or {}).get(namespace, namespace)

    def init_hooks(self, namespace: str, labels: Mapping[str, str]) -> list[tuple[str, InitHook]]:
        """Give the init hooks for a pod in Velero's order, each with the path where it is written."""
        resources = (self.spec.hooks.resources if self.spec and self.spec.hooks else None) or []
        return [
            (f"restore spec.hooks.resources[{i}].postHooks[{j}].init", hook.init)
            for i, resource in enumerate(resources)
            if resource.apply_to(namespace, labels)
            for j, hook in enumerate(resource.post_hooks or [])
            if hook.init
        ]


_RESTORE = msgspec.json.Decoder(Restore)


@functools.lru_cache(maxsize=1)
def read_restore(restore: bytes) -> Restore:
    """Read a Restore. The same bytes come with every item of a restore, so the last one is kept.

    Raises:
        msgspec.DecodeError: The bytes are no Restore.
    """
    return _RESTORE.decode(restore or b"{}")


def _matches_any(patterns: list[str], namespace: str) -> bool:
    """Match as Velero's globStringSet does: in sorted order, ended by the first pattern that is none."""
    from init_hooks.glob import compile_glob  # noqa: PLC0415 - only a Restore with selected hooks needs it

    for pattern in sorted(set(patterns)):
        try:
            if compile_glob(pattern).fullmatch(namespace):
                return True
        except ValueError:
            return False
    return False
