"""What waits for a member comes first, in the order in which to deal with it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from home.waiting import Waiting, waiting_for
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


@pytest.mark.parametrize("number", [1, 3])
def test_waiting_for_costs_the_same_queries_however_much_waits(member, now, new_event, register, number):
    for _ in range(number):
        register(new_event(), "offered")
        register(new_event(), "awaiting approval")

    with CaptureQueriesContext(connection) as queries:
        waiting = waiting_for(member, now)

    assert len(waiting) == 2 * number
    assert len(queries) == 2
