"""Where the time between launch and the first answer goes, as a flame chart of the imports of one start."""

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from benchmark.chart import STYLE, WIDTH
from benchmark.machine import Machine
from benchmark.measure import MILLI, Say
from benchmark.peer import ROOT
from tests.contract.velero_server import VeleroServer

BUNDLE = ROOT / "dist/bundle-that-notes-its-start"
NAME = "velero-init-hooks/inject"
SIDE = 16
TOP = 62
ROW = 19
LETTER = 6.0  # of a label, about
COLOURS = {"grpc": "#7fc8a0", "velero_bridge": "#86b1f5", "init_hooks": "#b8a4ef"}
OF_PYTHON = "#9aa4b2"
OF_A_STEP = "#cfd4dc"


@dataclass(frozen=True)
class Span:
    """Something that took its time: an import, or a step of the start. Times are milliseconds since the launch."""

    name: str
    row: int
    begin: float
    end: float


@dataclass(frozen=True)
class Start:
    """One start, from the launch to the answer of AppliesTo."""

    spans: Sequence[Span]
    answer: float


def trace(host: Path, rounds: int, say: Say) -> Start:
    """Start the plugin a number of times; returns the start that took the median time."""
    say("where the time of the start goes")
    _make_bundle()
    starts: list[Start] = []
    with tempfile.TemporaryDirectory() as folder:
        notes = Path(folder, "notes.json")
        with VeleroServer(host, environment={**os.environ, "NOTES_OF_THE_START": str(notes)}) as server:
            server.discover(BUNDLE, mute=True)
            for _ in range(rounds):
                launch = time.monotonic()
                server.ask("appliesTo", name=NAME)
                answer = time.monotonic()
                server.ask("cleanup")
                starts.append(read(json.loads(notes.read_text()), launch, answer))
    return sorted(starts, key=lambda start: start.answer)[len(starts) // 2]


def _make_bundle() -> None:
    with tempfile.TemporaryDirectory() as folder:
        plugin = Path(folder, "plugin")
        shutil.copytree(ROOT / "plugin", plugin, ignore=shutil.ignore_patterns("__pycache__"))
        main = plugin / "init_hooks/__main__.py"
        main.rename(main.with_name("untraced.py"))
        shutil.copy(Path(__file__).with_name("traced_main.py"), main)
        subprocess.run(
            [ROOT / "hack/bundle", "--plugin", plugin, "--to", BUNDLE], check=True, stdout=subprocess.DEVNULL
        )


def read(notes: Mapping[str, Any], launch: float, answer: float) -> Start:
    """Tell the steps and imports of a start from the plugin's notes of it; all in seconds of the monotonic clock."""

    def since_launch(seconds: float) -> float:
        return (seconds - launch) * MILLI

    first_line, handshake = since_launch(notes["first_line"]), since_launch(notes["handshake"])
    imports = [
        Span(name, 1 + depth, since_launch(begin), since_launch(end)) for name, depth, begin, end in notes["imports"]
    ]
    before = max(span.end for span in imports if span.end < handshake)
    after = min(span.begin for span in imports if span.begin > handshake)
    answered = since_launch(answer)
    steps = [
        Span("program, interpreter", 0, 0, first_line),
        Span("imports", 0, first_line, before),
        Span("gRPC", 0, before, handshake),
        Span("Velero connects", 0, handshake, after),
        Span("action, answer", 0, after, answered),
    ]
    return Start([*steps, *imports], answered)


def svg(machine: Machine, start: Start) -> str:
    """The chart: time from left to right, below each import those that it made."""
    rows = 1 + max(span.row for span in start.spans)
    height = TOP + rows * ROW + 26
    scale = (WIDTH - 2 * SIDE) / start.answer
    title = f"From launch to the first AppliesTo answer: {start.answer:.1f} ms"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}">',
        f"<style>{STYLE} .on {{ font-size: 11px; fill: #111 }}</style>",
        f'<rect class="back" width="{WIDTH}" height="{height}"/>',
        f'<text class="title" x="{SIDE}" y="26">{title}</text>',
        f'<text class="small" x="{SIDE}" y="46">{escape(str(machine))}</text>',
        *(_bar(span, scale) for span in start.spans),
        *_axis(start.answer, scale, TOP + rows * ROW),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _bar(span: Span, scale: float) -> str:
    x, y, width = SIDE + span.begin * scale, TOP + span.row * ROW, max((span.end - span.begin) * scale - 0.5, 0.5)
    colour = COLOURS.get(span.name.partition(".")[0], OF_PYTHON) if span.row else OF_A_STEP
    title = f"{span.name}: {span.end - span.begin:.2f} ms"
    labels = (title, span.name, span.name.rpartition(".")[2])
    label = next((each for each in labels if len(each) * LETTER < width), "")
    return (
        f'<g><title>{escape(title)}</title><rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{ROW - 1}" '
        f'fill="{colour}"/><text class="on" x="{x + 3:.1f}" y="{y + 13}">{escape(label)}</text></g>'
    )


def _axis(end: float, scale: float, y: int) -> Iterator[str]:
    for milliseconds in range(0, int(end) + 1, 5):
        x = SIDE + milliseconds * scale
        yield f'<line class="one" x1="{x:.1f}" x2="{x:.1f}" y1="{y - 4}" y2="{y + 6}"/>'
        yield f'<text class="small" x="{x + 3:.1f}" y="{y + 10}">{milliseconds} ms</text>'
