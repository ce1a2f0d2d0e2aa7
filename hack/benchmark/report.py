"""The figures as a table for people, and as JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from itertools import starmap
from typing import Any

from benchmark.figure import Figure
from benchmark.machine import Machine
from benchmark.peer import Peer

BASE = "typed"
BASE_TITLE = "Go"


def markdown(machine: Machine, peers: Sequence[Peer], figures: Sequence[Figure]) -> str:
    """A Markdown table: a row a figure, a column a peer, and how the first peer stands against Go."""
    present = [peer for peer in peers if any(peer.key in figure.rounds for figure in figures)]
    header = ["", *(peer.title for peer in present), f"{present[0].title} / {BASE_TITLE}"]
    rows = [header, [":--", *(["--:"] * (len(header) - 1))]]
    for figure in figures:
        cells = [_cell(figure, peer.key) for peer in present]
        rows.append([f"{figure.title}, {figure.unit}", *cells, _ratio(figure, present[0].key)])
    widths = [max(len(row[column]) for row in rows) for column in range(len(header))]
    lines = (" | ".join(starmap(str.ljust, zip(row, widths, strict=True))) for row in rows)
    return f"{machine}.\n\n" + "\n".join(f"| {line} |" for line in lines) + "\n"


def as_json(machine: Machine, peers: Sequence[Peer], figures: Sequence[Figure]) -> str:
    """Everything: each round's value, percentiles of the single calls, ratios."""
    document = {
        "machine": asdict(machine),
        "peers": {peer.key: peer.title for peer in peers},
        "figures": [_figure(figure) for figure in figures],
    }
    return json.dumps(document, indent=1) + "\n"


def _cell(figure: Figure, peer: str) -> str:
    if peer not in figure.rounds:
        return ""
    return number(figure.middle(peer))


def _ratio(figure: Figure, peer: str) -> str:
    if BASE not in figure.rounds or peer not in figure.rounds:
        return ""
    return str(figure.ratio(peer, BASE))


def number(value: float) -> str:
    """Three digits, as many as such measurements bear."""
    if value >= 100 or value == int(value):  # noqa: PLR2004 (three digits)
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _figure(figure: Figure) -> dict[str, Any]:
    return {
        "key": figure.key,
        "title": figure.title,
        "unit": figure.unit,
        "peers": {peer: _values(figure, peer) for peer in figure.rounds},
    }


def _values(figure: Figure, peer: str) -> dict[str, Any]:
    values: dict[str, Any] = {"median": figure.middle(peer), "rounds": list(figure.rounds[peer])}
    if figure.singles is not None:
        values |= {f"p{percent}": figure.percentile(peer, percent) for percent in (50, 90, 99)}
    if BASE in figure.rounds:
        values["ratio"] = asdict(figure.ratio(peer, BASE))
    return values
