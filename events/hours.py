"""CPD hours: how much of an event somebody was at. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

HUNDREDTH = Decimal("0.01")
NOTHING = Decimal("0.00")


@dataclass(frozen=True)
class Span:
    """From one moment to another."""

    starts_at: datetime
    ends_at: datetime

    @property
    def duration(self) -> timedelta:
        return self.ends_at - self.starts_at


def together(spans: Iterable[Span]) -> timedelta:
    """How long it was during any of them: what overlaps counts once."""
    total = timedelta()
    until: datetime | None = None
    for span in sorted(spans, key=lambda span: span.starts_at):
        begins = span.starts_at if until is None else max(span.starts_at, until)
        if span.ends_at > begins:
            total += span.ends_at - begins
            until = span.ends_at
    return total


def whole_event(event: Span, time_zone: str) -> timedelta:
    """An event without a programme: from start to end; over several days, those hours of the clock each day.

    Nobody attends the night between two days. Where the last day ends by the clock before the first one
    started, nothing better is known than start to end.
    """
    zone = ZoneInfo(time_zone)
    first, last = event.starts_at.astimezone(zone), event.ends_at.astimezone(zone)
    days = (last.date() - first.date()).days
    if days == 0 or last.time() <= first.time():
        return event.duration
    # By the clock on the wall, so that a night in which it is put forward takes nothing away.
    a_day = last.replace(tzinfo=None) - first.replace(tzinfo=None) - timedelta(days=days)
    return a_day * (days + 1)


def hours_attended(
    *,
    event: Span,
    time_zone: str,
    fixed: Decimal | None,
    has_sessions: bool,
    attended: Iterable[Span],
    was_there: bool,
) -> Decimal:
    """The hours of somebody's certificate, to the hundredth; 0 for somebody who was not there.

    `attended` are the sessions they were at, without breaks. `fixed` is what the organiser set for everyone
    who came, whichever sessions they were at.
    """
    if not was_there:
        return NOTHING
    if fixed is not None:
        return fixed.quantize(HUNDREDTH)
    time = together(attended) if has_sessions else whole_event(event, time_zone)
    return in_hours(time)


def in_hours(time: timedelta) -> Decimal:
    seconds = Decimal(time // timedelta(seconds=1))
    return (seconds / 3600).quantize(HUNDREDTH, ROUND_HALF_UP)


def in_words(hours: Decimal) -> str:
    """For example "5 hours 50 minutes": to the minute, which a hundredth of an hour is finer than."""
    minutes = int((hours * 60).quantize(Decimal(1), ROUND_HALF_UP))
    whole, rest = divmod(minutes, 60)
    words = []
    if whole:
        words.append(f"{whole} {'hour' if whole == 1 else 'hours'}")
    if rest or not words:
        words.append(f"{rest} {'minute' if rest == 1 else 'minutes'}")
    return " ".join(words)
