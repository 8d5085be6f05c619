"""When those who come to an event are reminded, by the clock that hangs at the event. Pure."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from events import clocks

MORNING, EVENING = time(9), time(18)
# If nothing ran for longer than this after a week before, the day before is soon enough.
STILL_A_WEEK = timedelta(days=2)
# Who got a place more lately than this has had a letter about the event, and needs no other a week before it.
FRESH_IN_MIND = timedelta(days=9)


def day_before(starts_at: datetime, zone: ZoneInfo, *, link_shows_at: datetime | None = None) -> datetime:
    """From when people are reminded the day before: at 9 in the morning.

    A joining link that shows later on that day, but not after 6 in the evening, is waited for: the letter then
    carries it.
    """
    morning, evening = (_before(starts_at, 1, at, zone) for at in (MORNING, EVENING))
    if link_shows_at is None or link_shows_at > evening:
        return morning
    return max(morning, link_shows_at)


def is_week_before(starts_at: datetime, zone: ZoneInfo, *, now: datetime, since: datetime) -> bool:
    """Whether somebody who has had a place `since` is reminded now: from 9 in the morning a week before."""
    due_at = _before(starts_at, 7, MORNING, zone)
    return due_at <= now < due_at + STILL_A_WEEK and since <= clocks.moved(starts_at, -FRESH_IN_MIND, zone)


def _before(starts_at: datetime, days: int, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(clocks.day_of(starts_at, zone) - timedelta(days=days), at, tzinfo=zone)
