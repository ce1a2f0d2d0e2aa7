"""What is measured, and how it is summed up."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Ratio:
    """A peer against another: the median of the rounds, and between what the middle half of them lies."""

    middle: float
    lower: float
    upper: float

    def __str__(self) -> str:
        if self.lower == self.upper:
            return f"{self.middle:.2f}"
        return f"{self.middle:.2f} ({self.lower:.2f}-{self.upper:.2f})"


@dataclass(frozen=True)
class Figure:
    """One property of each peer that has it.

    `rounds` holds one value a round, of the same rounds for each peer; in a round all peers were measured right after
    each other, so noise of the machine hits all. `singles` holds the single measurements of all rounds where a round's
    value is their median.
    """

    key: str
    title: str
    unit: str
    rounds: Mapping[str, Sequence[float]]
    singles: Mapping[str, Sequence[float]] = field(default_factory=dict)

    def middle(self, peer: str) -> float:
        """The median over the rounds."""
        return statistics.median(self.rounds[peer])

    def ratio(self, peer: str, base: str) -> Ratio:
        """How one peer stands against another, round by round."""
        ratios = [one / other for one, other in zip(self.rounds[peer], self.rounds[base], strict=True)]
        lower, middle, upper = statistics.quantiles(ratios, n=4, method="inclusive") if ratios[1:] else ratios * 3
        return Ratio(middle, lower, upper)

    def percentile(self, peer: str, percent: int) -> float:
        """The least of the single measurements that `percent` of 100 do not exceed."""
        ordered = sorted(self.singles[peer])
        return ordered[-(-len(ordered) * percent // 100) - 1]


def quotient(key: str, title: str, one: Figure, other: Figure) -> Figure:
    """One figure as a multiple of another, round by round."""
    rounds = {
        peer: [value / base for value, base in zip(one.rounds[peer], other.rounds[peer], strict=True)]
        for peer in one.rounds
    }
    return Figure(key, title, "times", rounds)
