"""Days and times that move by the clock on the wall at an event. Pure."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from pages.clocks import reading_of


def moved(moment: datetime, by: timedelta, zone: ZoneInfo) -> datetime:
    """The same reading so many days later, also across the change to summer time.

    A reading that the new day skips moves on by what was skipped; of one that comes twice, the first.
    """
    return (reading_of(moment, zone) + by).replace(tzinfo=zone).astimezone(UTC)


def moved_span(
    starts_at: datetime, ends_at: datetime, by: timedelta, zone: ZoneInfo
) -> tuple[datetime, datetime]:
    """Start and end, moved. Where the new day skips the start past the end, it lasts as long as before."""
    start, end = moved(starts_at, by, zone), moved(ends_at, by, zone)
    return start, end if end > start else start + (ends_at - starts_at)


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """The day on which it happens, where it happens."""
    return moment.astimezone(zone).date()
