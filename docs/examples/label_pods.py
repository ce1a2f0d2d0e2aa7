#!/usr/bin/env python3
"""A Velero plugin in Python: every restored pod gets the label that says so."""

import json
import logging

from velero_bridge import ExecuteInput, ExecuteOutput, Plugin, ResourceSelector

log = logging.getLogger(__name__)


class LabelPods:
    """Labels pods as Velero restores them."""

    def applies_to(self) -> ResourceSelector:
        """Tell Velero which items are for this action."""
        return ResourceSelector(included_resources=("pods",))

    def execute(self, execute_input: ExecuteInput) -> ExecuteOutput:
        """Change one item on its way from the backup into the cluster."""
        pod = json.loads(execute_input.item)
        pod["metadata"].setdefault("labels", {})["example.com/restored"] = "true"
        log.info("labelled", extra={"pod": pod["metadata"]["name"]})
        return ExecuteOutput(updated_item=json.dumps(pod).encode())


if __name__ == "__main__":
    Plugin().register_restore_item_action("example.com/label-pods", LabelPods).run()
