"""Registrations as rows of a file, and who gets which of them."""

import csv
import io
from datetime import datetime, timedelta
from decimal import Decimal

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import PageLogEntry

from events import exporting
from events.models import (
    Attendance,
    Question,
    Registration,
    SensitiveAnswers,
    Session,
    SessionPlace,
    TeamMember,
)

pytestmark = pytest.mark.usefixtures("stopped_clock")

DAY = timedelta(days=1)


@pytest.fixture
def named(event, organiser, now):
    """The organiser is named for sensitive answers."""
    return TeamMember.objects.create(
        event=event, member=organiser, role="read", sees_sensitive_answers=True, added_at=now
    )


@pytest.fixture
def answered(event, fill, now):
    """One registration with answers of each kind, a session and attendance."""
    kinds = [
        ("Telephone", "text", "+44 20 7946 0000"), ("Experience", "number", "12.5"), ("Arrival", "date", "2027-03-24"),
        ("Vegetarian", "yes or no", True), ("Days", "choices", ["First", "Second"]), ("Comment", "text", "=1+1"),
    ]  # fmt: skip
    questions = [
        Question.objects.create(
            event=event, label=label, kind=kind, options="First\nSecond", sort_order=order
        )
        for order, (label, kind, _answer) in enumerate(kinds)
    ]
    needs = Question.objects.create(event=event, label="Needs", is_sensitive=True, sort_order=9)
    [row] = fill(event, 1)
    row.answers = {
        str(question.key): answer for question, (_, _, answer) in zip(questions, kinds, strict=True)
    }
    row.confirmed_at = now
    row.save()
    SensitiveAnswers.objects.create(registration=row, answers={str(needs.key): "wheelchair"})
    session = Session.objects.create(
        event=event, title="Rating", starts_at=event.starts_at, ends_at=event.ends_at, is_chosen=True
    )
    SessionPlace.objects.create(registration=row, session=session, chosen_at=now)
    Attendance.objects.create(registration=row, session=session, is_present=True, noted_at=now)
    return row


def rows_of(event, *, with_sensitive=False, found=None):
    questions = exporting.questions_to_export(event, with_sensitive=with_sensitive)
    registrations = event.registrations.order_by() if found is None else found
    return exporting.header(questions), list(exporting.rows(event, registrations, questions))


def export(desk, event, file="csv", **data):
    url = reverse("events_admin:export", args=[event.pk])
    return desk.post(url, {"file": file, **data})


def table(response) -> list[list[str]]:
    content = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(content, newline="")))


def test_rows_hold_everything_in_its_own_kind(event, answered, now):
    header, [row] = rows_of(event)
    found = dict(zip(header, row, strict=True))

    assert found == {
        "First name": "Member",
        "Last name": "0",
        "Address": "member-0@force.example",
        "Organisation": "Example Police",
        "Kind of organisation": "Police force",
        "State": "Registered",
        "Asked for a place": answered.registered_at.replace(tzinfo=None),
        "Got a place": now.replace(tzinfo=None),
        "Cancelled": None,
        "Walk-in": False,
        "Sessions": "Rating",
        "Attended": True,
        "Telephone": "+44 20 7946 0000",
        "Experience": Decimal("12.5"),
        "Arrival": datetime(2027, 3, 24).date(),  # noqa: DTZ001
        "Vegetarian": "Yes",
        "Days": "First, Second",
        "Comment": "=1+1",
    }


def test_rows_hold_sensitive_answers_only_if_asked_for(event, answered):
    without, with_them = rows_of(event), rows_of(event, with_sensitive=True)

    assert ("Needs" in without[0], "wheelchair" in without[1][0]) == (False, False)
    assert (with_them[0][-1], with_them[1][0][-1]) == ("Needs", "wheelchair")


def test_rows_show_the_clock_at_the_event(make_event, fill, now):
    event = make_event(time_zone="Australia/Sydney")
    fill(event, 1)
    Registration.objects.update(registered_at=now)

    header, [row] = rows_of(event)

    assert str(row[header.index("Asked for a place")]) == "2027-01-14 20:30:00"


def test_rows_name_guests_and_not_those_who_left(event, now):
    for values in ({"guest_name": "Guest at the door", "guest_email": "guest@elsewhere.example"}, {}):
        Registration.objects.create(event=event, state="confirmed", registered_at=now, **values)

    assert [row[:3] for row in rows_of(event)[1]] == [
        ["", "Guest at the door", "guest@elsewhere.example"],
        ["", "", ""],
    ]


def test_rows_keep_an_answer_whose_question_became_another(event, answered):
    Question.objects.filter(label__in=["Telephone", "Comment"]).update(kind="number")
    Question.objects.filter(label="Vegetarian").update(kind="date")

    header, [row] = rows_of(event)

    assert [row[header.index(label)] for label in ("Telephone", "Comment", "Vegetarian")] == [
        "+44 20 7946 0000", "=1+1", "Yes",
    ]  # fmt: skip


def test_rows_come_whole_and_in_order_over_many_batches(event, fill, monkeypatch):
    monkeypatch.setattr(exporting, "BATCH", 3)
    fill(event, 8)

    assert [row[1] for row in rows_of(event)[1]] == [str(number) for number in range(8)]


def test_rows_cost_so_much_a_batch(make_event, fill):
    costs = []
    for number in (3, 200):
        event = make_event()
        Question.objects.create(event=event, label="Needs", is_sensitive=True)
        fill(event, number)
        with CaptureQueriesContext(connection) as captured:
            rows_of(event, with_sensitive=True)
        costs.append(len(captured))

    # The questions, four for the batch, and one that finds no more.
    assert costs == [6, 6]


# --- The file --------------------------------------------------------------------------------------------------


def test_export_is_a_file_of_all_that_match(desk, make_event, fill):
    event = make_event(title="Rating: a day")
    fill(event, 3)
    fill(event, 2, "waiting")

    everything, some = export(desk, event), export(desk, event, filters="state=waiting")

    assert everything["Content-Disposition"] == 'attachment; filename="rating-a-day-2027-01-14.csv"'
    assert everything.streaming is True
    assert (len(table(everything)), len(table(some))) == (6, 3)


def test_export_as_xlsx_opens(desk, event, answered):
    content = b"".join(export(desk, event, "xlsx").streaming_content)

    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert [cell.value for cell in sheet[1]][-6:] == [
        "Telephone", "Experience", "Arrival", "Vegetarian", "Days", "Comment",
    ]  # fmt: skip
    assert (sheet["M2"].value, sheet["N2"].value, sheet["R2"].value) == ("+44 20 7946 0000", 12.5, "=1+1")


def test_export_disarms_formulas_and_leaves_telephone_numbers(desk, event, answered):
    header, row = table(export(desk, event))

    found = dict(zip(header, row, strict=True))
    assert (found["Telephone"], found["Comment"]) == ("+44 20 7946 0000", "'=1+1")


def test_export_of_sensitive_answers_is_for_those_named_alone(desk, event, answered):
    [header, row] = table(export(desk, event, with_sensitive="on"))

    assert ("Needs" in header, "wheelchair" in row) == (False, False)
    assert PageLogEntry.objects.get(action="events.export_registrations").data == {
        "with_sensitive": False,
        "file": "csv",
    }


def test_export_of_sensitive_answers_is_named_in_the_history(desk, event, answered, named, organiser):
    [header, row] = table(export(desk, event, with_sensitive="on"))

    assert (header[-1], row[-1]) == ("Needs", "wheelchair")
    entry = PageLogEntry.objects.get(action="events.export_registrations")
    assert (entry.user, entry.data["with_sensitive"]) == (organiser, True)


def test_export_offers_sensitive_answers_only_where_there_are_any(desk, event, named):
    url = reverse("events_admin:export", args=[event.pk])

    without = desk.get(url).context["form"].fields
    Question.objects.create(event=event, label="Needs", is_sensitive=True)
    with_them = desk.get(url).context["form"].fields

    assert (list(without), list(with_them)) == (["file"], ["file", "with_sensitive"])


def test_export_wants_to_know_which_file(desk, event):
    shown = export(desk, event, file="pdf")

    assert list(shown.context["form"].errors) == ["file"]
    assert not PageLogEntry.objects.filter(action="events.export_registrations").exists()
