"""Cancelling from a letter: without signing in, and naming nobody."""

import re
from datetime import UTC, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from events import actions, links
from events.models import Registration
from mailing.composition import composed
from mailing.models import OutgoingMail
from tests.events.filling import said

State = Registration.State
HOUR = timedelta(hours=1)


def test_a_link_to_cancel_names_nobody_and_works_once(client, event, member, book, letters_text):
    registration = book(event, member)
    url = re.findall(r"https://portal\.example(\S*/cancel/\S*)", letters_text("place_booked"))[0]

    shown = client.get(url).content.decode()
    registration.refresh_from_db()
    assert registration.state == State.CONFIRMED
    assert event.title in shown
    assert not {member.email, member.first_name, member.last_name} & set(re.findall(r"[\w@.]+", shown))

    after = client.post(url, follow=True)
    registration.refresh_from_db()
    assert registration.state == State.CANCELLED
    assert "This registration has ended" in after.content.decode()
    assert said(after) == ["You cancelled your registration."]
    assert client.post(url).status_code == 200
    assert OutgoingMail.objects.filter(kind="events/mail/registration_cancelled").count() == 1


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("waiting", "You left the waiting list."),
        ("offered", "You declined the place, and left the waiting list."),
        ("awaiting approval", "You cancelled your registration."),
    ],
)
def test_a_link_to_cancel_says_what_one_did(client, event, member, now, state, sentence):
    registration = Registration.objects.create(
        event=event,
        member=member,
        state=state,
        registered_at=now,
        waiting_number=1,
        offer_expires_at=timezone.now() + 48 * HOUR if state == "offered" else None,
    )
    url = reverse("events:cancel_by_link", args=[links.token(links.CANCEL, registration.uuid)])

    assert said(client.post(url, follow=True)) == [sentence]


def test_every_letter_about_an_active_registration_cancels_in_one_click(
    client, make_event, make_members, book, wait, letters_text, now
):
    event = make_event(capacity=1)
    first, second = make_members(2)
    held, waiting = book(event, first), wait(event, second)
    actions.cancel_registration(registration=held, actor=first, now=now)

    for kind in ("place_booked", "waiting_list_joined", "place_offered"):
        assert "without signing in:\nhttps://portal.example/events/registrations/cancel/" in letters_text(
            kind
        )
    url = re.findall(r"https://portal\.example(\S*/cancel/\S*)", letters_text("place_offered"))[0]
    client.post(url)
    waiting.refresh_from_db()
    assert waiting.state == State.CANCELLED


@pytest.fixture
def letters_text():
    def read(kind: str) -> str:
        return composed(OutgoingMail.objects.filter(kind=f"events/mail/{kind}").latest("pk")).text

    return read


@pytest.mark.parametrize("token", ["nothing", "0123456789abcdef0123456789abcdef.forged"])
def test_a_wrong_link_to_cancel_is_not_there(client, event, member, book, token):
    registration = book(event, member)
    tokens = [token, f"{registration.uuid.hex}.forged"]

    assert [client.post(reverse("events:cancel_by_link", args=[one])).status_code for one in tokens] == [
        404,
        404,
    ]
    registration.refresh_from_db()
    assert registration.state == State.CONFIRMED
    assert registration.registered_at.tzinfo == UTC
