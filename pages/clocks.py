"""What a clock on a wall shows, and when that is: the hours that summer time skips and repeats.

Pure. A reading is a `datetime` without a zone, as somebody typed it; a moment carries one.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from pages import dates


class NoSuchTime(ValueError):
    """The clock never shows this: summer time begins."""


class TimeTwice(ValueError):
    """The clock shows this twice: summer time ends."""


def moment_of(reading: datetime, zone: ZoneInfo) -> datetime:
    """When a clock in the zone shows the reading. Raises NoSuchTime or TimeTwice, in words for who typed it."""
    first, second = reading.replace(tzinfo=zone, fold=0), reading.replace(tzinfo=zone, fold=1)
    before, after = first.utcoffset(), second.utcoffset()
    if before == after:
        return first.astimezone(UTC)
    time, day = dates.clock(reading.replace(tzinfo=UTC), "UTC"), dates.day_date(reading.date())
    if before < after:  # type: ignore[operator]  # a ZoneInfo always knows
        raise NoSuchTime(f"The clocks go forward on {day}, so there is no {time}. Give another time.")
    raise TimeTwice(
        f"The clocks go back on {day}, so {time} comes twice. Give a time before or after that hour."
    )


def reading_of(moment: datetime, zone: ZoneInfo) -> datetime:
    """What a clock in the zone shows."""
    return moment.astimezone(zone).replace(tzinfo=None)
