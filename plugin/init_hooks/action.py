"""The RestoreItemAction `velero-init-hooks/inject`: the edge between Velero and the pure core."""

from __future__ import annotations

import logging
import time

from init_hooks.injection import Injection, inject_hooks
from velero_bridge import (
    ExecuteInput,
    ExecuteOutput,
    OperationProgress,
    ResourceIdentifier,
    ResourceSelector,
    VeleroBridgeError,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from init_hooks.pod_reader import PodReader
    from init_hooks.settings import Settings

_log = logging.getLogger(__name__)


class InvalidHooksError(VeleroBridgeError):
    """A pod is refused because its hooks are wrong and the plugin's configuration says `on-invalid: fail`."""


class InjectInitHooks:
    """Gives each restored Pod the init containers that its restore hooks ask for, and tells how they went.

    `settings` reads the plugin's defaults; it is called for pods with a hook only. `clock` gives seconds since the
    Unix epoch.
    """

    def __init__(self, settings: Callable[[], Settings], clock: Callable[[], float] = time.time) -> None:
        self._settings = settings
        self._clock = clock
        self._pods: PodReader | None = None

    def applies_to(self) -> ResourceSelector:
        """Pods, in every namespace of the restore."""
        return ResourceSelector(included_resources=("pods",))

    def execute(self, execute_input: ExecuteInput) -> ExecuteOutput:
        """Answer the pod with its hooks; one without hooks as it came.

        Raises:
            InvalidHooksError: A hook is wrong, and the configuration says that such a pod is not to be restored.
        """
        injection = inject_hooks(*execute_input, self._settings)
        if not (injection.findings or injection.hooks or injection.replaced):
            return ExecuteOutput(updated_item=injection.item)
        if injection.findings and self._settings().on_invalid == "fail":
            raise InvalidHooksError("; ".join(str(finding) for finding in injection.findings))
        _tell(injection)
        return ExecuteOutput(updated_item=injection.item, operation_id=_operation_id(injection))

    def progress(self, operation_id: str, restore: bytes) -> OperationProgress:
        """Read the pod and tell how far its hooks are.

        Raises:
            ValueError: The ID is none of this plugin's.
        """
        from init_hooks.operation import parse_operation_id  # noqa: PLC0415 (a restore's own process does without)
        from init_hooks.pod_reader import ApiUnavailable, PodFound, PodReader  # noqa: PLC0415
        from init_hooks.progress import progress_of, progress_unknown  # noqa: PLC0415

        operation = parse_operation_id(operation_id)
        if not operation.hooks:
            return progress_of(operation, None, restore, self._clock())
        if self._pods is None:
            self._pods = PodReader()
        found = self._pods.read(operation.namespace, operation.pod)
        if isinstance(found, ApiUnavailable):
            _log.warning("operation %s: %s", operation_id, found.message)
            return progress_unknown(operation, found.message, self._clock())
        pod = found.pod if isinstance(found, PodFound) else None
        return progress_of(operation, pod, restore, self._clock())

    def cancel(self, operation_id: str, _restore: bytes) -> None:
        """Stop waiting. The hook itself goes on: it belongs to the pod, which is restored."""
        _log.info("no longer waiting: %s", operation_id)

    def are_additional_items_ready(self, _items: tuple[ResourceIdentifier, ...], _restore: bytes) -> bool:
        """No additional items are ever asked for."""
        return True


def _operation_id(injection: Injection) -> str:
    """The operation of the hooks that the restore waits for and of what is wrong; empty where there is neither."""
    from init_hooks.operation import HookWait, Operation, operation_id  # noqa: PLC0415 (pods without hooks come first)

    waits = tuple(HookWait(hook.name, hook.timeout) for hook in injection.hooks if hook.wait)
    problems = tuple(str(finding) for finding in injection.findings)
    if not (waits or problems):
        return ""
    return operation_id(Operation(injection.namespace, injection.pod, waits, problems))


def _tell(injection: Injection) -> None:
    """The restore's log says what became of a pod with hooks."""
    for finding in injection.findings:
        fields = {"pod": finding.pod, "annotation": finding.where, "found": finding.found, "expected": finding.expected}
        _log.error("restored without its init hooks: %s", finding, extra=fields)
    if injection.hooks:
        pod, hooks = f"{injection.namespace}/{injection.pod}", ", ".join(hook.name for hook in injection.hooks)
        _log.info("pod %s gets the init hooks %s", pod, hooks, extra={"pod": pod, "hooks": hooks})
