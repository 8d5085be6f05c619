"""Days and times that move by the clock on the wall."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events import clocks

LONDON = ZoneInfo("Europe/London")


def reading(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("moment", "days", "moved"),
    [
        ("2027-07-13 08:30+00:00", 7, "2027-07-20 08:30+00:00"),
        # From summer to winter and back: half past nine stays half past nine.
        ("2027-07-13 08:30+00:00", 140, "2027-11-30 09:30+00:00"),
        ("2027-11-30 09:30+00:00", -140, "2027-07-13 08:30+00:00"),
        # Half past one on the day that skips it: what was skipped later.
        ("2027-03-27 01:30+00:00", 1, "2027-03-28 01:30+00:00"),
        # On the day that has it twice: the first.
        ("2027-10-30 00:30+00:00", 1, "2027-10-31 00:30+00:00"),
    ],
)
def test_moved_keeps_the_reading(moment, days, moved):
    assert clocks.moved(reading(moment), timedelta(days=days), LONDON) == reading(moved)


@settings(max_examples=300, deadline=None, database=None)
@given(
    st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2028, 1, 1)),  # noqa: DTZ001
    st.integers(min_value=1, max_value=600),
    st.integers(min_value=-800, max_value=800),
    st.sampled_from(["Europe/London", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kolkata"]),
)
def test_moved_span_never_ends_before_it_starts(at, minutes, days, zone):
    starts_at = at.replace(tzinfo=UTC)

    start, end = clocks.moved_span(
        starts_at, starts_at + timedelta(minutes=minutes), timedelta(days=days), ZoneInfo(zone)
    )

    assert start < end
    expected = starts_at.astimezone(ZoneInfo(zone)).date() + timedelta(days=days)
    assert clocks.day_of(start, ZoneInfo(zone)) == expected
