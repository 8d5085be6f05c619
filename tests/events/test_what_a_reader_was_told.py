"""The event's page knows what its reader was told before: a refusal, an invitation."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse

from events import actions
from events.answers import Answers
from events.models import EventPage, Invitation, ManagerApproval, Registration
from tests.events.filling import text

DAY = timedelta(days=1)

pytestmark = pytest.mark.usefixtures("stopped_clock")


@pytest.fixture
def browser(client, member):
    client.force_login(member)
    return client


def declined(event: EventPage, member, now) -> Registration:
    return Registration.objects.create(
        event=event, member=member, state="declined", registered_at=now, declined_reason="Another time."
    )


def invite(event: EventPage, now, **fields) -> Invitation:
    answered_at = now if fields.get("answer") else None
    return Invitation.objects.create(event=event, invited_at=now - DAY, answered_at=answered_at, **fields)


def test_after_a_refusal_the_event_says_so(browser, event, member, now):
    registration = declined(event, member, now)

    shown = text(browser.get(event.url))

    own = reverse("events:registration", args=[registration.uuid])
    assert (
        f'Your registration was declined. <a class="govuk-link" href="{own}">See who declined it, and why</a>.'
        in shown
    )
    assert ("Ask for a place again" in shown, "Register for this event" in shown) == (True, False)


def test_a_refusal_is_forgotten_once_they_asked_again(browser, event, member, book, now):
    declined(event, member, now)
    book(event, member)

    shown = text(browser.get(event.url))

    assert ("was declined" in shown, "You are registered" in shown) == (False, True)


def test_a_refusal_is_nobody_elses_business(client, event, member, other_member, now):
    declined(event, member, now)
    client.force_login(other_member)

    assert "was declined" not in text(client.get(event.url))


@pytest.mark.parametrize("audience", ["members", "chosen", "invited"])
@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("", "You are invited. <a"),
        ("accepted", "You accepted an invitation. Register to have a place."),
        ("declined", "You answered your invitation on Thursday 14 January 2027, 9:30am: you cannot come. If"),
        ("not this time", "9:30am: you cannot come this time. If you have changed your mind, <a"),
    ],
)
def test_somebody_who_was_invited_is_told(browser, make_event, member, now, audience, answer, says):
    event = make_event(audience=audience)
    invitation = invite(event, now, email=member.email, answer=answer)

    shown = text(browser.get(event.url))

    assert says in shown
    assert (f'href="{invitation.answer_url}"' in shown) is (answer != "accepted")
    assert browser.get(invitation.answer_url).status_code == 200


@pytest.mark.parametrize(("state", "is_told"), [("queued", False), ("sent", True)])
def test_an_invitation_is_shown_once_its_letter_has_left(
    browser, make_wave, send, member, event, now, state, is_told
):
    """So a round that an organiser paused stays unseen."""
    wave = send(make_wave(lines=[member.email]))
    sent_at = {"sent_at": now, "finished_at": now} if is_told else {}
    wave.mailing.letters.update(state=state, **sent_at)

    assert ("You are invited" in text(browser.get(event.url))) is is_told


def test_an_invitation_is_not_shown_to_others_nor_to_who_is_registered(
    client, event, member, other_member, book, now
):
    invitation = invite(event, now, email=member.email)
    visitor = text(client.get(event.url))
    client.force_login(other_member)
    other = text(client.get(event.url))
    client.force_login(member)
    book(event, member)
    registered = text(client.get(event.url))

    for shown in (visitor, other, registered):
        assert ("You are invited" in shown, invitation.answer_url in shown) == (False, False)


@pytest.mark.parametrize("number", [1, 3, 200])
@pytest.mark.parametrize("audience", ["members", "invited"])
def test_being_told_costs_a_member_at_most_15_queries(
    browser, make_event, fill, member, now, number, audience, django_assert_max_num_queries
):
    event = make_event(audience=audience, capacity=300)
    fill(event, number)
    Invitation.objects.bulk_create(
        Invitation(event=event, email=f"{each}@a.example", invited_at=now) for each in range(number)
    )
    invite(event, now, email=member.email)
    browser.get(event.url)
    cache.clear()

    with django_assert_max_num_queries(15):
        assert "You are invited" in text(browser.get(event.url))


def test_not_this_time_is_answered_with_what_follows_from_it(client, event, now):
    invitation = invite(event, now, email="one@a.example")

    shown = text(client.post(invitation.answer_url, {"answer": "not this time", "reason": ""}, follow=True))

    assert (
        "that you cannot come this time. We do not remind you of this event. The organiser sees that you want"
        in shown
    )
    for untrue in (
        "We do not write about this invitation again",
        "If you cannot come after all",
        ">Decline<",
    ):
        assert untrue not in shown


def test_whoever_scans_their_own_code_comes_to_their_registration(client, event, member, other_member, book):
    registration = book(event, member)
    code = reverse("events:check_in_person", args=[event.uuid, registration.uuid])
    client.force_login(member)

    shown = client.get(code, follow=True)

    assert shown.redirect_chain == [(reverse("events:registration", args=[registration.uuid]), 302)]
    assert "This is your own code. At the door, show it to whoever checks people in." in text(shown)
    client.force_login(other_member)
    assert client.get(code).status_code == 404


@pytest.mark.parametrize(
    ("query", "title", "is_asked"),
    [
        ("", "Check a certificate", False),
        ("?code=", "Check a certificate", True),
        ("?code=%20", "Check a certificate", True),
        ("?code=AAAA", "No such certificate", False),
    ],
)
def test_an_empty_code_is_asked_for_at_its_field(client, db, query, title, is_asked):
    shown = text(client.get(reverse("certificates:check_certificate") + query))

    assert f">{title}</h1>" in shown
    assert shown.count("Type in the code from the certificate.") == (2 if is_asked else 0)
    assert ("There is no certificate with this code" in shown) is (title == "No such certificate")


def test_a_refusal_by_the_line_manager_counts_too(browser, make_event, member, now):
    event = make_event(needs_manager=True)
    actions.book_place(
        event=event, member=member, actor=member, now=now, answers=Answers(manager_email="boss@force.example")
    )
    key = ManagerApproval.objects.get().key
    actions.answer_as_manager(key=key, approves=False, reason="", visitor=None, now=now)

    assert "Your registration was declined." in text(browser.get(event.url))
