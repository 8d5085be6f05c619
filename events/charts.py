"""The geometry of charts: across in per cent, down in pixels, so that they fit any width. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# The white line between two columns, as a share of the space of one.
GAP = 0.2


@dataclass(frozen=True)
class Segment:
    """A part of a bar, or a column: where it begins and how long it is, ready for an SVG attribute."""

    x: str
    width: str
    y: int = 0
    height: int = 0
    # Counts from 1, for its colour.
    series: int = 1


def bar(values: Sequence[int], longest: int) -> list[Segment]:
    """One bar of several values one after the other; `longest` is what reaches across. Zeros are left out."""
    segments = []
    begin = 0
    for series, value in enumerate(values, start=1):
        if value and longest:
            segments.append(Segment(_percent(begin, longest), _percent(value, longest), series=series))
        begin += value
    return segments


def columns(values: Sequence[int], *, height: int) -> list[Segment]:
    """Columns side by side, from the first to the last; the highest is `height` pixels high."""
    highest = max(values, default=0)
    if not highest:
        return []
    number = len(values)
    segments = []
    for position, value in enumerate(values):
        if value:
            # At least a pixel: something is not nothing.
            pixels = max(1, round(value / highest * height))
            segments.append(
                Segment(
                    x=_percent(position + GAP / 2, number),
                    width=_percent(1 - GAP, number),
                    y=height - pixels,
                    height=pixels,
                )
            )
    return segments


def longest_of(rows: Iterable[Sequence[int]]) -> int:
    """The longest bar of several, for a scale they share."""
    return max((sum(values) for values in rows), default=0)


def _percent(part: float, whole: float) -> str:
    return f"{part / whole * 100:.3f}".rstrip("0").rstrip(".") + "%"
