"""Something done with several registrations at once, in the admin."""

from datetime import timedelta

import pytest

from events import actions
from events.answers import Answers
from events.models import (
    Attendance,
    EventPage,
    Registration,
    Session,
)
from tests.events.desk import list_url, states, text, told, url
from tests.events.outcomes import letters

pytestmark = pytest.mark.usefixtures("stopped_clock")

HOUR = timedelta(hours=1)


def act_on(desk, event: EventPage, act: str, *registrations: Registration, **data):
    chosen = [str(registration.uuid) for registration in registrations]
    return desk.post(url("act", event.pk), {"act": act, "chosen": chosen, **data}, follow=True)


def test_act_asks_first_and_says_who_is_left_out(desk, event, fill):
    [confirmed] = fill(event, 1)
    [gone] = fill(event, 1, "cancelled")

    shown = text(act_on(desk, event, "cancel", confirmed, gone))

    assert "Cancel: 1 registration. A letter tells them." in shown
    assert "Member 0, Example Police (Registered)" in shown
    assert "Has ended already: Member 1" in shown
    assert states(event) == ["confirmed", "cancelled"]


def test_act_cancels_those_confirmed(desk, event, member, book, fill):
    registration = book(event, member)
    [gone] = fill(event, 1, "cancelled")

    done = act_on(desk, event, "cancel", registration, gone, confirmed="yes")

    assert told(done) == ["1 registration is cancelled."]
    assert states(event) == ["cancelled", "cancelled"]
    assert letters()[-1] == ("registration_cancelled", "practitioner")


def test_act_approves_the_earliest_first_and_the_rest_waits(desk, make_event, fill):
    event = make_event(capacity=1, needs_approval=True)
    first, second = fill(event, 2, "awaiting approval")

    done = act_on(desk, event, "approve", second, first, confirmed="yes")

    assert told(done) == ["2 registrations are approved: 1 has a place, 1 is on the waiting list."]
    assert states(event) == ["confirmed", "waiting"]


def ask_for_a_place(event: EventPage, member, now) -> Registration:
    """As the member, naming a line manager."""
    given = Answers(manager_email="manager@force.example")
    return actions.book_place(event=event, member=member, actor=member, now=now, answers=given)


def test_act_approves_what_still_waits_for_the_line_manager_and_says_so(desk, make_event, member, now):
    event = make_event(needs_approval=True, needs_manager=True)
    registration = ask_for_a_place(event, member, now)
    page = url("registration", event.pk, registration.uuid)
    before = text(desk.get(page))

    asked = text(act_on(desk, event, "approve", registration))
    done = act_on(desk, event, "approve", registration, confirmed="yes")

    assert "Where the line manager has not approved, the registration goes on waiting for that." in asked
    assert told(done) == ["1 registration is approved: 1 still waits for another approval."]
    assert states(event) == ["awaiting approval"]
    after = desk.get(page)
    manager = "Line manager manager@force.example was asked on Thursday 14 January 2027, 9:30am and has not answered yet"
    assert ("Organiser Has not decided yet" in before, manager in before) == (True, True)
    assert "Organiser Approved on Thursday 14 January 2027, 9:30am" in text(after)
    assert manager in text(after)
    assert "approve" not in [name for name, _ in after.context["acts"]]
    again = text(act_on(desk, event, "approve", registration))
    assert (
        "Left out Approved by an organiser already, and waits for another approval: Pat Practitioner" in again
    )


def test_act_says_that_an_organiser_approves_in_place_of_the_line_manager(desk, make_event, member, now):
    event = make_event(needs_manager=True)
    registration = ask_for_a_place(event, member, now)

    asked = text(act_on(desk, event, "approve", registration))
    done = act_on(desk, event, "approve", registration, confirmed="yes")

    assert "You approve in place of the line manager." in asked
    assert told(done) == ["1 registration is approved: 1 has a place."]


def test_act_says_that_a_course_needs_the_approval_of_every_date(desk, make_event, fill):
    event = make_event(needs_approval=True)
    [registration] = fill(event, 1, "awaiting approval")
    sentence = "Of a course, nobody gets a place before every date is approved."
    alone = text(act_on(desk, event, "approve", registration))

    event.registrations.update(booked_together=registration.uuid)

    assert (sentence in alone, sentence in text(act_on(desk, event, "approve", registration))) == (
        False,
        True,
    )


def test_act_declines_with_a_reason_that_has_to_be_given(desk, make_event, fill):
    event = make_event(needs_approval=True)
    rows = fill(event, 2, "awaiting approval")

    without = act_on(desk, event, "decline", *rows, confirmed="yes", reason=" ")
    assert without.context["form"].errors.as_data()["reason"][0].code == "required"
    assert states(event) == ["awaiting approval"] * 2

    act_on(desk, event, "decline", *rows, confirmed="yes", reason="Meant for forces.")

    assert states(event) == ["declined"] * 2
    assert set(event.registrations.values_list("declined_reason", flat=True)) == {"Meant for forces."}


def test_act_gives_a_place_and_says_who_got_none(desk, make_event, fill):
    event = make_event(capacity=1)
    rows = fill(event, 2, "cancelled")

    done = act_on(desk, event, "give_place", *rows, confirmed="yes")

    assert states(event) == ["confirmed", "cancelled"]
    why = "The one place is taken. Raise the number of places on the event’s page, or cancel a registration first."
    assert told(done) == ["1 registration is given a place.", f"Member 1: {why}"]


def test_act_confirms_attendance_at_the_event(desk, make_event, fill, now):
    event = make_event(starts_at=now - HOUR)
    [there] = fill(event, 1)
    [waits] = fill(event, 1, "waiting")

    done = act_on(desk, event, "note_attendance", there, waits, confirmed="yes")

    assert told(done) == ["1 registration is noted as there."]
    assert [row.registration_id for row in Attendance.objects.present()] == [there.pk]


def test_act_confirms_attendance_at_a_session(desk, make_event, fill, now):
    event = make_event(starts_at=now - HOUR)
    session = Session.objects.create(
        event=event, title="Rating", starts_at=event.starts_at, ends_at=event.ends_at
    )
    [there] = fill(event, 1)

    act_on(desk, event, "note_attendance", there, confirmed="yes", session=str(session.key))

    assert [(row.registration_id, row.session_id) for row in Attendance.objects.present()] == [
        (there.pk, session.pk)
    ]


def test_act_confirms_attendance_only_from_the_day(desk, event, fill):
    [early] = fill(event, 1)

    done = act_on(desk, event, "note_attendance", early, confirmed="yes")

    assert [message.split(" from ")[0] for message in told(done)] == ["You can check people in"]
    assert not Attendance.objects.exists()


def test_act_takes_all_that_match_the_filter(desk, event, fill):
    fill(event, 3)
    fill(event, 2, "waiting")
    data = {"act": "cancel", "whom": "all", "filters": "state=waiting", "confirmed": "yes"}

    done = desk.post(url("act", event.pk), data, follow=True)

    assert told(done) == ["2 registrations are cancelled."]
    assert states(event) == ["confirmed"] * 3 + ["cancelled"] * 2
    assert done.request["QUERY_STRING"] == "state=waiting"


def test_act_does_so_many_at_a_time_and_says_how_many_are_left(desk, event, fill, monkeypatch):
    monkeypatch.setattr("events.admin_views.acting.MOST_AT_ONCE", 2)
    rows = fill(event, 3)

    assert "2 are done at a time" in text(act_on(desk, event, "cancel", *rows))
    done = act_on(desk, event, "cancel", *rows, confirmed="yes")

    assert states(event) == ["cancelled", "cancelled", "confirmed"]
    assert told(done)[1] == "1 is left: 2 are done at a time. Choose the same again."


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"act": "cancel"}, "Tick the registrations first, or choose all that match."),
        (
            {"act": "cancel", "chosen": ["nonsense"]},
            "Tick the registrations first, or choose all that match.",
        ),
        ({"act": "message"}, "Tick the registrations first, or choose all that match."),
        ({"act": "nonsense", "whom": "all"}, "Choose what to do with the registrations."),
        ({}, "Choose what to do with the registrations."),
    ],
)
def test_act_says_what_is_missing(desk, event, fill, data, expected):
    fill(event, 1)

    done = desk.post(url("act", event.pk), {**data, "confirmed": "yes"}, follow=True)

    assert told(done) == [expected]
    assert states(event) == ["confirmed"]


def test_act_leaves_registrations_of_other_events_alone(desk, make_event, fill):
    event, other = make_event(), make_event()
    [theirs] = fill(other, 1)

    done = act_on(desk, event, "cancel", theirs, confirmed="yes")

    assert told(done) == ["Tick the registrations first, or choose all that match."]
    assert states(other) == ["confirmed"]


def test_act_offers_approval_only_where_it_is_asked_for(desk, make_event, fill):
    offered = []
    for needs in (False, True):
        event = make_event(needs_approval=needs)
        fill(event, 1)
        offered.append([name for name, _label in desk.get(list_url(event)).context["acts"]])

    assert offered == [
        ["cancel", "give_place", "note_attendance", "message"],
        ["approve", "decline", "cancel", "give_place", "note_attendance", "message"],
    ]
