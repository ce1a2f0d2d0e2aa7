"""The RestoreItemAction `velero-init-hooks/inject`: the edge between Velero and the pure core."""

import logging
from collections.abc import Callable

from init_hooks.injection import Injection, inject_hooks
from init_hooks.settings import Settings
from velero_bridge import (
    ExecuteInput,
    ExecuteOutput,
    OperationProgress,
    ResourceIdentifier,
    ResourceSelector,
    VeleroBridgeError,
)

_log = logging.getLogger(__name__)


class InjectInitHooks:
    """Gives each restored Pod the init containers that its restore hooks ask for.

    `settings` reads the plugin's defaults; it is called for pods with a hook only.
    """

    def __init__(self, settings: Callable[[], Settings] = Settings) -> None:
        self._settings = settings

    def applies_to(self) -> ResourceSelector:
        """Pods, in every namespace of the restore."""
        return ResourceSelector(included_resources=("pods",))

    def execute(self, execute_input: ExecuteInput) -> ExecuteOutput:
        """Answer the pod with its hooks; one without hooks as it came."""
        injection = inject_hooks(*execute_input, self._settings)
        _tell(injection)
        return ExecuteOutput(updated_item=injection.item)

    def progress(self, operation_id: str, _restore: bytes) -> OperationProgress:
        """No operation is ever announced, so none can be asked for."""
        raise VeleroBridgeError(f"unknown operation {operation_id!r}: it was not started by this version of the plugin")

    def cancel(self, _operation_id: str, _restore: bytes) -> None:
        """Nothing goes on after `execute`."""

    def are_additional_items_ready(self, _items: tuple[ResourceIdentifier, ...], _restore: bytes) -> bool:
        """No additional items are ever asked for."""
        return True


def _tell(injection: Injection) -> None:
    """The restore's log says what became of a pod with hooks."""
    for finding in injection.findings:
        fields = {"pod": finding.pod, "annotation": finding.where, "found": finding.found, "expected": finding.expected}
        _log.error("restored without its init hooks: %s", finding, extra=fields)
