"""The reminder of the day before: to whom, when, and once."""

from datetime import timedelta

import pytest

from events import actions
from events.models import EventPage, Registration
from mailing.actions import stop_letters
from mailing.models import OutgoingMail
from tests.events.outcomes import letters

State = Registration.State
HOUR = timedelta(hours=1)


@pytest.fixture
def tomorrow(make_event, now) -> EventPage:
    """At 1pm tomorrow; now it is half past nine, half an hour after reminders are due."""
    return make_event(starts_at=now + timedelta(days=1, hours=3.5))


def test_send_reminders_the_day_before_and_once(tomorrow, member, book, now):
    registration = book(tomorrow, member, now - 24 * HOUR)
    OutgoingMail.objects.all().delete()

    sent = [actions.send_reminders(now=now), actions.send_reminders(now=now + HOUR)]

    registration.refresh_from_db()
    assert sent == [1, 0]
    assert registration.reminded_at == now
    assert letters() == [("event_reminder", "practitioner")]


@pytest.mark.parametrize(
    ("hours", "sent"),
    [
        (-2, 0),  # half past seven: too early
        (0, 1),
        (20, 1),  # the command did not run for a day: better late than never
        (27.4, 1),
        (27.5, 0),  # it starts
    ],
)
def test_send_reminders_from_nine_until_the_start(tomorrow, member, book, now, hours, sent):
    book(tomorrow, member, now - 24 * HOUR)

    assert actions.send_reminders(now=now + hours * HOUR) == sent


def test_send_reminders_at_nine_where_the_event_is(make_event, member, book, now):
    """At half past nine in London it is half past four in the morning in New York."""
    event = make_event(starts_at=now + timedelta(days=1, hours=6), time_zone="America/New_York")
    book(event, member, now - 24 * HOUR)

    assert [actions.send_reminders(now=now), actions.send_reminders(now=now + 5 * HOUR)] == [0, 1]


@pytest.mark.parametrize(
    ("fields", "member_fields"),
    [
        ({"cancelled_at": "now"}, {}),
        ({"live": False}, {}),
        ({"date_precision": "month"}, {}),
        ({}, {"state": "suspended", "is_active": False}),
    ],
)
def test_send_reminders_to_nobody_who_should_have_none(make_event, fill, now, fields, member_fields):
    fields = {name: now if value == "now" else value for name, value in fields.items()}
    event = make_event(starts_at=now + timedelta(days=1, hours=3.5), **fields)
    [registration] = fill(event, 1)
    type(registration.member).objects.filter(pk=registration.member.pk).update(**member_fields)

    assert actions.send_reminders(now=now) == 0


def test_send_reminders_to_nobody_who_stopped_them(tomorrow, fill, now):
    [registration] = fill(tomorrow, 1)
    stop_letters(address=registration.member.email, category="event_reminders", now=now)

    assert actions.send_reminders(now=now) == 0


@pytest.mark.parametrize("state", sorted(set(State.values) - {"confirmed", "waiting", "offered"}))
def test_send_reminders_to_nobody_without_a_place(tomorrow, fill, now, state):
    fill(tomorrow, 1, state)
    fill(tomorrow, 1, "waiting")

    assert actions.send_reminders(now=now) == 0


def test_send_reminders_not_right_after_the_letter_that_says_it_all(tomorrow, member, book, now):
    book(tomorrow, member, now)

    assert actions.send_reminders(now=now + HOUR) == 0
