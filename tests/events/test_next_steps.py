"""The letter that lets somebody in leads back to the event they accepted an invitation to."""

from datetime import timedelta

import pytest
from django.urls import reverse

from events.models import EventPage, Invitation
from events.next_steps import accepted_invitation
from mailing.composition import composed
from mailing.models import OutgoingMail
from members.actions import approve_member
from members.models import User

DAY = timedelta(days=1)


@pytest.fixture
def newcomer(db, now) -> User:
    newcomer = User.objects.create_user(
        "new@trust.example", first_name="New", last_name="Comer", state=User.State.PENDING, waiting_since=now
    )
    newcomer.emailaddress_set.create(email=newcomer.email, verified=True, primary=True)
    return newcomer


@pytest.fixture
def invite(newcomer, now):
    def write(event: EventPage, answer: str = "accepted", **fields) -> Invitation:
        answered_at = now if answer else None
        values = {"email": newcomer.email, "invited_at": now - DAY, **fields}
        return Invitation.objects.create(event=event, answer=answer, answered_at=answered_at, **values)

    return write


def let_in(newcomer, organiser, force, now):
    approve_member(
        member=newcomer,
        by=organiser,
        seen=User.State.PENDING,
        organisation=force,
        add_domain=False,
        now=now,
    )
    return composed(OutgoingMail.objects.get(kind="members/mail/membership_approved"))


def test_membership_approved_leads_to_the_event(make_event, invite, newcomer, organiser, force, now):
    later, event = make_event(starts_at=now + 90 * DAY), make_event(title="Rating together")
    invite(later)
    invite(event)

    letter = let_in(newcomer, organiser, force, now)

    form = f"https://portal.example{reverse('events:book_place', args=[event.uuid])}"
    assert letter.text.endswith(
        "You accepted an invitation to “Rating together”. Register for it to have a place.\n\n"
        f"Go to the Practice Portal:\n{form}\n\n-- \nSent by the Practice Portal.\n"
    )
    assert letter.html.count(f'href="{form}"') == 1


def test_membership_approved_leads_everybody_else_to_the_portal(newcomer, organiser, force, now):
    letter = let_in(newcomer, organiser, force, now)

    assert (
        "use everything members can use.\n\nGo to the Practice Portal:\nhttps://portal.example/\n"
        in letter.text
    )


@pytest.mark.parametrize(
    ("answer", "fields", "is_found"),
    [
        ("accepted", {}, True),
        ("", {}, False),
        ("declined", {}, False),
        ("accepted", {"starts_at": -1}, False),
        ("accepted", {"cancelled_at": -1}, False),
        ("accepted", {"registration_closes_at": -1}, False),
        ("accepted", {"live": False}, False),
    ],
)
def test_accepted_invitation_is_one_that_can_be_taken_up(
    make_event, invite, newcomer, now, answer, fields, is_found
):
    moments = {name: now + value * DAY if name != "live" else value for name, value in fields.items()}
    invite(make_event(**moments), answer)

    assert (accepted_invitation(newcomer, now) is not None) is is_found


def test_accepted_invitation_of_somebody_registered_or_of_others_is_none(
    make_event, invite, newcomer, book, force, now
):
    event = make_event(audience="everyone")
    invite(event)
    invite(make_event(), email="other@trust.example")
    book(event, newcomer)

    assert accepted_invitation(newcomer, now) is None


@pytest.mark.parametrize("number", [1, 3, 200])
def test_accepted_invitation_costs_one_query(
    make_event, invite, newcomer, now, number, django_assert_num_queries
):
    event = make_event()
    for each in range(number):
        invite(event, email=f"{each}@trust.example")
    invite(event)

    with django_assert_num_queries(1):
        assert accepted_invitation(newcomer, now) is not None
