"""Between the types that an action's author meets and the messages on the wire."""

from collections.abc import Iterable

from velero_bridge._wire import messages as wire
from velero_bridge.action import OperationProgress, ResourceIdentifier, ResourceSelector

# Go's zero time, 0001-01-01T00:00:00Z: what Velero takes for "not set", where an absent one would be 1970.
_GO_ZERO_TIME = -62135596800
_NANOSECONDS = 1_000_000_000


def selector_to_wire(selector: ResourceSelector) -> wire.ResourceSelector:
    """The items that an action is for."""
    return wire.ResourceSelector(
        included_namespaces=tuple(selector.included_namespaces),
        excluded_namespaces=tuple(selector.excluded_namespaces),
        included_resources=tuple(selector.included_resources),
        excluded_resources=tuple(selector.excluded_resources),
        selector=selector.label_selector,
    )


def identifiers_to_wire(items: Iterable[ResourceIdentifier]) -> tuple[wire.ResourceIdentifier, ...]:
    """Objects that an action asks for."""
    return tuple(
        wire.ResourceIdentifier(group=group, resource=resource, namespace=namespace, name=name)
        for group, resource, namespace, name in items
    )


def identifiers_from_wire(items: Iterable[wire.ResourceIdentifier]) -> tuple[ResourceIdentifier, ...]:
    """Objects that Velero asks about."""
    return tuple(ResourceIdentifier(item.group, item.resource, item.namespace, item.name) for item in items)


def progress_to_wire(progress: OperationProgress) -> wire.OperationProgress:
    """How far an operation is."""
    return wire.OperationProgress(
        completed=progress.completed,
        err=progress.err,
        n_completed=progress.n_completed,
        n_total=progress.n_total,
        operation_units=progress.operation_units,
        description=progress.description,
        started=_timestamp(progress.started),
        updated=_timestamp(progress.updated),
    )


def duration_to_wire(seconds: float) -> wire.Duration | None:
    """A duration in seconds; absent when it is 0, which Velero reads as its own default."""
    if not seconds:
        return None
    whole, nanos = divmod(round(seconds * _NANOSECONDS), _NANOSECONDS)
    return wire.Duration(seconds=whole, nanos=nanos)


def _timestamp(seconds: float | None) -> wire.Timestamp:
    if seconds is None:
        return wire.Timestamp(seconds=_GO_ZERO_TIME)
    whole, nanos = divmod(round(seconds * _NANOSECONDS), _NANOSECONDS)
    return wire.Timestamp(seconds=whole, nanos=nanos)
