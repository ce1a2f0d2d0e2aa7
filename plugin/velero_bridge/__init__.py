"""Write Velero plugins in Python.

    from velero_bridge import ExecuteInput, ExecuteOutput, Plugin, ResourceSelector

    class LabelPods:
        def applies_to(self) -> ResourceSelector:
            return ResourceSelector(included_resources=("pods",))

        def execute(self, execute_input: ExecuteInput) -> ExecuteOutput:
            pod = json.loads(execute_input.item)
            pod["metadata"].setdefault("labels", {})["restored"] = "true"
            return ExecuteOutput(updated_item=json.dumps(pod).encode())

    if __name__ == "__main__":
        Plugin().register_restore_item_action("example.io/label-pods", LabelPods).run()

What an action logs with `logging` is in `velero restore logs`, each key of `extra` as a field of its own.
"""

from velero_bridge.action import (
    ExecuteInput,
    ExecuteOutput,
    OperationProgress,
    ResourceIdentifier,
    ResourceSelector,
    RestoreItemAction,
    RestoreItemActionV2,
)
from velero_bridge.errors import (
    HandshakeError,
    InvalidPluginNameError,
    UnknownPluginError,
    VeleroBridgeError,
)
from velero_bridge.plugin import Plugin, launched_by_velero

__all__ = [
    "ExecuteInput",
    "ExecuteOutput",
    "HandshakeError",
    "InvalidPluginNameError",
    "OperationProgress",
    "Plugin",
    "ResourceIdentifier",
    "ResourceSelector",
    "RestoreItemAction",
    "RestoreItemActionV2",
    "UnknownPluginError",
    "VeleroBridgeError",
    "launched_by_velero",
]
