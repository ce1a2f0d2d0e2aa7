"""A plugin for the process tests: it answers each item as it came, after doing what the item's text says."""

import logging
import time

from velero_bridge import ExecuteInput, ExecuteOutput, Plugin, ResourceSelector
from velero_bridge.action import OperationProgress, ResourceIdentifier


class Echo:
    """Leaves every item."""

    def applies_to(self) -> ResourceSelector:
        return ResourceSelector(included_resources=("pods",))

    def execute(self, execute_input: ExecuteInput) -> ExecuteOutput:
        text = execute_input.item.decode()
        if text == "print":
            print("a line on stdout")  # noqa: T201
        elif text == "log":
            logging.getLogger("echo").warning("a line in the log", extra={"pod": "a/b"})
        elif text == "sleep":
            logging.getLogger("echo").info("sleeping")
            time.sleep(600)
        elif text == "fail":
            raise ValueError("x" * 1_000_000)
        return ExecuteOutput()

    def progress(self, operation_id: str, _restore: bytes) -> OperationProgress:
        return OperationProgress(description=operation_id)

    def cancel(self, operation_id: str, _restore: bytes) -> None:
        pass

    def are_additional_items_ready(self, _items: tuple[ResourceIdentifier, ...], _restore: bytes) -> bool:
        return True


if __name__ == "__main__":
    Plugin().register_restore_item_action_v2("example.com/echo", Echo).run()
