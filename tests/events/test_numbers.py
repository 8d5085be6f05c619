"""What an organiser reads of an event at a glance."""

from datetime import UTC, datetime, timedelta

import pytest

from events.models import Attendance, Registration, Session, SessionPlace
from events.numbers import Group, Span, numbers_of
from members.models import Organisation

DAY = timedelta(days=1)


@pytest.fixture
def register(event, make_members, now):
    def make(state: str, organisation=None, at=now, *, attended: bool = False) -> Registration:
        [member] = make_members(1)
        row = Registration.objects.create(
            event=event,
            member=member,
            state=state,
            organisation=organisation,
            registered_at=at,
            waiting_number=event.registrations.count() + 1 if state == "waiting" else None,
            offer_expires_at=now + DAY if state == "offered" else None,
        )
        if attended:
            for session in (None, *event.sessions.all()):
                Attendance.objects.create(registration=row, session=session, is_present=True, noted_at=now)
        return row

    return make


def test_numbers_of_count_people_by_organisation_and_kind(event, register, force):
    charity = Organisation.objects.create(name="Example Charity", kind="charity")
    other = Organisation.objects.create(name="Other Police", kind="police force")
    for state in ("confirmed", "confirmed", "waiting", "cancelled"):
        register(state, force)
    register("confirmed", charity, attended=True)
    for state in ("awaiting approval", "offered"):
        register(state, other)
    register("cancelled", Organisation.objects.create(name="Gone", kind="probation"))
    register("confirmed", None)

    numbers = numbers_of(event)

    assert numbers.by_state == {
        "confirmed": 4, "waiting": 1, "cancelled": 2, "awaiting approval": 1, "offered": 1,
    }  # fmt: skip
    assert (numbers.attended, numbers.total) == (1, 9)
    assert numbers.organisations == [
        Group("Example Police", registered=2, pending=1),
        Group("Other Police", pending=2),
        Group("Example Charity", registered=1, attended=1),
        Group("Not given", registered=1),
    ]
    assert numbers.kinds == [
        Group("Police force", registered=2, pending=3),
        Group("Charity", registered=1, attended=1),
        Group("Not given", registered=1),
    ]


def test_numbers_of_counts_a_person_once_however_many_sessions(event, register, now):
    for number in range(2):
        Session.objects.create(
            event=event, title=f"Part {number}", starts_at=event.starts_at, ends_at=event.ends_at
        )
    register("confirmed", attended=True)

    assert numbers_of(event).attended == 1


def test_numbers_of_days_have_those_without_anybody_too(event, register, now):
    for days in (0, 0, 3):
        register("confirmed", at=now + days * DAY)

    numbers = numbers_of(event)

    assert numbers.is_by_week is False
    assert numbers.over_time == [
        Span("14 January 2027", 2, 2),
        Span("15 January 2027", 0, 2),
        Span("16 January 2027", 0, 2),
        Span("17 January 2027", 1, 3),
    ]


def test_numbers_of_a_long_time_are_by_weeks_from_monday(event, register, now):
    for days in (0, 3, 4, 42):
        register("cancelled", at=now + days * DAY)

    numbers = numbers_of(event)

    assert numbers.is_by_week is True
    assert [(span.new, span.so_far) for span in numbers.over_time] == [
        (2, 2), (1, 3), (0, 3), (0, 3), (0, 3), (0, 3), (1, 4),
    ]  # fmt: skip
    assert numbers.over_time[0].name == "Week from 11 January 2027"


def test_numbers_of_days_are_those_of_the_clock_at_the_event(make_event, fill):
    event = make_event(time_zone="Australia/Sydney")
    fill(event, 1)
    Registration.objects.update(registered_at=datetime(2027, 1, 14, 13, 30, tzinfo=UTC))

    assert [span.name for span in numbers_of(event).over_time] == ["15 January 2027"]


def test_numbers_of_sessions_count_those_with_a_place(event, register, now):
    chosen, for_all, _unseen = (
        Session.objects.create(
            event=event, title=title, starts_at=event.starts_at, ends_at=event.ends_at, is_chosen=is_chosen
        )
        for title, is_chosen in (("Chosen", True), ("For all", False), ("Unseen", False))
    )
    for state in ("confirmed", "waiting"):
        SessionPlace.objects.create(registration=register(state), session=chosen, chosen_at=now)
    Attendance.objects.create(
        registration=register("confirmed"), session=for_all, is_present=True, noted_at=now
    )

    sessions = numbers_of(event).sessions

    assert [(row.session.title, row.chosen, row.attended) for row in sessions] == [
        ("Chosen", 1, 0), ("For all", 0, 1),
    ]  # fmt: skip


def test_numbers_of_an_event_without_anybody(event):
    numbers = numbers_of(event)

    assert (numbers.total, numbers.organisations, numbers.kinds, numbers.over_time) == (0, [], [], [])
