"""The first half of hack/demo: one pod through the plugin process, shown as a diff."""

import difflib
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import yaml
from velero_host import VeleroHost

PLUGIN = Path(sys.executable).with_name("velero-init-hooks")
NAME = "velero-init-hooks/inject"

MY_WEB_APP = r"""
apiVersion: v1
kind: Pod
metadata:
  name: my-web-app
  namespace: shop
  annotations:
    init.hook.restore.velero.io/command: '["/bin/sh", "-c", "echo host=db > /data/db-config.json"]'
spec:
  containers:
  - name: main-app
    image: my-app:v1
    volumeMounts:
    - name: data-volume
      mountPath: /data
  volumes:
  - name: data-volume
    emptyDir: {}
"""

COLOURS = {"+": "\033[32m", "-": "\033[31m", "title": "\033[1m", "note": "\033[2m"}
COLOURED = sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def main() -> None:
    """Launch the plugin as Velero does, and hand it the pod."""
    before = json.dumps(yaml.safe_load(MY_WEB_APP)).encode()
    started = time.perf_counter()
    with VeleroHost([PLUGIN]) as velero:
        step("launch", f"{PLUGIN.name}, with Velero's cookie and flags", started)
        note(f"handshake on stdout: {velero.handshake}")
        started = time.perf_counter()
        (plugin,) = velero.list_plugins()
        step("ListPlugins", f"{plugin.kind} {plugin.name}", started)
        started = time.perf_counter()
        selector = velero.applies_to(NAME)
        step("AppliesTo", ", ".join(selector.included_resources), started)
        started = time.perf_counter()
        after = velero.execute(NAME, before).item
        step("Execute", "the pod my-web-app, as the restore creates it:", started)
        show(before, after)
        started = time.perf_counter()
        code = velero.shutdown()
        step("Shutdown", f"exit code {code}", started)
    print("\nThe same in a real Velero, with a real kubelet that runs the hook: hack/demo --velero")


def step(name: str, text: str, started: float) -> None:
    """One line: what Velero does, what came of it, how long it took."""
    milliseconds = (time.perf_counter() - started) * 1000
    print(f"{paint('title', f'{name:12}')} {text} {paint('note', f'({milliseconds:.1f} ms)')}")


def note(text: str) -> None:
    """A detail below the step."""
    print(f"{'':12} {paint('note', text)}")


def show(before: bytes, after: bytes) -> None:
    """The whole pod, with what the plugin has added and taken away."""
    print()
    print("\n".join(diff(as_yaml(before), as_yaml(after))))
    print()


def diff(before: list[str], after: list[str]) -> Iterator[str]:
    """The lines of both, those that differ marked and coloured."""
    for line in difflib.ndiff(before, after):
        if not line.startswith("?"):
            yield paint(line[0], f"    {line}")


def as_yaml(pod: bytes) -> list[str]:
    """The pod as people read pods."""
    return yaml.safe_dump(json.loads(pod), sort_keys=False, width=110).splitlines()


def paint(kind: str, text: str) -> str:
    """The text in the colour of its kind, where somebody sees it."""
    colour = COLOURS.get(kind)
    return f"{colour}{text}\033[0m" if colour and COLOURED else text


if __name__ == "__main__":
    main()
