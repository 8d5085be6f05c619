"""What the confirmation says of the way to the event: whoever registers late gets no other letter."""

from datetime import timedelta

import pytest
from django.urls import reverse

from events import actions
from events.answers import Answers
from events.models import Registration, Venue
from mailing.composition import composed
from mailing.models import OutgoingMail
from members.models import User
from tests.events.filling import text

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ROOM = "https://meet.example/room"


@pytest.fixture
def venue(db) -> Venue:
    return Venue.objects.create(
        name="Training centre",
        address="1 High Street\nMidtown",
        map_url="https://maps.example/1",
        access_information="Step-free entrance.",
        travel="Ten minutes from the station.",
    )


@pytest.fixture
def newcomer(db) -> User:
    """Somebody who has not been let in yet, and said where they work."""
    return User.objects.create_user(
        "new@trust.example", state=User.State.PENDING, stated_organisation="Safe Homes Trust"
    )


def confirmation() -> str:
    return composed(OutgoingMail.objects.get(kind="events/mail/place_booked")).text


def test_whoever_registers_late_for_an_online_event_gets_the_link_at_once(make_event, member, book, now):
    event = make_event(format="online", joining_url=ROOM, starts_at=now + 23 * HOUR)

    book(event, member)

    assert f"\n\nJoin online:\n{ROOM}\n\n" in confirmation()
    assert actions.send_reminders(now=now + HOUR) == 0


def test_a_confirmation_says_when_and_where_the_link_shows_and_not_the_link(make_event, member, book, now):
    event = make_event(format="online", joining_url=ROOM, starts_at=now + 10 * DAY)

    book(event, member)

    assert ROOM not in confirmation()
    assert (
        "\n\nThe link to join online shows on the page of your registration from Saturday 23 January 2027, 9:30am."
        "\n\n" in confirmation()
    )


def test_a_confirmation_says_how_to_get_there(make_event, venue, member, book):
    book(make_event(venue=venue), member)

    said = confirmation()
    assert "\nWhere: In person, Training centre, Midlands\n" in said
    assert (
        "\n\nHow to get there:\n\nTraining centre\n1 High Street\nMidtown\nhttps://maps.example/1\n"
        "Ten minutes from the station.\nAccess: Step-free entrance.\n\n" in said
    )
    assert "If you cannot come, cancel, so that somebody else can have your place." in said


def test_a_place_from_the_waiting_list_says_the_same(make_event, venue, fill, member, wait, now):
    event = make_event(venue=venue, capacity=1, format="hybrid", joining_url=ROOM, starts_at=now + 23 * HOUR)
    [there] = fill(event, 1)
    waiting = wait(event, member)
    actions.cancel_registration(registration=there, actor=there.member, now=now, tells_member=False)

    actions.take_place(registration=waiting, actor=member, now=now)

    assert (f"Join online:\n{ROOM}" in confirmation(), "1 High Street" in confirmation()) == (True, True)


@pytest.mark.parametrize(
    ("answers", "fields", "until"),
    [
        (Answers(plain={"a": "b"}), {}, "Thursday 25 March 2027, 9:30am"),  # when registration closes
        (Answers(plain={"a": "b"}), {"answers_change_until": 2}, "Saturday 16 January 2027, 9:30am"),
        (Answers(plain={"a": "b"}), {"answers_change_until": -2}, ""),
        (None, {}, ""),
    ],
)
def test_a_confirmation_says_until_when_answers_can_be_changed(
    make_event, member, now, answers, fields, until
):
    event = make_event(**{name: now + days * DAY for name, days in fields.items()})
    asked = {"answers": answers} if answers else {}

    actions.book_place(event=event, member=member, actor=member, now=now, **asked)

    assert ("You can change what you answered and chose until" in confirmation()) is bool(until)
    assert not until or f"until {until}.\n\n" in confirmation()


def test_ones_registration_says_where_in_full(client, make_event, venue, member, book, stopped_clock):
    registration = book(make_event(venue=venue), member)
    client.force_login(member)

    shown = text(client.get(reverse("events:registration", args=[registration.uuid])))

    assert shown.count("In person, Training centre, Midlands") == 2
    for part in ("1 High Street", "https://maps.example/1", "Step-free entrance.", "Ten minutes from"):
        assert part in shown


def test_ones_registration_says_since_when_a_place_is_theirs(client, make_event, member, now, stopped_clock):
    registration = Registration.objects.create(
        event=make_event(), member=member, state="confirmed", registered_at=now - 30 * DAY, confirmed_at=now
    )
    client.force_login(member)

    shown = text(client.get(reverse("events:registration", args=[registration.uuid])))

    assert (
        'Registered on</dt><dd class="govuk-summary-list__value">Thursday 14 January 2027, 9:30am</dd>'
        in shown
    )
    assert "15 December" not in shown


def test_ones_registration_names_the_organisation_that_somebody_stated(
    client, make_event, newcomer, now, stopped_clock
):
    registration = Registration.objects.create(
        event=make_event(audience="everyone"), member=newcomer, state="confirmed", registered_at=now
    )
    client.force_login(newcomer)

    shown = text(client.get(reverse("events:registration", args=[registration.uuid])))

    assert "Safe Homes Trust (as you gave it)" in shown
    assert "None" not in shown
