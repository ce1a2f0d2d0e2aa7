import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from benchmark import chart, report, start
from benchmark.figure import Figure
from benchmark.machine import Machine
from benchmark.peer import Peer

MACHINE = Machine("Fast & Co", 2, 24, "Debian 12", "3.11.7", "2026-11-23", "abc1234", load=0.1)
OURS = Peer("ours", "velero-init-hooks", "velero-init-hooks/inject", Path(), Path())
GO = Peer("typed", "Go plugin", "peers.example.com/typed", Path(), Path())
FIGURES = [
    Figure("execute", "Execute", "ms", {"ours": [1, 2], "typed": [2, 8]}, {"ours": [1, 2], "typed": [2, 8]}),
    Figure("ten", "10 hooks", "ms", {"ours": [1234.5]}),
    Figure("restore", "restore of 1,000 pods", "s", {"ours": [101, 102], "without": [100, 100]}),
]


def test_the_table_shows_medians_percentiles_and_ratios() -> None:
    """A peer that lacks a figure has an empty cell; the restore with and without the plugin is a sentence."""
    assert report.markdown(MACHINE, [OURS, GO], FIGURES) == (
        "Fast & Co, 2 cores, 24 GiB, Debian 12; 2026-11-23, commit abc1234.\n"
        "\n"
        "|              | velero-init-hooks | Go plugin | velero-init-hooks / Go |\n"
        "| ------------ | ----------------: | --------: | ---------------------: |\n"
        "| Execute, ms  | 1.5               | 5         | 0.38 (0.31-0.44)       |\n"
        "| 10 hooks, ms | 1,234             |           |                        |\n"
        "\n"
        "| p50 / p90 / p99 | velero-init-hooks | Go plugin |\n"
        "| --------------- | ----------------: | --------: |\n"
        "| Execute, ms     | 1 / 2 / 2         | 2 / 8 / 8 |\n"
        "\n"
        "A restore of 1,000 pods took 102 s with velero-init-hooks and 100 s without: 1.015 (1.013-1.018).\n"
    )


def test_the_json_has_every_round() -> None:
    """Whoever doubts a ratio can take another."""
    document = json.loads(report.as_json(MACHINE, [OURS, GO], FIGURES))

    assert document["machine"]["processor"] == "Fast & Co"
    assert document["figures"][0]["peers"]["ours"] == {
        "median": 1.5,
        "rounds": [1, 2],
        "p50": 1,
        "p90": 2,
        "p99": 2,
        "ratio": {"middle": 0.375, "lower": 0.3125, "upper": 0.4375},
    }


def test_the_chart_is_svg_with_a_bar_for_each_peer() -> None:
    """Figures that the Go plugin lacks have no ratio and are left out."""
    drawn = ET.fromstring(chart.svg(MACHINE, [OURS, GO], FIGURES))  # noqa: S314 (made here)

    svg = "{http://www.w3.org/2000/svg}"
    texts = [text.text for text in drawn.iter(f"{svg}text")]
    bars = [rect for rect in drawn.iter(f"{svg}rect") if rect.get("height") == str(chart.BAR - 2)]
    assert texts[1] == "Fast & Co, 2 cores, 24 GiB, Debian 12; 2026-11-23, commit abc1234"
    assert texts[4:] == ["Execute", "1.5 ms", "5 ms"]
    assert float(bars[0].get("width", "")) / float(bars[1].get("width", "")) == 0.375


def test_the_flame_chart_has_a_bar_for_each_step_and_import() -> None:
    """A bar's place and width are its time; its name is there to be read, if only by pointing at it."""
    spans = [start.Span("imports", 0, 10, 30), start.Span("grpc._cython.cygrpc", 1, 20, 30)]

    drawn = ET.fromstring(start.svg(MACHINE, start.Start(spans, answer=40)))  # noqa: S314 (made here)

    svg = "{http://www.w3.org/2000/svg}"
    bars = [(bar.find(f"{svg}title"), bar.find(f"{svg}rect")) for bar in drawn.iter(f"{svg}g")]
    scale = (chart.WIDTH - 2 * start.SIDE) / 40
    assert [title.text for title, _ in bars if title is not None] == [
        "imports: 20.00 ms",
        "grpc._cython.cygrpc: 10.00 ms",
    ]
    assert [float(rect.get("x", "")) for _, rect in bars if rect is not None] == pytest.approx(
        [start.SIDE + 10 * scale, start.SIDE + 20 * scale], abs=0.1
    )


def test_the_steps_of_a_start_are_read_from_the_plugins_notes() -> None:
    """They follow each other without a gap, from the launch to the answer."""
    notes = {
        "first_line": 100.010,
        "handshake": 100.025,
        "imports": [["grpc", 1, 100.012, 100.018], ["server", 0, 100.011, 100.020], ["action", 0, 100.028, 100.029]],
    }

    traced = start.read(notes, launch=100.0, answer=100.031)

    steps = [span for span in traced.spans if span.row == 0]
    assert [round(span.begin, 3) for span in steps] == [0, 10, 20, 25, 28]
    assert [round(span.end, 3) for span in steps] == [10, 20, 25, 28, 31]
    assert [(span.name, span.row) for span in traced.spans if span.row] == [("grpc", 2), ("server", 1), ("action", 1)]
