"""The figures as bars in SVG: one group a figure, one bar a peer, each as a ratio to the Go plugin."""

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from benchmark.figure import Figure
from benchmark.machine import Machine
from benchmark.peer import Peer
from benchmark.report import BASE, number

WIDTH = 860
LEFT = 290
RIGHT = 150
BAR = 13
GAP = 16
TOP = 84
WIDEST = 2.5  # ratios beyond it are cut, and written beside the bar
COLOURS = {"ours": "#2f6fde", "typed": "#9aa4b2", "own": "#c3a25a", "plain": "#6db28c", "echo": "#cfd4dc"}
STYLE = """text { font: 12px system-ui, sans-serif; fill: #24292f }
.small { font-size: 11px; fill: #57606a } .title { font-size: 16px; font-weight: 600 } .group { font-weight: 600 }
.back { fill: #fff } .one { stroke: #57606a; stroke-dasharray: 3 3 }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .small { fill: #9198a1 } .back { fill: #0d1117 } }"""


def svg(machine: Machine, peers: Sequence[Peer], figures: Sequence[Figure]) -> str:
    """The chart as a whole; shorter bars are better."""
    shown = [figure for figure in figures if BASE in figure.rounds]
    bars = sum(len([peer for peer in peers if peer.key in figure.rounds]) for figure in shown)
    height = TOP + bars * BAR + len(shown) * GAP + 24
    x_of_one = LEFT + _length(1)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}">',
        f'<style>{STYLE}</style><rect class="back" width="{WIDTH}" height="{height}"/>',
        '<text class="title" x="16" y="26">What the plugin costs a restore (a Go plugin = 1, shorter is better)</text>',
        f'<text class="small" x="16" y="46">{escape(str(machine))}</text>',
        f'<line class="one" x1="{x_of_one:.1f}" x2="{x_of_one:.1f}" y1="{TOP - 8}" y2="{height - 20}"/>',
        *_legend(peers),
        *_groups(peers, shown),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _legend(peers: Sequence[Peer]) -> Iterator[str]:
    x = 16.0
    for peer in peers:
        yield f'<rect x="{x:.0f}" y="57" width="10" height="10" fill="{COLOURS[peer.key]}"/>'
        yield f'<text class="small" x="{x + 15:.0f}" y="66">{escape(peer.title)}</text>'
        x += 32 + 6.3 * len(peer.title)


def _groups(peers: Sequence[Peer], figures: Sequence[Figure]) -> Iterator[str]:
    y = TOP
    for figure in figures:
        yield f'<text class="group" x="{LEFT - 10}" y="{y + 10}" text-anchor="end">{escape(figure.title)}</text>'
        for peer in (peer for peer in peers if peer.key in figure.rounds):
            ratio = figure.ratio(peer.key, BASE)
            length = _length(ratio.middle)
            label = f"{number(figure.middle(peer.key))} {figure.unit}"
            if ratio.middle > WIDEST:
                label += f" ({ratio.middle:,.0f} times)"
            yield (
                f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR - 2}" fill="{COLOURS[peer.key]}"/>'
                f'<text class="small" x="{LEFT + length + 5:.1f}" y="{y + 10}">{escape(label)}</text>'
            )
            y += BAR
        y += GAP


def _length(ratio: float) -> float:
    return min(ratio, WIDEST) / WIDEST * (WIDTH - LEFT - RIGHT)
