"""Events, and people who come to them."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from django.contrib.auth.models import Group
from django.db.models import Max
from django.test import Client

from events import actions, invitation_letters, invitation_wording
from events.audiences import Chosen
from events.letter_kinds import KINDS
from events.models import (
    ConferencePage,
    EventIndexPage,
    EventPage,
    Handover,
    Invitation,
    InvitationWave,
    Question,
    Registration,
    Session,
    WorkshopPage,
)
from events.placeholders import Words
from mailing.models import OutgoingMail
from members.models import User
from tests.events.rounds import deliver


@pytest.fixture
def index(site_tree) -> EventIndexPage:
    return EventIndexPage.objects.get()


@pytest.fixture
def make_event(index, now) -> Callable[..., EventPage]:
    """A published workshop in ten weeks; whatever is named differs."""
    made = 0

    def make(model: type[EventPage] = WorkshopPage, /, **fields: Any) -> EventPage:
        nonlocal made
        made += 1
        starts_at = fields.pop("starts_at", now + timedelta(weeks=10))
        values = {
            "title": f"Workshop {made}",
            "slug": f"event-{made}",
            "summary": "Worked examples, rated together.",
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(hours=3),
            "place": "" if fields.get("format") == EventPage.Format.ONLINE else "Midlands",
            "first_published_at": now - timedelta(days=30),
            "last_published_at": now - timedelta(days=20),
            **fields,
        }
        event = model(**values)
        index.add_child(instance=event)
        return event

    return make


@pytest.fixture
def event(make_event) -> EventPage:
    return make_event()


@pytest.fixture
def conference(make_event) -> EventPage:
    return make_event(ConferencePage, title="Managing risk together")


@pytest.fixture
def make_members(force) -> Callable[[int], list[User]]:
    """So many approved members of one force."""
    made = 0

    def make(number: int) -> list[User]:
        nonlocal made
        members = [
            User(
                email=f"member-{made + position}@force.example",
                first_name="Member",
                last_name=str(made + position),
                organisation=force,
                state=User.State.APPROVED,
                password="!",
            )
            for position in range(number)
        ]
        made += number
        return User.objects.bulk_create(members)

    return make


@pytest.fixture
def book(now) -> Callable[..., Registration]:
    """Register a member through the action, as the member."""

    def book_place(event: EventPage, member: User, at: datetime = now) -> Registration:
        return actions.book_place(event=event, member=member, actor=member, now=at)

    return book_place


@pytest.fixture
def wait(now) -> Callable[..., Registration]:
    """Put a member on the waiting list, as the member."""

    def join_waiting_list(event: EventPage, member: User, at: datetime = now) -> Registration:
        return actions.join_waiting_list(event=event, member=member, actor=member, now=at)

    return join_waiting_list


@pytest.fixture
def give(now) -> Callable[..., Handover]:
    """Pass a place to whoever has an address, as its holder."""

    def hand_over(registration, address: str, at=now) -> Handover:
        return actions.hand_over(
            registration=registration, colleague_email=address, actor=registration.member, now=at
        )

    return hand_over


@pytest.fixture
def fill(make_members) -> Callable[[EventPage, int], list[Registration]]:
    """Confirmed registrations by the dozen, past the actions: no letters."""

    def register(event: EventPage, number: int, state: str = "confirmed") -> list[Registration]:
        has_number = state in {"waiting", "set aside"}
        last = event.registrations.aggregate(last=Max("waiting_number"))["last"] or 0
        return Registration.objects.bulk_create(
            Registration(
                event=event,
                member=member,
                organisation=member.organisation,
                state=state,
                registered_at=event.starts_at - timedelta(weeks=11),
                waiting_number=position if has_number else None,
            )
            for position, member in enumerate(make_members(number), start=last + 1)
        )

    return register


@pytest.fixture
def ask(event):
    """Put a question into the form of the event."""

    def make(label: str, kind: str = "text", **fields) -> Question:
        return Question.objects.create(event=event, label=label, kind=kind, **fields)

    return make


@pytest.fixture
def organiser(site_tree) -> User:
    """Staff who run events."""
    organiser = User.objects.create_user(
        "organiser@portal.example",
        first_name="Demo",
        last_name="Organiser",
        state=User.State.APPROVED,
        is_staff=True,
    )
    organiser.groups.add(Group.objects.get(name="Organisers"))
    return organiser


@pytest.fixture
def signed_in(client, member) -> Client:
    """The browser of the member."""
    client.force_login(member)
    return client


@pytest.fixture
def make_question() -> Callable[..., Question]:
    """A question at the end of an event's form."""

    def make(event, label: str, kind: str = Question.Kind.TEXT, **fields) -> Question:
        return Question.objects.create(
            event=event, label=label, kind=kind, sort_order=event.questions.count(), **fields
        )

    return make


@pytest.fixture
def make_session() -> Callable[..., Session]:
    """A session that people choose: so many hours after the event's start, for one hour."""

    def make(event, title: str, after: float = 0, hours: float = 1, **fields) -> Session:
        starts_at = event.starts_at + after * timedelta(hours=1)
        return Session.objects.create(
            **{
                "event": event,
                "title": title,
                "starts_at": starts_at,
                "ends_at": starts_at + hours * timedelta(hours=1),
                "is_chosen": True,
                **fields,
            }
        )

    return make


@pytest.fixture
def small(make_event) -> EventPage:
    """One place, and a waiting list."""
    return make_event(capacity=1)


@pytest.fixture
def offered(small, make_members, book, wait, now) -> Registration:
    """An offer to the second of three members, 48 hours from now; the third waits."""
    first, second, third = make_members(3)
    registration = book(small, first)
    wait(small, second)
    wait(small, third)
    actions.cancel_registration(registration=registration, actor=first, now=now)
    OutgoingMail.objects.all().delete()
    return small.registrations.get(member=second)


@pytest.fixture
def put(now) -> Callable[..., Registration]:
    """Write a registration in any state, past the actions."""

    def write(event: EventPage, member: User, state: str, *, waiting_number: int = 1) -> Registration:
        return Registration.objects.create(
            event=event,
            member=member,
            state=state,
            registered_at=now,
            waiting_number=waiting_number,
            offer_expires_at=now + timedelta(days=1) if state == "offered" else None,
        )

    return write


@pytest.fixture
def at_desk() -> Callable[[User], Client]:
    """A browser in which staff signed in with a second factor, as the admin asks for."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        session = client.session
        session["account_authentication_methods"] = [{"method": "mfa", "at": 0, "type": "totp"}]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()
        return client

    return sign_in


@pytest.fixture
def desk(at_desk, organiser) -> Client:
    """The browser of an organiser in the admin."""
    return at_desk(organiser)


@pytest.fixture
def stopped_clock(now) -> Iterator[None]:
    """The clock stands at `now`, also inside views."""
    with mock.patch("django.utils.timezone.now", return_value=now):
        yield


@pytest.fixture
def make_wave(event, organiser, now) -> Callable[..., InvitationWave]:
    """A draft of invitations, for nobody unless told: members by `chosen`, others by `lines`."""

    def make(
        chosen: Chosen | None = None, *, of: EventPage = event, lines: Iterable[str] = (), **fields: Any
    ) -> InvitationWave:
        plan = actions.Plan(
            name="Invitations",
            wording=actions.keep_wording(subject=invitation_wording.SUBJECT, text=invitation_wording.TEXT),
            reminder_wording=actions.keep_wording(
                subject=invitation_wording.REMINDER_SUBJECT, text=invitation_wording.REMINDER_TEXT
            ),
            chosen=chosen or Chosen(),
            **fields,
        )
        wave = actions.make_wave(event=of, plan=plan, actor=organiser, now=now)
        if lines:
            actions.keep_list(wave=wave, lines=[f"{line}\n".encode() for line in lines])
        return wave

    return make


@pytest.fixture
def send(organiser, now) -> Callable[..., InvitationWave]:
    """Start a round of invitations, and let the worker write it."""

    def start(wave: InvitationWave, at: datetime = now) -> InvitationWave:
        actions.start_wave(wave=wave, actor=organiser, now=at)
        due = invitation_letters.waves_to_write(at).get(pk=wave.pk)
        invitation_letters.write_wave(wave=due, now=at)
        return InvitationWave.objects.select_related("mailing", "event", "reminder_wording").get(pk=wave.pk)

    return start


@pytest.fixture
def invitation(make_wave, send, now) -> Invitation:
    """One that was delivered, in a round with two reminders."""
    wave = send(make_wave(lines=["one@a.example,Role One"], reminders=2, days_between=7))
    deliver(wave.mailing, now)
    return wave.invitations.select_related("event", "wave__mailing").get()


@pytest.fixture
def change(organiser, now) -> Callable[..., None]:
    """Change a letter's words, as the organiser."""

    def change_letter(event: EventPage, words: Words, kind: str = "place_booked") -> None:
        actions.change_letter(event=event, kind=KINDS[kind], words=words, actor=organiser, now=now)

    return change_letter
