"""A plugin that does what each item's annotation `probe.example.com/do` says: the far end of the contract tests."""

import json
import logging
import os
import threading
from pathlib import Path

from velero_bridge import (
    ExecuteInput,
    ExecuteOutput,
    OperationProgress,
    Plugin,
    ResourceIdentifier,
    ResourceSelector,
)

log = logging.getLogger(__name__)
two_calls = threading.Barrier(2)


def annotations(execute_input: ExecuteInput) -> dict[str, str]:
    """The item's annotations."""
    found: dict[str, str] = json.loads(execute_input.item)["metadata"]["annotations"]
    return found


class Probe:
    """Version 1 of the action."""

    def applies_to(self) -> ResourceSelector:
        """Answer each field with something of its own."""
        return ResourceSelector(
            included_namespaces=("web", "shop"),
            excluded_namespaces=("kube-system",),
            included_resources=("pods", "deployments.apps"),
            excluded_resources=("secrets",),
            label_selector="app=web,tier!=cache",
        )

    def execute(self, execute_input: ExecuteInput) -> ExecuteOutput:
        """Find the instruction and follow it."""
        instruction = annotations(execute_input)["probe.example.com/do"]
        output: ExecuteOutput = getattr(self, instruction)(execute_input)
        return output

    def label(self, execute_input: ExecuteInput) -> ExecuteOutput:
        """Change the item; tell what else came."""
        item = json.loads(execute_input.item)
        item["metadata"]["labels"] = {
            "node": json.loads(execute_input.item_from_backup)["spec"]["nodeName"],
            "restore": json.loads(execute_input.restore)["metadata"]["name"],
        }
        return ExecuteOutput(updated_item=json.dumps(item).encode())

    def leave(self, _input: ExecuteInput) -> ExecuteOutput:
        """Change nothing."""
        return ExecuteOutput()

    def skip(self, _input: ExecuteInput) -> ExecuteOutput:
        """Let the item not be restored."""
        return ExecuteOutput(skip_restore=True)

    def fail(self, _input: ExecuteInput) -> ExecuteOutput:
        """Raise what an author's own code would raise."""
        raise ValueError("the command is no JSON array")

    def exit(self, _input: ExecuteInput) -> ExecuteOutput:
        """Raise what is no `Exception`."""
        raise SystemExit("enough")

    def die(self, _input: ExecuteInput) -> ExecuteOutput:
        """End the process in the middle of the call."""
        os._exit(3)

    def meet(self, _input: ExecuteInput) -> ExecuteOutput:
        """Return once two calls are in here at the same time."""
        two_calls.wait(timeout=30)
        return ExecuteOutput()

    def log(self, _input: ExecuteInput) -> ExecuteOutput:
        """Log on every level, with fields, and with an exception."""
        log.debug("a detail")
        log.info("the hook was injected", extra={"pod": "web/my-web-app", "containers": 2})
        log.warning("no permission to read the ConfigMap")
        log.error("wrong annotation: %s", "command")
        try:
            self.fail(_input)
        except ValueError:
            log.exception("the hook was left out")
        return ExecuteOutput()

    def log_much(self, _input: ExecuteInput) -> ExecuteOutput:
        """Log a line that is longer than Velero parses."""
        log.error("too long: %s", "x" * 100_000, extra={"pod": "web/my-web-app"})
        return ExecuteOutput()

    def chat(self, _input: ExecuteInput) -> ExecuteOutput:
        """Print where only the handshake may be."""
        print("1|2|unix|/tmp/elsewhere|grpc|", flush=True)  # noqa: T201
        return ExecuteOutput()


class ProbeV2(Probe):
    """Version 2 of the action. Its operation ID is a folder: `done` in it means completed."""

    def operate(self, execute_input: ExecuteInput) -> ExecuteOutput:
        """Begin an operation, and answer each field with something of its own."""
        return ExecuteOutput(
            additional_items=(
                ResourceIdentifier("", "configmaps", "web", "db-config"),
                ResourceIdentifier("apps", "deployments", "web", "db"),
            ),
            operation_id=annotations(execute_input)["probe.example.com/folder"],
            wait_for_additional_items=True,
            additional_items_ready_timeout=2.5,
        )

    def progress(self, operation_id: str, restore: bytes) -> OperationProgress:
        """Tell whether it is done, in every field."""
        if (Path(operation_id) / "lost").exists():
            raise LookupError(f"nothing is known of {operation_id}")
        done = (Path(operation_id) / "done").exists()
        return OperationProgress(
            completed=done,
            err="hook failed 3 times" if done else "",
            n_completed=2 if done else 1,
            n_total=2,
            operation_units="hooks",
            description=f"pid {os.getpid()}, {json.loads(restore)['metadata']['name']}",
            started=1_700_000_000.5,
            updated=1_700_000_001.5 if done else None,
        )

    def cancel(self, operation_id: str, restore: bytes) -> None:
        """Leave a note."""
        name = json.loads(restore)["metadata"]["name"]
        (Path(operation_id) / "cancelled").write_text(f"pid {os.getpid()}, {name}")

    def are_additional_items_ready(self, additional_items: tuple[ResourceIdentifier, ...], restore: bytes) -> bool:
        """Only the ConfigMap of `operate` is ready, and only for the restore of these tests."""
        wanted = (ResourceIdentifier("", "configmaps", "web", "db-config"),)
        return additional_items == wanted and json.loads(restore)["metadata"]["name"] == "after-disaster"


if __name__ == "__main__":
    plugin = Plugin()
    plugin.register_restore_item_action("probe.example.com/v1", Probe)
    plugin.register_restore_item_action_v2("probe.example.com/v2", ProbeV2)
    plugin.run()
