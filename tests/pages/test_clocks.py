"""Clocks on walls: the hours that summer time skips and repeats."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from pages import clocks

LONDON = ZoneInfo("Europe/London")


def reading(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("2027-03-28 00:59", "2027-03-28 00:59+00:00"),
        ("2027-03-28 02:00", "2027-03-28 01:00+00:00"),
        ("2027-10-31 00:59", "2027-10-30 23:59+00:00"),
        ("2027-10-31 02:00", "2027-10-31 02:00+00:00"),
        ("2027-07-13 09:30", "2027-07-13 08:30+00:00"),
    ],
)
def test_moment_of_a_reading(typed, moment):
    assert clocks.moment_of(reading(typed), LONDON) == reading(moment)


@pytest.mark.parametrize(
    ("typed", "problem", "words"),
    [
        (
            "2027-03-28 01:30",
            clocks.NoSuchTime,
            "The clocks go forward on Sunday 28 March 2027, so there is no 1:30am. Give another time.",
        ),
        (
            "2027-10-31 01:00",
            clocks.TimeTwice,
            (
                "The clocks go back on Sunday 31 October 2027, so 1am comes twice. "
                "Give a time before or after that hour."
            ),
        ),
    ],
)
def test_moment_of_a_reading_that_summer_time_skips_or_repeats_is_refused(typed, problem, words):
    with pytest.raises(problem) as refusal:
        clocks.moment_of(reading(typed), LONDON)

    assert str(refusal.value) == words
