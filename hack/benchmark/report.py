"""The figures as a table for people, and as JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from benchmark.figure import Figure
from benchmark.machine import Machine
from benchmark.peer import Peer
from benchmark.restore import WITHOUT

BASE = "typed"
BASE_TITLE = "Go"
PERCENTILES = (50, 90, 99)


def markdown(machine: Machine, peers: Sequence[Peer], figures: Sequence[Figure]) -> str:
    """Two Markdown tables: medians, a row a figure and a column a peer; and percentiles of single calls."""
    ours = peers[0]
    titles = [peer.title for peer in peers]
    medians = [["", *titles, f"{ours.title} / {BASE_TITLE}"]]
    percentiles = [["p50 / p90 / p99", *titles]]
    sentences = ""
    for figure in figures:
        if WITHOUT in figure.rounds:
            sentences += _with_and_without(figure, ours)
            continue
        title = f"{figure.title}, {figure.unit}"
        medians.append([title, *(_median(figure, peer.key) for peer in peers), _ratio(figure, ours.key)])
        if figure.singles:
            percentiles.append([title, *(_percentiles(figure, peer.key) for peer in peers)])
    return f"{machine}.\n\n{_table(medians)}\n{_table(percentiles)}{sentences}"


def _with_and_without(figure: Figure, ours: Peer) -> str:
    with_us, without = figure.middle(ours.key), figure.middle(WITHOUT)
    ratio = figure.ratio(ours.key, WITHOUT)
    return (
        f"\nA {figure.title} took {with_us:.0f} {figure.unit} with {ours.title} and {without:.0f} {figure.unit} "
        f"without: {ratio.middle:.3f} ({ratio.lower:.3f}-{ratio.upper:.3f}).\n"
    )


def _table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    header, *body = (" | ".join(map(str.ljust, row, widths)) for row in rows)
    rule = " | ".join(["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])])
    return "".join(f"| {line} |\n" for line in (header, rule, *body))


def as_json(machine: Machine, peers: Sequence[Peer], figures: Sequence[Figure]) -> str:
    """Everything: each round's value, percentiles of the single calls, ratios."""
    document = {
        "machine": asdict(machine),
        "peers": {peer.key: peer.title for peer in peers},
        "figures": [_figure(figure) for figure in figures],
    }
    return json.dumps(document, indent=1) + "\n"


def _median(figure: Figure, peer: str) -> str:
    return number(figure.middle(peer)) if peer in figure.rounds else ""


def _percentiles(figure: Figure, peer: str) -> str:
    if peer not in figure.rounds:
        return ""
    return " / ".join(number(figure.percentile(peer, percent)) for percent in PERCENTILES)


def _ratio(figure: Figure, peer: str) -> str:
    if figure.unit == "times" or BASE not in figure.rounds or peer not in figure.rounds:
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
    if figure.singles:
        values |= {f"p{percent}": figure.percentile(peer, percent) for percent in PERCENTILES}
    if BASE in figure.rounds:
        values["ratio"] = asdict(figure.ratio(peer, BASE))
    return values
