"""Days and times that are typed in: four digits of a year, and hours that a clock shows once."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django import forms

from pages.forms import DayField, DayMonthYearInput, MomentField, read_by_the_clock_of

FOUR_DIGITS = ["Year must have four digits, like 2026"]
YEARS = ["Give a year from 1900 to 2999"]


class Typed(forms.Form):
    """A day in three fields, one in a line, and a moment."""

    born = DayField(widget=DayMonthYearInput, required=False)
    day = DayField(required=False)
    at = MomentField(required=False)


def born(day: str, month: str, year: str) -> dict[str, str]:
    return {"born_day": day, "born_month": month, "born_year": year}


@pytest.mark.parametrize("year", ["10", "1", "026", "99"])
def test_a_year_without_four_digits_is_refused_and_stays_as_typed(year):
    form = Typed(born("3", "4", year))

    assert form.errors == {"born": FOUR_DIGITS}
    assert f'value="{year}"' in str(form["born"])


@pytest.mark.parametrize("year", ["1899", "0010", "3000", "9999"])
def test_a_year_that_is_a_slip_of_the_finger_is_refused(year):
    assert Typed(born("3", "4", year)).errors == {"born": YEARS}
    assert Typed({"day": f"{year}-04-03"}).errors == {"day": YEARS}
    assert Typed({"at": f"{year}-04-03 09:30"}).errors == {"at": YEARS}


@pytest.mark.parametrize("typed", ["03/04/10", "10-04-03", "3 April 10"])
def test_two_digits_of_a_year_are_no_day_and_no_moment(typed):
    assert list(Typed({"day": typed}).errors) == ["day"]
    assert Typed({"at": f"{typed} 09:30"}).errors == {
        "at": ["Give day and time, for example 2027-03-04 09:30."]
    }


def test_days_and_moments_that_are_there_are_taken():
    form = Typed({**born("3", "4", "1900"), "day": "31/12/2999", "at": "2027-07-13T09:30"})

    assert form.errors == {}
    assert form.cleaned_data == {
        "born": date(1900, 4, 3),
        "day": date(2999, 12, 31),
        "at": datetime(2027, 7, 13, 8, 30, tzinfo=UTC),
    }


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("2027-03-28 01:30:00", "The clocks go forward on Sunday 28 March 2027, so there is no 1:30am."),
        ("2027-10-31 01:30", "The clocks go back on Sunday 31 October 2027, so 1:30am comes twice."),
    ],
)
def test_an_hour_that_summer_time_skips_or_repeats_is_refused_in_words(typed, words):
    (message,) = Typed({"at": typed}).errors["at"]

    assert message.startswith(words)


@pytest.mark.parametrize("typed", ["9999-12-31 23:59", "0001-01-01 00:00", "2999-12-31 23:59-23:59"])
@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo"])
def test_the_ends_of_the_calendar_break_nothing(typed, zone):
    form = Typed({"at": typed})
    read_by_the_clock_of(ZoneInfo(zone), form)

    assert form.is_valid() is typed.startswith("2999")


def test_a_moment_is_written_as_the_clock_of_its_zone_shows_it():
    form = Typed(initial={"at": datetime(2027, 7, 13, 8, 30, tzinfo=UTC)})
    read_by_the_clock_of(ZoneInfo("Europe/Paris"), form)

    assert 'value="2027-07-13T10:30"' in str(form["at"])


def test_a_moment_that_was_there_stays_also_in_an_hour_that_comes_twice():
    """A file with the time of the world may bring it. Whoever opens the form and saves it changes nothing."""
    for at in (datetime(2027, 10, 31, hour, 30, tzinfo=UTC) for hour in (0, 1)):
        form = Typed({"at": "2027-10-31T01:30"}, initial={"at": at})
        read_by_the_clock_of(ZoneInfo("Europe/London"), form)

        assert (form.errors, form.cleaned_data["at"]) == ({}, at)


def test_a_moment_that_was_there_is_another_one_in_another_zone():
    form = Typed({"at": "2027-07-13 09:30"}, initial={"at": datetime(2027, 7, 13, 8, 30, tzinfo=UTC)})
    read_by_the_clock_of(ZoneInfo("Europe/Paris"), form)

    assert form.is_valid()
    assert form.cleaned_data["at"] == datetime(2027, 7, 13, 7, 30, tzinfo=UTC)
