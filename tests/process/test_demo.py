"""The README's first command, and the example of a plugin of one's own."""

import json
import subprocess
import sys
from pathlib import Path

from tests.process.conftest import Launch

ROOT = Path(__file__).parents[2]


def test_the_demo_shows_the_pod_before_and_after() -> None:
    """`hack/demo` ends well, and its diff adds the hook with the app's volume and takes nothing away."""
    result = subprocess.run([ROOT / "hack/demo"], capture_output=True, text=True, check=True, timeout=300)
    lines = [line.strip() for line in result.stdout.splitlines()]
    assert [line for line in lines if line.startswith("- ") and line[2:3] == " "] == []
    assert "+   - name: velero-restore-init-0" in lines
    assert "+       mountPath: /data" in lines
    assert "RestoreItemActionV2 velero-init-hooks/inject" in result.stdout
    assert "exit code 0" in result.stdout
    assert "\033" not in result.stdout  # no colours where nobody sees them


def test_the_example_plugin_labels_pods(launch: Launch) -> None:
    """docs/examples/label_pods.py, which the bridge's documentation shows, does what it says."""
    host = launch((sys.executable, str(ROOT / "docs/examples/label_pods.py")), flags=("--log-level=info",))
    (plugin,) = host.list_plugins()
    assert (plugin.kind, plugin.name) == ("RestoreItemAction", "example.com/label-pods")
    pod = json.dumps({"metadata": {"name": "web", "labels": {"app": "web"}}}).encode()
    answer = host.execute("example.com/label-pods", pod, version=1)
    assert json.loads(answer.item)["metadata"]["labels"] == {"app": "web", "example.com/restored": "true"}
    host.shutdown()
    assert json.loads(host.log)["pod"] == "web"
