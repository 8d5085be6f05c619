"""Dates in words: every case that reads differently."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from pages import dates

PARIS = ZoneInfo("Europe/Paris")


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (utc(2026, 12, 3, 13), "Thursday 3 December 2026"),
        (utc(2027, 1, 1), "Friday 1 January 2027"),
        (utc(2027, 6, 30, 23, 30), "Thursday 1 July 2027"),  # half past midnight in London's summer
        (date(2027, 2, 28), "Sunday 28 February 2027"),
    ],
)
def test_day_date_is_the_day_in_london(at, words):
    assert dates.day_date(at) == words


def test_day_date_is_the_day_in_the_zone_asked_for():
    assert dates.day_date(utc(2027, 1, 14, 23, 30), "Europe/Paris") == "Friday 15 January 2027"


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (utc(2027, 1, 14, 0, 0), "12 midnight"),
        (utc(2027, 1, 14, 0, 5), "12:05am"),
        (utc(2027, 1, 14, 9, 0), "9am"),
        (utc(2027, 1, 14, 9, 30), "9:30am"),
        (utc(2027, 1, 14, 11, 59), "11:59am"),
        (utc(2027, 1, 14, 12, 0), "12 noon"),
        (utc(2027, 1, 14, 12, 1), "12:01pm"),
        (utc(2027, 1, 14, 13, 0), "1pm"),
        (utc(2027, 1, 14, 16, 30), "4:30pm"),
        (utc(2027, 1, 14, 23, 0), "11pm"),
        (utc(2027, 7, 14, 11, 0), "12 noon"),  # summer time: an hour ahead of UTC
        (utc(2027, 7, 14, 23, 0), "12 midnight"),
    ],
)
def test_clock_is_the_time_in_london(at, words):
    assert dates.clock(at) == words


@pytest.mark.parametrize(
    ("at", "words"),
    [
        # Clocks go forward at 1am UTC on 28 March 2027, back on 31 October.
        (utc(2027, 3, 28, 0, 59), "12:59am"),
        (utc(2027, 3, 28, 1, 0), "2am"),
        (utc(2027, 10, 31, 0, 30), "1:30am"),
        (utc(2027, 10, 31, 1, 30), "1:30am"),
    ],
)
def test_clock_follows_the_change_of_the_clocks(at, words):
    assert dates.clock(at) == words


def test_clock_is_the_time_in_the_zone_asked_for():
    assert dates.clock(utc(2027, 1, 14, 12), PARIS) == "1pm"


def test_moment_is_day_and_time():
    assert dates.moment(utc(2026, 12, 3, 13)) == "Thursday 3 December 2026, 1pm"


def test_month_is_month_and_year():
    assert dates.month(utc(2017, 11, 30, 12)) == "November 2017"


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (utc(2026, 12, 3, 13), utc(2026, 12, 3, 16, 30), "Thursday 3 December 2026, 1pm to 4:30pm"),
        (utc(2027, 1, 20, 10), utc(2027, 1, 20, 12), "Wednesday 20 January 2027, 10am to 12 noon"),
        (utc(2027, 1, 20, 10), utc(2027, 1, 20, 10), "Wednesday 20 January 2027, 10am"),
        # Until midnight is the same day, and so is the whole of it.
        (utc(2027, 1, 20, 18), utc(2027, 1, 21, 0), "Wednesday 20 January 2027, 6pm to 12 midnight"),
        # Summer time, and a day that is another one in UTC.
        (utc(2027, 5, 31, 23), utc(2027, 6, 1, 15), "Tuesday 1 June 2027, 12 midnight to 4pm"),
        (utc(2027, 5, 18, 8), utc(2027, 5, 19, 15), "Tuesday 18 and Wednesday 19 May 2027"),
        (utc(2027, 5, 18, 8), utc(2027, 5, 20, 15), "Tuesday 18 to Thursday 20 May 2027"),
        (utc(2027, 4, 30, 8), utc(2027, 5, 1, 15), "Friday 30 April and Saturday 1 May 2027"),
        (utc(2027, 4, 30, 8), utc(2027, 5, 2, 15), "Friday 30 April to Sunday 2 May 2027"),
        (utc(2026, 12, 31, 8), utc(2027, 1, 1, 15), "Thursday 31 December 2026 and Friday 1 January 2027"),
        # A conference over the weekend on which the clocks go forward.
        (utc(2027, 3, 27, 9), utc(2027, 3, 28, 15), "Saturday 27 and Sunday 28 March 2027"),
        # Two days that end at midnight are two, not three.
        (utc(2027, 5, 18, 8), utc(2027, 5, 19, 23), "Tuesday 18 and Wednesday 19 May 2027"),
    ],
)
def test_period_says_no_more_than_is_needed(start, end, words):
    assert dates.period(start, end) == words


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (utc(2026, 12, 3, 13), utc(2026, 12, 3, 16, 30), "Thursday 3 December 2026, 1pm to 4:30pm"),
        (
            utc(2027, 5, 18, 8, 30),
            utc(2027, 5, 19, 14),
            "Tuesday 18 May 2027, 9:30am to Wednesday 19 May 2027, 3pm",
        ),
        # Until midnight is the same day.
        (utc(2027, 5, 18, 8), utc(2027, 5, 18, 23), "Tuesday 18 May 2027, 9am to 12 midnight"),
        (
            utc(2027, 5, 18, 8),
            utc(2027, 5, 19, 23),
            "Tuesday 18 May 2027, 9am to Wednesday 19 May 2027, 12 midnight",
        ),
    ],
)
def test_period_in_full_says_the_times_over_several_days_too(start, end, words):
    assert dates.period_in_full(start, end) == words


def test_period_is_told_in_the_zone_of_the_place():
    late = utc(2027, 1, 14, 23, 30), utc(2027, 1, 15, 1)

    assert dates.period(*late, "Europe/London") == "Thursday 14 and Friday 15 January 2027"
    assert dates.period(*late, "Europe/Paris") == "Friday 15 January 2027, 12:30am to 2am"


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("Europe/London", ""),
        ("Europe/Lisbon", ""),  # the same clock as London
        ("Europe/Paris", "Paris time"),
        ("America/New_York", "New York time"),
    ],
)
def test_zone_name_is_said_only_where_the_clock_differs(zone, words):
    assert dates.zone_name(utc(2027, 1, 14, 12), zone) == words


@pytest.mark.parametrize("function", [dates.clock, dates.moment])
def test_a_moment_without_a_zone_is_no_moment(function):
    with pytest.raises(ValueError, match="zone"):
        function(datetime(2027, 1, 14, 12))  # noqa: DTZ001 - the point of the test


def test_a_zone_that_does_not_exist_is_an_error():
    with pytest.raises(KeyError):
        dates.clock(utc(2027, 1, 14, 12), "Europe/Nowhere")
