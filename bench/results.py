"""What a benchmark hands back, and how it is printed. Nothing here measures anything."""

import json
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Spread:
    """How a measured value spread over its repetitions."""

    n: int
    min: float
    median: float
    p95: float
    max: float


def spread(values: Sequence[float]) -> Spread:
    """The spread of at least one value; p95 is the smallest value that 95 in 100 do not exceed."""
    if not values:
        raise ValueError("A spread needs at least one value.")
    ordered = sorted(values)
    return Spread(
        n=len(ordered),
        min=ordered[0],
        median=statistics.median(ordered),
        p95=ordered[math.ceil(0.95 * len(ordered)) - 1],
        max=ordered[-1],
    )


@dataclass(frozen=True)
class Goal:
    """What was asked for, in words, and whether the run met it."""

    words: str
    met: bool


@dataclass(frozen=True)
class Peer:
    """What the value is held against, measured in the same run."""

    words: str
    value: float


@dataclass(frozen=True)
class Result:
    """One benchmark's outcome: `value` is the figure to watch, in `unit`."""

    name: str
    value: float
    unit: str
    spread: Spread
    peer: Peer
    goal: Goal
    also: Mapping[str, object] = field(default_factory=dict)

    def line(self) -> str:
        """One JSON object on one line. `ratio` is value to peer, in the unit's own direction."""
        return json.dumps(
            {
                "name": self.name,
                "value": rounded(self.value),
                "unit": self.unit,
                "n": self.spread.n,
                "min": rounded(self.spread.min),
                "median": rounded(self.spread.median),
                "max": rounded(self.spread.max),
                "peer": self.peer.words,
                "peer_value": rounded(self.peer.value),
                "ratio": rounded(self.value / self.peer.value) if self.peer.value else None,
                "goal": self.goal.words,
                "met": self.goal.met,
                **{key: rounded(value) for key, value in self.also.items()},
            }
        )


@dataclass(frozen=True)
class Skipped:
    """A benchmark that could not run here, and why."""

    name: str
    reason: str

    def line(self) -> str:
        """The same keys as a result's line, without figures, and the reason."""
        figures = ("value", "unit", "n", "min", "median", "max", "peer", "peer_value", "ratio", "goal", "met")
        return json.dumps({"name": self.name, **dict.fromkeys(figures), "skipped": self.reason})


def rounded(value: object) -> object:
    """Floats to four significant digits, wherever they stand; anything else as it is."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, Mapping):
        return {key: rounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [rounded(inner) for inner in value]
    return value


def table(outcomes: Sequence[Result | Skipped]) -> str:
    """The summary a person reads at the end of a run."""
    rows = [("benchmark", "value", "peer", "goal", "")]
    for outcome in outcomes:
        if isinstance(outcome, Skipped):
            rows.append((outcome.name, "skipped", "", outcome.reason, ""))
        else:
            rows.append(
                (
                    outcome.name,
                    f"{rounded(outcome.value)} {outcome.unit}",
                    f"{rounded(outcome.peer.value)} ({outcome.peer.words})",
                    outcome.goal.words,
                    "met" if outcome.goal.met else "MISSED",
                )
            )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
