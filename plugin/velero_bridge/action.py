"""What a plugin's author writes and meets: the actions and their inputs and outputs.

The types mirror Velero's Go interfaces (package `pkg/plugin/velero`), in Python's spelling.
"""

from typing import NamedTuple, Protocol, runtime_checkable


class ResourceSelector(NamedTuple):
    """Which items an action gets. Velero asks once for each restore.

    Resources are plural names, with their API group where they have one (`pods`, `deployments.apps`); `*` is all.
    Empty means no restriction. `label_selector` is in Kubernetes' text form (`app=web,tier!=cache`).
    """

    included_namespaces: tuple[str, ...] = ()
    excluded_namespaces: tuple[str, ...] = ()
    included_resources: tuple[str, ...] = ()
    excluded_resources: tuple[str, ...] = ()
    label_selector: str = ""


class ResourceIdentifier(NamedTuple):
    """One object in the backup. `group` is empty for the core API group, `namespace` for cluster-wide objects."""

    group: str
    resource: str
    namespace: str
    name: str


class ExecuteInput(NamedTuple):
    """What Velero hands to `execute`: three JSON objects, each as the bytes that came.

    `item` is the object to restore, after the actions before this one; Velero applies the namespace mapping of the
    Restore only later. `item_from_backup` is the object as the backup has it, `restore` the Restore itself.
    """

    item: bytes
    item_from_backup: bytes
    restore: bytes


class ExecuteOutput(NamedTuple):
    """What `execute` answers.

    `updated_item` is the JSON of the object to restore, `None` to leave it as it came. With `skip_restore` Velero
    does not create the object. `additional_items` are restored before it. The rest is for version 2 only:
    `operation_id` names work that goes on after this answer (Velero polls `progress` with it and the restore
    waits), and with `wait_for_additional_items` Velero asks `are_additional_items_ready` until it is true, for
    `additional_items_ready_timeout` seconds at most (0: the server's own default).
    """

    updated_item: bytes | None = None
    additional_items: tuple[ResourceIdentifier, ...] = ()
    skip_restore: bool = False
    operation_id: str = ""
    wait_for_additional_items: bool = False
    additional_items_ready_timeout: float = 0.0


class OperationProgress(NamedTuple):
    """How far an operation is. `started` and `updated` are seconds since the Unix epoch.

    Velero asks again until `completed`. With `err`, a completed operation has failed and the restore ends
    PartiallyFailed. `n_completed` of `n_total` `operation_units` and `description` are what
    `velero restore describe --details` shows.
    """

    completed: bool = False
    err: str = ""
    n_completed: int = 0
    n_total: int = 0
    operation_units: str = ""
    description: str = ""
    started: float | None = None
    updated: float | None = None


@runtime_checkable
class RestoreItemAction(Protocol):
    """An action on each selected item of a restore (version 1).

    An exception out of `execute` means that the item is not restored and that the restore ends PartiallyFailed,
    with the exception's text, file, line and function in its log.
    """

    def applies_to(self) -> ResourceSelector:
        """The items that Velero shall hand to `execute`."""

    def execute(self, execute_input: ExecuteInput, /) -> ExecuteOutput:
        """Change one item, or leave it."""


@runtime_checkable
class RestoreItemActionV2(RestoreItemAction, Protocol):
    """An action whose work may go on after `execute` (version 2, Velero 1.12 and newer).

    The three methods below are called in other processes than the `execute` that gave the operation ID: all that
    they need must be in the ID.
    """

    def progress(self, operation_id: str, restore: bytes, /) -> OperationProgress:
        """How far the operation is. An exception fails the operation for good: Velero does not ask again."""

    def cancel(self, operation_id: str, restore: bytes, /) -> None:
        """The operation ran into the Restore's `itemOperationTimeout`: stop what can be stopped."""

    def are_additional_items_ready(self, additional_items: tuple[ResourceIdentifier, ...], restore: bytes, /) -> bool:
        """Whether the additional items of `execute` are as far as the item needs them."""
