"""A date in three fields, and choices with hints."""

from datetime import date

import pytest
from django import forms

from pages.forms import DayMonthYearInput, Option


class DateForm(forms.Form):
    """One day."""

    on = forms.DateField(label="Day", widget=DayMonthYearInput, required=False)


def typed(day: str, month: str, year: str) -> dict[str, str]:
    return {"on_day": day, "on_month": month, "on_year": year}


@pytest.mark.parametrize(
    ("data", "day"),
    [
        (typed("3", "12", "2026"), date(2026, 12, 3)),
        (typed(" 03 ", "02", "2027"), date(2027, 2, 3)),
        (typed("29", "2", "2028"), date(2028, 2, 29)),
        (typed("", "", ""), None),
        ({}, None),
    ],
)
def test_date_is_read_from_three_fields(data, day):
    form = DateForm(data)

    assert form.errors == {}
    assert form.cleaned_data == {"on": day}


@pytest.mark.parametrize(
    "data",
    [
        typed("31", "2", "2027"),
        typed("3", "", "2027"),
        typed("third", "12", "2026"),
        typed("3", "13", "2026"),
        typed("3", "12", "99999"),
        typed("3", "12", "-1"),
        typed("3/4", "12", "2026"),
        typed("³", "12", "2026"),
    ],
)
def test_what_is_no_date_is_refused_and_stays_as_typed(read, data):
    form = DateForm(data)

    html = read(str(form))

    assert form.is_valid() is False
    assert [item["href"] for item in html.select(".govuk-error-summary a")] == ["#id_on_day"]
    shown = [html.find(id=f"id_on_{part}")["value"] for part in ("day", "month", "year")]
    assert shown == [value.strip() for value in data.values()]


def test_date_that_is_there_is_shown_in_three_fields(read):
    html = read(str(DateForm(initial={"on": date(2026, 12, 3)})))

    assert [(item["name"], item["value"]) for item in html.select("input")] == [
        ("on_day", "3"),
        ("on_month", "12"),
        ("on_year", "2026"),
    ]
    assert [(label["for"], label.get_text()) for label in html.select("label")] == [
        ("id_on_day", "Day"),
        ("id_on_month", "Month"),
        ("id_on_year", "Year"),
    ]


def test_date_left_as_it_was_counts_as_unchanged():
    form = DateForm(typed("3", "12", "2026"), initial={"on": date(2026, 12, 3)})

    assert form.has_changed() is False


def test_option_shows_its_hint_and_ties_it_to_its_radio(read):
    class Form(forms.Form):
        room = forms.ChoiceField(
            choices=[("a", Option("Hall", hint="<25> left")), ("b", "Room")], widget=forms.RadioSelect
        )

    html = read(str(Form()))

    assert html.find(id="id_room_0")["aria-describedby"] == "id_room_0_hint"
    assert html.find(id="id_room_0_hint").get_text() == "<25> left"
    assert html.find(id="id_room_1").get("aria-describedby") is None
