"""Passing a place to a colleague: nothing says who has an account, and the line does not move."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from events import actions
from events.answers import Answers
from events.models import Handover, Registration, Session
from mailing.composition import attached, composed
from mailing.models import OutgoingMail
from members.models import Organisation, OrganisationKind, User

State = Registration.State


@pytest.fixture
def give(now):
    def hand_over(registration, address: str, at=now) -> Handover:
        return actions.hand_over(
            registration=registration, colleague_email=address, actor=registration.member, now=at
        )

    return hand_over


@pytest.fixture
def signed_in(client, member) -> Client:
    client.force_login(member)
    return client


@pytest.fixture
def outsider(db) -> User:
    elsewhere = Organisation.objects.create(name="Example Charity", kind=OrganisationKind.CHARITY)
    return User.objects.create_user(
        "worker@charity.example", organisation=elsewhere, state=User.State.APPROVED
    )


def text(response) -> str:
    return " ".join(response.content.decode().split())


def letters() -> list[tuple[str, str]]:
    return [
        (letter.kind.rpartition("/")[2], letter.recipient) for letter in OutgoingMail.objects.order_by("pk")
    ]


def test_take_handover_makes_the_place_the_colleagues(
    make_event, member, other_member, make_members, book, wait, give, now
):
    event = make_event(capacity=1)
    registration = book(event, member)
    [waiter] = make_members(1)
    waiting = wait(event, waiter)
    handover = give(registration, "Colleague@Force.Example")

    taken = actions.take_handover(handover=handover, actor=other_member, now=now)

    registration.refresh_from_db()
    waiting.refresh_from_db()
    handover.refresh_from_db()
    assert (registration.state, taken.state, waiting.state) == ("cancelled", "confirmed", "waiting")
    assert (taken.member, taken.organisation) == (other_member, member.organisation)
    assert (handover.state, handover.ended_at) == (Handover.State.TAKEN, now)
    assert letters()[2:] == [
        ("place_handed_over", other_member.email),
        ("handover_taken", member.email),
        ("place_booked", other_member.email),
    ]
    given = OutgoingMail.objects.get(kind="events/mail/handover_taken")
    assert b"METHOD:CANCEL" in attached(given)[0].content
    assert [step.verb for step in registration.steps.all()] == ["book_place", "hand_over", "pass_place_on"]
    assert [step.verb for step in taken.steps.all()] == ["take_handover"]


def test_the_sessions_go_along(event, member, other_member, give, now):
    session = Session.objects.create(
        event=event,
        title="Case clinic",
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        is_chosen=True,
        capacity=1,
    )
    registration = actions.book_place(
        event=event, member=member, actor=member, now=now, answers=Answers(sessions=frozenset({session.pk}))
    )

    taken = actions.take_handover(
        handover=give(registration, other_member.email), actor=other_member, now=now
    )

    assert session.places.get().registration == taken


@pytest.mark.parametrize("whose", ["colleague", "outsider", "nobody", "not approved", "one's own"])
def test_hand_over_says_the_same_whoever_has_the_address(
    signed_in, event, member, other_member, outsider, force, book, whose
):
    User.objects.create_user("newcomer@force.example", organisation=force, state=User.State.PENDING)
    address = {
        "colleague": other_member.email,
        "outsider": outsider.email,
        "nobody": "nobody@force.example",
        "not approved": "newcomer@force.example",
        "one's own": member.email,
    }[whose]
    registration = book(event, member)
    url = reverse("events:hand_over", args=[registration.uuid])

    shown = text(signed_in.post(url, {"colleague_email": address}, follow=True))

    assert f"If {address} belongs to a member of your organisation, we wrote to them." in shown
    assert f"You passed your place to {address} on" in shown
    assert ("place_handed_over", address) in letters() if whose == "colleague" else len(letters()) == 1


def test_decline_handover_leaves_the_place_where_it_is(client, event, member, other_member, book, give):
    registration = book(event, member)
    handover = give(registration, other_member.email)
    client.force_login(other_member)

    shown = text(client.get(reverse("events:handover", args=[handover.key])))
    assert "Pat Practitioner has a place, cannot come, and would pass it to you." in shown
    shown = text(client.post(reverse("events:decline_handover", args=[handover.key]), follow=True))

    registration.refresh_from_db()
    assert registration.state == State.CONFIRMED
    assert "You declined it." in shown
    letter = composed(OutgoingMail.objects.get(kind="events/mail/handover_declined"))
    assert "colleague@force.example declined your place" in letter.text


@pytest.mark.parametrize("end", ["withdrawn", "offered to somebody else", "cancelled", "declined", "started"])
def test_a_handover_that_ended_is_not_taken(event, member, other_member, book, give, now, end):
    registration = book(event, member)
    handover = give(registration, other_member.email)
    at = now
    if end == "withdrawn":
        assert actions.withdraw_handover(registration=registration, actor=member, now=now) is True
        assert actions.withdraw_handover(registration=registration, actor=member, now=now) is False
    elif end == "offered to somebody else":
        give(registration, "third@force.example", at=now + timedelta(minutes=1))
    elif end == "cancelled":
        actions.cancel_registration(registration=registration, actor=member, now=now)
    elif end == "declined":
        actions.decline_handover(handover=handover, actor=other_member, now=now)
    else:
        at = event.starts_at
    before = list(event.registrations.values_list("pk", "state"))

    with pytest.raises((actions.NotHandedOver, actions.TooLate)):
        actions.take_handover(handover=handover, actor=other_member, now=at)

    assert list(event.registrations.values_list("pk", "state")) == before


def test_only_the_colleague_finds_and_takes_it(
    client, event, member, other_member, outsider, book, give, now
):
    handover = give(book(event, member), other_member.email)

    for stranger in (outsider, member):
        client.force_login(stranger)
        assert [
            client.get(reverse("events:handover", args=[handover.key])).status_code,
            client.post(reverse("events:take_handover", args=[handover.key])).status_code,
            client.post(reverse("events:decline_handover", args=[handover.key])).status_code,
        ] == [404, 404, 404]
        with pytest.raises(actions.NotHandedOver):
            actions.take_handover(handover=handover, actor=stranger, now=now)


def test_a_colleague_who_changed_organisation_cannot_take_it(
    event, member, other_member, outsider, book, give, now
):
    handover = give(book(event, member), other_member.email)
    other_member.organisation = outsider.organisation
    other_member.save()

    with pytest.raises(actions.NotHandedOver):
        actions.take_handover(handover=handover, actor=other_member, now=now)


def test_a_colleague_who_waits_leaves_the_line(make_event, member, other_member, book, wait, give, now):
    event = make_event(capacity=1)
    registration = book(event, member)
    waiting = wait(event, other_member)

    taken = actions.take_handover(
        handover=give(registration, other_member.email), actor=other_member, now=now
    )

    waiting.refresh_from_db()
    assert (waiting.state, taken.state) == ("cancelled", "confirmed")
    assert event.registrations.active().count() == 1


def test_a_colleague_who_has_a_place_cannot_take_another(event, member, other_member, book, give, now):
    registration, theirs = book(event, member), book(event, other_member)

    with pytest.raises(actions.AlreadyRegistered) as refused:
        actions.take_handover(handover=give(registration, other_member.email), actor=other_member, now=now)

    registration.refresh_from_db()
    assert (refused.value.registration, registration.state) == (theirs, "confirmed")


@pytest.mark.parametrize("why", ["approval", "course", "waiting", "no organisation"])
def test_hand_over_is_not_for_every_place(make_event, member, other_member, book, wait, give, why):
    event = make_event(capacity=1)
    if why == "waiting":
        book(event, other_member)
    if why == "no organisation":
        member.organisation = None
        member.save()
    registration = wait(event, member) if why == "waiting" else book(event, member)
    if why == "approval":
        event.needs_approval = True
        event.save()
    if why == "course":
        registration.booked_together = event.uuid
        registration.save()

    with pytest.raises(actions.CannotHandOver):
        give(registration, other_member.email)
    assert Handover.objects.count() == 0


def test_the_address_of_the_colleague_stands_in_no_other_letter(event, member, other_member, book, give):
    give(book(event, member), other_member.email)

    booked = composed(OutgoingMail.objects.get(kind="events/mail/place_booked")).text
    assert re.findall(r"[\w.]+@force\.example", booked) == []
