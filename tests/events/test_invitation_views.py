"""What somebody who was invited sees and does with the link from the letter."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from events import actions, invitation_letters, links
from events.models import Audience, EventPage, Invitation, Registration
from mailing.models import OutgoingMail
from mailing.stopping import stop_url
from mailing.suppression import barred
from members.models import OrganisationDomain, User

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
ADDRESS = "new.person@force.example"
PASSWORD = "a-long-enough-password"


@pytest.fixture(autouse=True)
def clock(now):
    """The views' clock stands still."""
    with mock.patch("django.utils.timezone.now", return_value=now):
        yield


@pytest.fixture
def invite(make_wave, send, event) -> Callable[..., Invitation]:
    def to(address: str = ADDRESS, of: EventPage = event, **fields: Any) -> Invitation:
        wave = send(make_wave(lines=[address], of=of, **fields))
        return actions.invitation_with(wave.invitations.get().key)

    return to


def url_of(invitation: Invitation, name: str = "answer_invitation") -> str:
    return reverse(f"events:{name}", args=[links.token(links.INVITE, invitation.key)])


def form_url(event: EventPage) -> str:
    return reverse("events:book_place", args=[event.uuid])


def text(response) -> str:
    return " ".join(response.content.decode().split())


def sign_up(client: Client, invitation: Invitation, **fields: str):
    typed = {
        "first_name": "New",
        "last_name": "Person",
        "password1": PASSWORD,
        "stated_organisation": "Here",
        **fields,
    }
    return client.post(url_of(invitation, "sign_up_invited"), typed)


# --- The page ----------------------------------------------------------------------------------------------------------


def test_answer_invitation_shows_the_event_and_nothing_else(
    client, invite, event, make_members, fill
) -> None:
    fill(event, 3)
    answered = client.get(url_of(invite(f"{ADDRESS},Secret Name,Secret Organisation")))
    assert answered.status_code == 200
    shown = text(answered)
    assert event.title in shown
    assert event.when in shown
    for hidden in ("Secret", ADDRESS, "member-", "3 "):
        assert hidden not in shown.partition("<main")[2].partition("</main>")[0]
    assert answered["Cache-Control"] == "private, no-store"


def test_answer_invitation_does_nothing_on_get(client, invite) -> None:
    invitation = invite()
    for _ in range(2):
        client.get(url_of(invitation), {"answer": "accepted"})
        client.head(url_of(invitation))
    invitation.refresh_from_db()
    assert invitation.answer == ""


@pytest.mark.parametrize("token", ["made-up", f"{'0' * 32}.made-up"])
def test_answer_invitation_with_a_link_that_was_made_up(client, token) -> None:
    answered = client.get(reverse("events:answer_invitation", args=[token]))
    assert (answered.status_code, "This link does not work" in text(answered)) == (404, True)


def test_answer_invitation_with_a_link_whose_invitation_is_gone(client, invite) -> None:
    invitation = invite()
    invitation.delete()
    made_up = client.get(reverse("events:answer_invitation", args=["made-up"]))
    gone = client.get(url_of(invitation))
    main = [text(page).partition("<main")[2].partition("</main>")[0] for page in (made_up, gone)]
    assert (gone.status_code, main[0]) == (404, main[1])


def test_answer_invitation_to_an_event_that_is_not_published(client, invite) -> None:
    invitation = invite()
    EventPage.objects.filter(pk=invitation.event_id).update(live=False)
    assert client.get(url_of(invitation)).status_code == 404
    assert client.post(url_of(invitation), {"answer": "accepted"}).status_code == 404


@pytest.mark.parametrize(
    ("fields", "heading", "buttons"),
    [
        ({}, "You are invited", ["accepted", "declined", "not this time"]),
        ({"cancelled_at": -DAY}, "This event was cancelled", []),
        ({"starts_at": -2 * DAY, "ends_at": -DAY}, "This event is over", []),
        ({"registration_closes_at": -DAY}, "You are invited", ["declined", "not this time"]),
        ({"registration_opens_at": DAY}, "You are invited", ["declined", "not this time"]),
    ],
)
def test_answer_invitation_offers_what_is_possible(client, invite, now, fields, heading, buttons) -> None:
    invitation = invite()
    EventPage.objects.filter(pk=invitation.event_id).update(**{name: now + by for name, by in fields.items()})
    shown = text(client.get(url_of(invitation)))
    assert f"{heading}</h1>" in shown
    assert [value for value in Invitation.Answer.values if f'value="{value}"' in shown] == buttons


def test_answer_invitation_declines_with_a_reason_and_changes_its_mind(client, invite, event) -> None:
    invitation = invite()
    answered = client.post(url_of(invitation), {"answer": "declined", "reason": "On leave."}, follow=True)
    assert "You said that you cannot come</h1>" in text(answered)
    assert "Have you changed your mind?" in text(answered)
    invitation.refresh_from_db()
    assert (invitation.answer, invitation.reason) == ("declined", "On leave.")
    client.post(url_of(invitation), {"answer": "accepted"})
    invitation.refresh_from_db()
    assert (invitation.answer, invitation.reason) == ("accepted", "")


@pytest.mark.parametrize("posted", [{}, {"answer": "maybe"}, {"answer": "declined", "reason": "x" * 501}])
def test_answer_invitation_with_nonsense_changes_nothing(client, invite, posted) -> None:
    invitation = invite()
    assert client.post(url_of(invitation), posted).status_code == 400
    invitation.refresh_from_db()
    assert invitation.answer == ""


def test_answer_invitation_too_late_says_why(client, invite, now) -> None:
    invitation = invite()
    EventPage.objects.filter(pk=invitation.event_id).update(registration_closes_at=now - DAY)
    answered = client.post(url_of(invitation), {"answer": "accepted"})
    assert answered.status_code == 409
    assert "Registration closed on Wednesday 13 January 2027, 9:30am." in text(answered)


def test_trial_link_shows_the_page_and_saves_nothing(client, make_wave) -> None:
    wave = make_wave(lines=[ADDRESS])
    url = invitation_letters.sample_address(wave)
    for answered in (client.get(url), client.post(url, {"answer": "accepted"})):
        assert answered.status_code == 200
        assert "It is a test: nothing that you press here is saved." in text(answered)
    assert Invitation.objects.count() == 0


def test_answer_invitation_costs_few_queries(client, invite, event, fill) -> None:
    url = url_of(invite())
    client.get(url)
    counts = []
    for number in (0, 200):
        fill(event, number)
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8


@pytest.mark.parametrize(
    ("capacity", "reserved", "taken", "has_waiting_list", "says"),
    [
        (4, 2, 1, True, {"kept", "Accept and register"}),
        # The two that were kept are taken; others are left.
        (4, 2, 2, True, {"Accept and register"}),
        (2, 2, 2, True, {"line", "Accept and join the waiting list"}),
        (2, 0, 2, True, {"line", "Accept and join the waiting list"}),
        (2, 2, 2, False, {"full"}),
    ],
)
def test_answer_invitation_promises_no_place_that_is_gone(
    client, invite, make_event, fill, capacity, reserved, taken, has_waiting_list, says
) -> None:
    event = make_event(capacity=capacity, reserved_places=reserved, has_waiting_list=has_waiting_list)
    invitation = invite(of=event, keeps_places=True)
    Registration.objects.filter(pk__in=[row.pk for row in fill(event, taken)]).update(is_invited=True)

    shown = text(client.get(url_of(invitation)))

    sentences = {
        "kept": "Places are kept for people who were invited.",
        "line": "All places are taken. You can join the waiting list",
        "full": "All places are taken, and this event keeps no waiting list.",
        "Accept and register": "Accept and register</button>",
        "Accept and join the waiting list": "Accept and join the waiting list</button>",
    }
    assert {name for name, sentence in sentences.items() if sentence in shown} == says


def test_an_acceptance_promises_no_place_that_is_gone(client, invite, make_event, fill, now) -> None:
    event = make_event(capacity=2)
    invitation = invite(of=event)
    Invitation.objects.filter(pk=invitation.pk).update(answer="accepted", answered_at=now)
    asks = "Register to have a place, if you have not done so yet."

    before = text(client.get(url_of(invitation)))
    fill(event, 2)
    after = text(client.get(url_of(invitation)))

    assert (asks in before, asks in after) == (True, False)
    assert ("All places are taken." in before, "All places are taken." in after) == (False, True)


def test_the_link_alone_says_nothing_of_a_registration(client, invite, event, member, book, fill) -> None:
    def main(response) -> str:
        return text(response).partition("<main")[2].partition("</main>")[0]

    registered, other = invite(member.email), invite("nobody@force.example")
    book(event, member)

    declined = []
    for invitation in (registered, other):
        declined.append(client.post(url_of(invitation), {"answer": "declined"}, follow=True))
        client.get(url_of(invitation))

    pages = [re.sub(r'value="[^"]{64}"', "", main(response)) for response in declined]
    assert pages[0] == pages[1]
    assert "sign in</a> and cancel that registration too" in pages[0]
    assert event.registrations.get().state == Registration.State.CONFIRMED


def test_whoever_has_registered_and_signs_in_is_led_to_their_registration(
    client, invite, event, member, book
) -> None:
    invitation, registration = invite(member.email), book(event, member)
    client.force_login(member)

    shown = text(client.get(url_of(invitation)))
    refused = client.post(url_of(invitation), {"answer": "declined"})

    assert reverse("events:registration", args=[registration.uuid]) in shown
    assert 'name="answer"' not in shown
    assert (refused.status_code, "You are registered for this event." in text(refused)) == (409, True)


# --- The way on ----------------------------------------------------------------------------------------------------------


def test_accepting_signed_in_leads_to_the_form(client, invite, event, member) -> None:
    client.force_login(member)
    invitation = invite(member.email)
    assert client.post(url_of(invitation), {"answer": "accepted"})["Location"] == form_url(event)
    invitation.refresh_from_db()
    assert (invitation.answer, invitation.member) == ("accepted", member)


def test_accepting_with_an_account_leads_to_sign_in_and_then_the_form(client, invite, event, member) -> None:
    answered = client.post(url_of(invite(member.email)), {"answer": "accepted"})
    expected = f"{reverse('account_login')}?next={form_url(event).replace('/', '%2F')}"
    assert answered["Location"] == expected


def test_accepting_signed_in_as_somebody_else_says_so_and_does_nothing(
    client, invite, other_member, member
) -> None:
    client.force_login(other_member)
    invitation = invite(member.email)
    shown = text(client.get(url_of(invitation)))
    assert (
        f"This invitation was sent to p…@force.example. You are signed in as {other_member.email}." in shown
    )
    assert 'value="accepted"' not in shown
    assert member.email not in shown
    assert client.post(url_of(invitation), {"answer": "accepted"}).status_code == 409
    invitation.refresh_from_db()
    assert invitation.answer == ""


def test_accepting_without_an_account_leads_to_one_with_the_address_confirmed(
    client, invite, event, force
) -> None:
    OrganisationDomain.objects.create(organisation=force, domain="force.example")
    invitation = invite()
    answered = client.post(url_of(invitation), {"answer": "accepted"})
    assert answered["Location"] == url_of(invitation, "sign_up_invited")
    shown = text(client.get(answered["Location"]))
    assert f'value="{ADDRESS}"' in shown
    assert "disabled" in shown
    before = OutgoingMail.objects.count()
    answered = sign_up(client, invitation, email="somebody.else@force.example")
    assert answered["Location"] == form_url(event)
    user = User.objects.get(email=ADDRESS)
    assert (user.is_approved, user.organisation) == (True, force)
    assert EmailAddress.objects.get(user=user).verified
    assert client.session["_auth_user_id"] == str(user.pk)
    # No letter to confirm the address: only the welcome.
    kinds = set(OutgoingMail.objects.filter(recipient=ADDRESS).values_list("kind", flat=True))
    assert [kind for kind in kinds if "confirm" in kind] == []
    assert OutgoingMail.objects.count() == before + 1
    assert "Your account is there. Now register for the event." in text(client.get(form_url(event)))
    client.post(form_url(event))
    assert Registration.objects.get().member == user
    invitation.refresh_from_db()
    assert invitation.member == user


def test_signing_up_at_an_unknown_domain_waits_for_a_decision_and_the_invitation_stays(
    client, invite, make_event
) -> None:
    event = make_event(audience=Audience.INVITED)
    invitation = invite("guest@unknown.example", of=event)
    client.post(url_of(invitation), {"answer": "accepted"})
    sign_up(client, invitation)
    user = User.objects.get(email="guest@unknown.example")
    assert user.is_waiting
    shown = text(client.get(form_url(event)))
    assert "once your membership is approved" in shown
    assert "Your account is there." in shown
    assert "Now register" not in shown
    User.objects.filter(pk=user.pk).update(state=User.State.APPROVED, waiting_since=None)
    client.post(form_url(event))
    assert Registration.objects.get().member == user


def test_signing_up_takes_the_address_from_whoever_never_proved_it(client, invite) -> None:
    squatter = User.objects.create_user(ADDRESS, "another-long-password")
    EmailAddress.objects.create(user=squatter, email=ADDRESS, primary=True, verified=False)
    invitation = invite()
    answered = client.post(url_of(invitation), {"answer": "accepted"})
    assert answered["Location"] == url_of(invitation, "sign_up_invited")
    sign_up(client, invitation)
    user = User.objects.get(email=ADDRESS)
    assert user.uuid != squatter.uuid
    assert user.check_password(PASSWORD)


def test_signing_up_with_what_cannot_be_keeps_what_was_typed(client, invite) -> None:
    invitation = invite()
    client.post(url_of(invitation), {"answer": "accepted"})
    answered = sign_up(client, invitation, password1="short")
    assert answered.status_code == 200
    assert 'value="Person"' in text(answered)
    assert not User.objects.filter(email=ADDRESS).exists()
    assert "account_verified_email" not in client.session


@pytest.mark.parametrize("said", ["", "declined"])
def test_signing_up_needs_an_acceptance(client, invite, now, said) -> None:
    invitation = invite()
    Invitation.objects.filter(pk=invitation.pk).update(answer=said, answered_at=now if said else None)
    answered = sign_up(client, invitation)
    assert answered["Location"] == url_of(invitation)
    assert not User.objects.filter(email=ADDRESS).exists()


def test_signing_up_twice_leads_to_sign_in(client, invite) -> None:
    invitation = invite()
    client.post(url_of(invitation), {"answer": "accepted"})
    sign_up(client, invitation)
    answered = sign_up(Client(), invitation)
    assert answered["Location"].startswith(reverse("account_login"))
    assert User.objects.filter(email=ADDRESS).count() == 1


def test_signing_up_with_a_link_that_was_made_up(client) -> None:
    answered = client.get(reverse("events:sign_up_invited", args=["made-up"]))
    assert answered["Location"] == reverse("events:answer_invitation", args=["made-up"])


def test_stopping_invitations_from_the_letter(client, invite, now: datetime) -> None:
    invitation = invite()
    letter = OutgoingMail.objects.get(dedupe_key=invitation.letter_id)
    client.post(stop_url(letter))
    assert barred([letter]) == {letter.pk: "Stopped by its reader: Invitations to events"}
