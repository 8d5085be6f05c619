"""Passing a place to a colleague: nothing says who has an account, and the line does not move."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from events import actions
from events.answers import Answers
from events.models import Handover, Question, Registration, Session, SessionPlace
from mailing.composition import attached, composed
from mailing.models import OutgoingMail
from members.models import Organisation, OrganisationDomain, OrganisationKind, User
from tests.events.filling import text
from tests.events.outcomes import states_of

State = Registration.State


@pytest.fixture
def outsider(db) -> User:
    elsewhere = Organisation.objects.create(name="Example Charity", kind=OrganisationKind.CHARITY)
    return User.objects.create_user(
        "worker@charity.example", organisation=elsewhere, state=User.State.APPROVED
    )


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


def test_the_sessions_go_along(event, member, other_member, make_session, give, now):
    session = make_session(event, "Case clinic", hours=3, capacity=1)
    registration = actions.book_place(
        event=event, member=member, actor=member, now=now, answers=Answers(sessions=frozenset({session.pk}))
    )

    taken = actions.take_handover(
        handover=give(registration, other_member.email), actor=other_member, now=now
    )

    assert [place.session for place in taken.session_places.all()] == [session]
    assert SessionPlace.objects.taken().get().registration == taken


@pytest.mark.parametrize("whose", ["colleague", "nobody", "not approved", "member of another organisation"])
def test_hand_over_says_the_same_whoever_has_the_address(
    signed_in, event, member, other_member, outsider, force, book, whose
):
    User.objects.create_user("newcomer@force.example", organisation=force, state=User.State.PENDING)
    User.objects.create_user(
        "moved@force.example", organisation=outsider.organisation, state=User.State.APPROVED
    )
    address = {
        "colleague": other_member.email,
        "nobody": "nobody@force.example",
        "not approved": "newcomer@force.example",
        "member of another organisation": "moved@force.example",
    }[whose]
    registration = book(event, member)
    url = reverse("events:hand_over", args=[registration.uuid])

    shown = text(signed_in.post(url, {"colleague_email": address}, follow=True))

    assert f"If {address} belongs to a member of your organisation, we wrote to them." in shown
    assert f"You offered your place to {address} on" in shown
    assert "The place stays yours until they take it." in shown
    assert letters()[1:] == ([("place_handed_over", address)] if whose == "colleague" else [])


OWN = "This is your own address. Give the address of a colleague."


OTHERS = "Your place can only go to a colleague at Example Police. Give an address that ends with"


@pytest.mark.parametrize(
    ("address", "domains", "words"),
    [
        ("practitioner@force.example", (), OWN),
        ("Practitioner+home@Force.Example", (), OWN),
        ("proven@home.example", (), OWN),
        ("worker@charity.example", (), f"{OTHERS} @force.example."),
        ("nobody@charity.example", (), f"{OTHERS} @force.example."),
        ("colleague@force.example.evil.example", (), f"{OTHERS} @force.example."),
        (
            "worker@charity.example",
            ("police.example", "staff.example"),
            f"{OTHERS} @police.example or @staff.example.",
        ),
        ("worker@charity.example", ("charity.example",), ""),
        ("nobody@police.example", ("police.example",), ""),
        ("colleague@force.example", ("police.example",), ""),
        ("nobody@home.example", ("police.example",), f"{OTHERS} @police.example."),
    ],
)
def test_hand_over_is_refused_for_an_address_that_is_no_colleagues(
    signed_in, event, member, other_member, outsider, force, book, address, domains, words
):
    """At the field, with what was typed; and by its domain alone, so that it says of nobody whether they are here."""
    force.domains.set([OrganisationDomain(domain=domain) for domain in domains])
    force.save()
    EmailAddress.objects.create(user=member, email="proven@home.example", verified=True)
    registration = book(event, member)

    response = signed_in.post(
        reverse("events:hand_over", args=[registration.uuid]), {"colleague_email": address}
    )

    assert Handover.objects.count() == (0 if words else 1)
    assert response.status_code == (200 if words else 302)
    if words:
        shown = text(response)
        assert shown.count(words) == 2  # in the summary, and at the field
        assert f'value="{address}"' in shown


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


@pytest.mark.parametrize("why", ["waiting", "no organisation"])
def test_hand_over_is_not_for_every_place(make_event, member, other_member, book, wait, give, why):
    event = make_event(capacity=1)
    if why == "waiting":
        book(event, other_member)
    if why == "no organisation":
        member.organisation = None
        member.save()
    registration = wait(event, member) if why == "waiting" else book(event, member)

    with pytest.raises(actions.CannotHandOver):
        give(registration, other_member.email)
    assert Handover.objects.count() == 0


def test_the_address_of_the_colleague_stands_in_no_other_letter(event, member, other_member, book, give):
    give(book(event, member), other_member.email)

    booked = composed(OutgoingMail.objects.get(kind="events/mail/place_booked")).text
    assert re.findall(r"[\w.]+@force\.example", booked) == []


def test_nobody_is_told_of_an_offer_that_nobody_took(event, member, other_member, book, give, now):
    registration = book(event, member)
    give(registration, other_member.email)
    before = letters()

    actions.cancel_registration(registration=registration, actor=member, now=now)

    assert letters()[len(before) :] == [("registration_cancelled", member.email)]


def test_take_handover_asks_what_the_event_asks(client, make_event, member, other_member, book, give):
    """The form, with the sessions that were chosen; a session that is full for others has room for this place."""
    event = make_event()
    question = Question.objects.create(event=event, label="Role", is_required=True)
    times = {"starts_at": event.starts_at, "ends_at": event.ends_at, "is_chosen": True, "capacity": 1}
    chosen = Session.objects.create(event=event, title="Case clinic", **times)
    other = Session.objects.create(event=event, title="Rating together", **times)
    registration = book(event, member)
    SessionPlace.objects.create(registration=registration, session=chosen, chosen_at=event.starts_at)
    handover = give(registration, other_member.email)
    client.force_login(other_member)
    url = reverse("events:take_handover", args=[handover.key])
    slot = f"sessions-{int(event.starts_at.timestamp())}"

    shown = text(client.get(reverse("events:handover", args=[handover.key])))
    assert re.search(rf'value="{chosen.pk}"[^>]* checked', shown)
    assert "Full" not in shown
    missing = text(client.post(url, {slot: str(other.pk)}))
    assert "Role" in missing
    assert states_of(registration) == ["confirmed"]
    client.post(url, {slot: str(chosen.pk), f"question-{question.key.hex}": "Analyst"})

    taken = event.registrations.confirmed().get()
    assert (taken.member, taken.answers) == (other_member, {str(question.key): "Analyst"})
    assert [place.session for place in taken.session_places.all()] == [chosen]


def test_take_handover_refuses_a_session_that_filled(
    client, make_event, member, other_member, make_members, book, give, now
):
    event = make_event()
    times = {"starts_at": event.starts_at, "ends_at": event.ends_at, "is_chosen": True, "capacity": 1}
    session = Session.objects.create(event=event, title="Case clinic", **times)
    handover = give(book(event, member), other_member.email)
    [third] = make_members(1)
    actions.book_place(
        event=event, member=third, actor=third, now=now, answers=Answers(sessions=frozenset({session.pk}))
    )
    client.force_login(other_member)

    slot = f"sessions-{int(event.starts_at.timestamp())}"
    response = client.post(reverse("events:take_handover", args=[handover.key]), {slot: str(session.pk)})

    assert response.status_code == 409
    assert "“Case clinic” is full. Choose another session." in text(response)
    assert event.registrations.filter(member=other_member).count() == 0
