"""What waits for a member comes first, in the order in which to deal with it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from events import links
from events.models import Invitation
from home.waiting import Waiting, waiting_for
from mailing.models import OutgoingMail
from members.models import User


def kinds(waiting):
    return [thing.what for thing in waiting]


def test_waiting_for_says_until_when_an_offered_place_can_be_taken(member, now, new_event, register):
    offer = register(
        new_event(title="Rating together"), "offered", offer_expires_at=now + timedelta(hours=30)
    )

    assert waiting_for(member, now) == [
        Waiting(
            what="A place is yours until Friday 15 January 2027, 3:30pm",
            about="Rating together",
            url=reverse("events:registration", args=[offer.uuid]),
            action="Take or decline the place",
            note="After that it goes to the next person waiting.",
        )
    ]


def test_waiting_for_puts_the_offer_that_ends_first_first(member, now, new_event, register):
    register(new_event(title="Later"), "offered", offer_expires_at=now + timedelta(days=2))
    register(new_event(title="Sooner"), "offered", offer_expires_at=now + timedelta(days=1))
    register(new_event(days=5, title="Undecided"), "awaiting approval")

    assert [thing.about for thing in waiting_for(member, now)] == ["Sooner", "Later", "Undecided"]


@pytest.mark.parametrize(
    ("state", "fields", "days"),
    [
        ("offered", {"offer_expires_at": -1}, 10),  # the offer ended and no sweep has come by yet
        ("offered", {"offer_expires_at": 1}, -1),  # the event is over
        ("awaiting approval", {}, -1),
        ("confirmed", {}, 10),
        ("waiting", {}, 10),
        ("declined", {}, 10),
        ("expired", {}, 10),
        ("cancelled", {}, 10),
    ],
)
def test_waiting_for_leaves_out_what_nobody_can_or_need_deal_with(
    member, now, new_event, register, state, fields, days
):
    moments = {name: now + timedelta(hours=hours) for name, hours in fields.items()}
    register(new_event(days=days), state, **moments)

    assert waiting_for(member, now) == []


def test_waiting_for_shows_nothing_of_others(member, other_member, now, new_event, register):
    register(new_event(), "offered", member=other_member)
    register(new_event(), "awaiting approval", member=other_member)

    assert waiting_for(member, now) == []
    assert len(waiting_for(other_member, now)) == 2


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (User.State.PENDING, ["A person checks your membership"]),
        (User.State.APPROVED, []),
        (User.State.DECLINED, ["Your membership was declined"]),
        (User.State.SUSPENDED, []),
        (User.State.LEFT, []),
    ],
)
def test_waiting_for_says_where_the_membership_stands(pending, now, state, expected):
    pending.state = state

    assert kinds(waiting_for(pending, now)) == expected


@pytest.fixture
def invite(member, now):
    """An invitation whose letter arrived: to the member's address, or by it and to their account."""

    def write(event, letter="sent", **fields) -> Invitation:
        values = {"event": event, "email": member.email, "invited_at": now - timedelta(days=1), **fields}
        invitation = Invitation.objects.create(**values)
        mail = OutgoingMail.objects.create(
            recipient=invitation.email,
            dedupe_key=f"letter-{invitation.pk}",
            message_id=f"<{invitation.pk}@portal.example>",
            last_error="550 No such user" if letter == "failed" else "",
            state=letter,
            created_at=now,
            next_attempt_at=now,
            sent_at=now if letter == "sent" else None,
            finished_at=None if letter == "queued" else now,
        )
        Invitation.objects.filter(pk=invitation.pk).update(letter=mail.dedupe_key)
        return invitation

    return write


def test_waiting_for_shows_an_invitation_that_nobody_answered(member, now, new_event, invite):
    invitation = invite(new_event(title="Rating together"))

    assert waiting_for(member, now) == [
        Waiting(
            what="You are invited",
            about="Rating together",
            url=reverse("events:answer_invitation", args=[links.token(links.INVITE, invitation.key)]),
            action="Accept or decline",
            note="Registration closes on Sunday 24 January 2027, 9:30am.",
        )
    ]


def test_waiting_for_shows_an_accepted_invitation_until_they_register(
    member, now, new_event, invite, register
):
    event = new_event()
    invite(event, answer="accepted", answered_at=now)

    [before] = waiting_for(member, now)
    register(event)

    assert (before.what, before.action) == ("You accepted an invitation", "Register")
    assert before.url == reverse("events:book_place", args=[event.uuid])
    assert waiting_for(member, now) == []


def test_waiting_for_knows_the_invited_under_another_address(member, now, new_event, invite):
    invite(new_event(), email="before@force.example", member=member)

    assert kinds(waiting_for(member, now)) == ["You are invited"]


@pytest.mark.parametrize(
    ("letter", "fields", "event_fields"),
    [
        ("queued", {}, {}),
        ("failed", {}, {}),
        ("sent", {"answer": "declined"}, {}),
        ("sent", {"answer": "not this time"}, {}),
        ("sent", {"email": "other@force.example"}, {}),
        ("sent", {}, {"days": -1}),
        ("sent", {}, {"cancelled_at": -1}),
        ("sent", {}, {"registration_closes_at": -1}),
        ("sent", {}, {"live": False}),
    ],
)
def test_waiting_for_leaves_out_invitations_that_wait_for_nothing(
    member, now, new_event, invite, letter, fields, event_fields
):
    moments = {"cancelled_at", "registration_closes_at"}
    given = {
        name: now + timedelta(hours=value) if name in moments else value
        for name, value in event_fields.items()
    }
    invite(new_event(**given), letter, **fields, answered_at=now if "answer" in fields else None)

    assert waiting_for(member, now) == []


def test_waiting_for_asks_nobody_to_register_who_has_to_be_let_in_first(pending, now, new_event, invite):
    invite(new_event(), email=pending.email, answer="accepted", answered_at=now)

    assert kinds(waiting_for(pending, now)) == ["A person checks your membership"]


@pytest.mark.parametrize("number", [1, 3])
def test_waiting_for_costs_the_same_queries_however_much_waits(
    member, now, new_event, register, invite, number
):
    for _ in range(number):
        invite(new_event())
        register(new_event(), "offered")
        register(new_event(), "awaiting approval")

    with CaptureQueriesContext(connection) as queries:
        waiting = waiting_for(member, now)

    assert len(waiting) == 3 * number
    assert len(queries) == 5
