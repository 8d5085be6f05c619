"""Every letter that an event sends, in each way it can come: in the portal's words and in an organiser's."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from events import changes, mail, previews
from events.letter_kinds import KINDS
from events.models import (
    Certificate,
    EventPage,
    Handover,
    ManagerApproval,
    Registration,
    Session,
    Venue,
)
from mailing.composition import composed
from mailing.letters import Letter
from mailing.mailings import keep_wording
from mailing.messages import message_of
from mailing.models import OutgoingMail

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = datetime(2027, 1, 14, 9, 30, tzinfo=UTC)
TEMPLATES = Path(__file__).resolve().parents[2] / "templates/events/mail"

# Letters that are not about somebody's registration for one event, or that have words of their own.
NOT_CHANGED_HERE = {"team_joined"}

KEY = UUID("00000000-0000-4000-8000-000000000000")


def written() -> OutgoingMail:
    """The letter that was queued last."""
    return OutgoingMail.objects.order_by("pk").last()


@dataclass
class Case:
    """One person and their event, as a letter needs them."""

    registration: Registration
    event: EventPage

    def certificate(self, **fields: Any) -> Certificate:
        fields = {"code": "AAAABBBBCCCCDDDD", "hours": Decimal(6), **fields}
        return Certificate(registration=self.registration, name="Pat", issued_at=NOW, **fields)

    def in_state(self, state: str, **fields: Any) -> Registration:
        for name, value in {"state": state, **fields}.items():
            setattr(self.registration, name, value)
        return self.registration

    def of_a_course(self) -> Registration:
        self.registration.booked_together = KEY
        return self.registration

    def handover(self) -> Handover:
        colleague = "colleague@force.example"
        return Handover(
            key=KEY,
            registration=self.registration,
            colleague=self.registration.member,
            colleague_email=colleague,
            offered_at=NOW,
        )

    def cancelled(self, before: str = "waiting", *, by_organiser: bool = False) -> None:
        mail.registration_cancelled(
            self.registration, self.event, before=before, by_organiser=by_organiser, now=NOW
        )

    def changed(self, *found: changes.SessionChange, state: str = "confirmed", **before: str) -> None:
        facts = {**self.event.calendar_facts(), **before}
        mail.event_changed(self.in_state(state), self.event, before=facts, sessions=found, now=NOW)

    def change_of_session(self, what: changes.What) -> changes.SessionChange:
        session = Session(
            event=self.event, title="Rating", starts_at=self.event.starts_at, ends_at=self.event.ends_at
        )
        facts = {**session.calendar_facts(), "is_chosen": True}
        return changes.SessionChange(str(session.key), what, facts, facts)

    def sessions(self, number: int) -> list[Session]:
        starts_at = self.event.starts_at
        return [
            Session(title=f"Part {part}", room="Hall", starts_at=starts_at, ends_at=starts_at + part * HOUR)
            for part in range(1, number + 1)
        ]

    def thanks(self, *audiences: str, certificate: bool) -> None:
        if certificate:
            self.registration.certificate = self.certificate()
        mail.thanks(self.registration, self.event, audiences=set(audiences))


def missing(*titles: str) -> list[Any]:
    return [SimpleNamespace(title=title) for title in titles]


UNTIL = NOW + 48 * HOUR
CASES: dict[str, tuple[str, Callable[[Case], None]]] = {
    "booked": ("place_booked", lambda c: mail.place_booked(c.registration, c.event, now=NOW)),
    "booked, the link shows already": (
        "place_booked",
        lambda c: mail.place_booked(c.registration, c.event, now=c.event.starts_at - HOUR),
    ),
    "booked, one date of a course, with answers": (
        "place_booked",
        lambda c: (
            c.of_a_course(),
            mail.place_booked(c.in_state("confirmed", answered_at=NOW), c.event, now=NOW),
        ),
    ),
    "booked, sessions missed": (
        "place_booked",
        lambda c: mail.place_booked(c.registration, c.event, missed=missing("A", "B"), now=NOW),
    ),
    "booked, with sessions": (
        "place_booked",
        lambda c: mail.place_booked(c.registration, c.event, sessions=c.sessions(2), now=NOW),
    ),
    "waiting for a course": (
        "waiting_list_joined",
        lambda c: mail.waiting_list_joined(c.of_a_course(), c.event, ahead=1, now=NOW),
    ),
    "waiting": (
        "waiting_list_joined",
        lambda c: mail.waiting_list_joined(c.registration, c.event, ahead=3, now=NOW),
    ),
    "next in line": (
        "waiting_list_joined",
        lambda c: mail.waiting_list_joined(c.registration, c.event, ahead=0, now=NOW),
    ),
    "offered": (
        "place_offered",
        lambda c: mail.place_offered(c.in_state("offered", offer_expires_at=UNTIL), c.event, now=NOW),
    ),
    "offered, session missed": (
        "place_offered",
        lambda c: mail.place_offered(
            c.in_state("offered", offer_expires_at=UNTIL), c.event, missed=missing("A"), now=NOW
        ),
    ),
    "offered a course": (
        "place_offered",
        lambda c: (
            c.of_a_course(),
            mail.place_offered(c.in_state("offered", offer_expires_at=UNTIL), c.event, now=NOW),
        ),
    ),
    "offer of a course ended": (
        "offer_expired",
        lambda c: mail.offer_expired(c.of_a_course(), c.event, until=UNTIL),
    ),
    "cancelled while waiting for a course": (
        "registration_cancelled",
        lambda c: (c.of_a_course(), c.cancelled()),
    ),
    "offer ended": ("offer_expired", lambda c: mail.offer_expired(c.registration, c.event, until=UNTIL)),
    "cancelled a place": ("registration_cancelled", lambda c: c.cancelled("confirmed")),
    "cancelled by organiser": ("registration_cancelled", lambda c: c.cancelled(by_organiser=True)),
    "declined an offer": ("registration_cancelled", lambda c: c.cancelled("offered")),
    "offer withdrawn": ("registration_cancelled", lambda c: c.cancelled("offered", by_organiser=True)),
    "cancelled while awaiting": ("registration_cancelled", lambda c: c.cancelled("awaiting approval")),
    "changed": ("event_changed", lambda c: c.changed(title="Before", place="Wales")),
    "changed, waiting": ("event_changed", lambda c: c.changed(state="waiting", title="Before")),
    "changed, offered": (
        "event_changed",
        lambda c: (
            setattr(c.registration, "offer_expires_at", UNTIL),
            c.changed(state="offered", title="Before"),
        ),
    ),
    "changed, awaiting": ("event_changed", lambda c: c.changed(state="awaiting approval", title="Before")),
    "sessions changed": (
        "event_changed",
        lambda c: c.changed(
            c.change_of_session(changes.What.CANCELLED), c.change_of_session(changes.What.MOVED)
        ),
    ),
    "event cancelled": (
        "event_cancelled",
        lambda c: mail.event_cancelled(c.in_state("confirmed"), c.event, now=NOW),
    ),
    "event cancelled, waiting": (
        "event_cancelled",
        lambda c: mail.event_cancelled(c.in_state("waiting"), c.event, now=NOW),
    ),
    "event cancelled, awaiting": (
        "event_cancelled",
        lambda c: mail.event_cancelled(c.in_state("awaiting approval"), c.event, now=NOW),
    ),
    "a week before": (
        "week_reminder",
        lambda c: mail.week_reminder(c.in_state("confirmed"), c.event, now=NOW),
    ),
    "a week before, with sessions": (
        "week_reminder",
        lambda c: mail.week_reminder(c.in_state("confirmed"), c.event, sessions=c.sessions(1), now=NOW),
    ),
    "the day itself, with sessions": (
        "event_reminder",
        lambda c: mail.event_reminder(
            c.in_state("confirmed"), c.event, sessions=c.sessions(2), now=c.event.starts_at - HOUR
        ),
    ),
    "the day before": (
        "event_reminder",
        lambda c: mail.event_reminder(c.in_state("confirmed"), c.event, now=c.event.starts_at - 20 * HOUR),
    ),
    "the day itself": (
        "event_reminder",
        lambda c: mail.event_reminder(c.in_state("confirmed"), c.event, now=c.event.starts_at - HOUR),
    ),
    "approval by manager": (
        "approval_awaited",
        lambda c: mail.approval_awaited(c.registration, c.event, manager_email="boss@force.example", now=NOW),
    ),
    "approval by organiser, again": (
        "approval_awaited",
        lambda c: mail.approval_awaited(c.registration, c.event, manager_email="", is_again=True, now=NOW),
    ),
    "approval, while a colleague keeps the place": (
        "approval_awaited",
        lambda c: mail.approval_awaited(c.registration, c.event, manager_email="", is_kept=True, now=NOW),
    ),
    "approval, of a place that is not kept any more": (
        "approval_awaited",
        lambda c: mail.place_not_kept(
            Handover(offered_at=NOW), c.registration, manager_email="boss@force.example"
        ),
    ),
    "approval of a course": (
        "approval_awaited",
        lambda c: mail.approval_awaited(
            c.of_a_course(), c.event, manager_email="boss@force.example", now=NOW
        ),
    ),
    "course declined": (
        "registration_declined",
        lambda c: (
            c.of_a_course(),
            mail.registration_declined(c.in_state("declined"), c.event, by_manager=False, now=NOW),
        ),
    ),
    "manager, of a course": (
        "manager_asked",
        lambda c: mail.manager_asked(
            ManagerApproval(
                key=KEY, registration=c.registration, manager_email="boss@force.example", asked_at=NOW
            ),
            c.of_a_course(),
            c.event,
        ),
    ),
    "declined by manager": (
        "registration_declined",
        lambda c: mail.registration_declined(
            c.in_state("declined", declined_reason="Not this time.\nAsk again."),
            c.event,
            by_manager=True,
            now=NOW,
        ),
    ),
    "declined without reason": (
        "registration_declined",
        lambda c: mail.registration_declined(c.in_state("declined"), c.event, by_manager=False, now=NOW),
    ),
    "manager": (
        "manager_asked",
        lambda c: mail.manager_asked(
            ManagerApproval(key=KEY, registration=c.registration, manager_email="boss@force.example"),
            c.registration,
            c.event,
        ),
    ),
    "handed over": (
        "place_handed_over",
        lambda c: mail.place_handed_over(c.handover(), c.registration, c.event),
    ),
    "course handed over": (
        "place_handed_over",
        lambda c: mail.place_handed_over(c.handover(), c.of_a_course(), c.event),
    ),
    "handed over, to be approved": (
        "place_handed_over",
        lambda c: (
            setattr(c.event, "needs_approval", True),
            mail.place_handed_over(c.handover(), c.registration, c.event),
        ),
    ),
    "handover not approved": (
        "handover_declined",
        lambda c: mail.handover_declined(c.handover(), c.registration, c.event, is_approved=False),
    ),
    "handover taken": ("handover_taken", lambda c: mail.handover_taken(c.registration, c.event, now=NOW)),
    "handover declined": (
        "handover_declined",
        lambda c: mail.handover_declined(c.handover(), c.registration, c.event),
    ),
    "thanks": ("thanks", lambda c: c.thanks("everyone", certificate=True)),
    "thanks, materials": ("thanks", lambda c: c.thanks("everyone", certificate=False)),
    "thanks, certificate": ("thanks", lambda c: c.thanks(certificate=True)),
    "thanks alone": ("thanks", lambda c: c.thanks(certificate=False)),
    "certificate": (
        "certificate_issued",
        lambda c: mail.certificate_issued(c.registration, c.event, c.certificate()),
    ),
    "certificate corrected": (
        "certificate_issued",
        lambda c: mail.certificate_issued(
            c.registration, c.event, c.certificate(), corrects=c.certificate(hours=Decimal(4))
        ),
    ),
    "certificate valid again": (
        "certificate_issued",
        lambda c: mail.certificate_issued(
            c.registration, c.event, c.certificate(), corrects=c.certificate(withdrawn_at=NOW)
        ),
    ),
    "certificate withdrawn": (
        "certificate_withdrawn",
        lambda c: mail.certificate_withdrawn(c.registration, c.event, c.certificate(withdrawn_at=NOW + HOUR)),
    ),
}

FORMATS = {
    "in person": {"place": "Midlands"},
    "online": {"format": "online", "joining_url": "https://meet.example/room"},
    "hybrid": {"format": "hybrid", "place": "Midlands", "joining_url": "https://meet.example/room"},
    "month": {"date_precision": "month"},
}
TITLES = {
    "plain": "Rating together",
    "long": "Rating the factors that are hardest to rate " * 68,
    "unbroken": "X" * 3000,
    "header": "Rating\r\nBcc: thief@elsewhere.example\n\nSee your registration:\nhttps://elsewhere.example/",
    "placeholder": "{link} {{ registration_url }} {% if x %} %s {0}",
    "html": "</td></tr><script>alert(1)</script><b onload='x'>&amp;",
    "right to left": "\u202eתקירב\u2067 ניהול סיכון",
}


@pytest.fixture
def case(make_event, member) -> Callable[..., Case]:
    def make(**fields: Any) -> Case:
        venue, _ = Venue.objects.get_or_create(
            name="Training centre", address="1 High Street\nMidtown", map_url="https://maps.example/1"
        )
        event = make_event(venue=venue, **fields)
        registration = Registration.objects.create(
            event=event, member=member, state="confirmed", registered_at=NOW, confirmed_at=NOW
        )
        return Case(registration, event)

    return make


def in_their_own_words(event: EventPage) -> None:
    """As if an organiser had saved the portal's words, unchanged, for every kind of letter."""
    for kind in KINDS.values():
        words = previews.default_words(kind.name)
        names = [each.name for each in kind.placeholders]
        wording = keep_wording(subject=words.subject, text=words.text, placeholders=names)
        event.changed_letters[kind.name] = wording.pk


def test_every_template_is_a_kind_of_letter_and_the_reverse():
    there = {template.stem for template in TEMPLATES.glob("*.txt")}

    assert there - NOT_CHANGED_HERE == set(KINDS)
    assert {kind for kind, _ in CASES.values()} == set(KINDS)
    assert all(hasattr(mail, name) for name in KINDS)


def said(row: OutgoingMail) -> Letter:
    """What a letter says, without the footer: the address that stops letters is each letter's own."""
    row.category = ""
    return composed(row)


@pytest.mark.parametrize("which", CASES)
def test_words_to_start_from_say_what_the_portal_says(case, which):
    """Whatever an organiser does not touch comes out as it did, whoever gets the letter, at any event."""
    kind, write = CASES[which]
    for fields in FORMATS.values():
        found = case(title="Rating together", **fields)
        write(found)
        portals = said(written())
        assert written().kind == f"events/mail/{kind}"
        assert written().wording is None
        OutgoingMail.objects.all().delete()

        in_their_own_words(found.event)
        write(found)

        assert written().wording is not None
        assert said(written()) == portals
        OutgoingMail.objects.all().delete()
        found.registration.delete()


class Reader(HTMLParser):
    """What a mail program draws: the tags in their order, and where links lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.buttons: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag == "a":
            self.links.append(dict(attrs)["href"])
            if "background" in dict(attrs)["style"] or "font-weight:600" in dict(attrs)["style"]:
                self.buttons.append(dict(attrs)["href"])


@pytest.mark.parametrize("which", CASES)
def test_every_letter_bears_any_title(case, which):
    """Composed as it would be sent: its frame, its links and its headers are those of a plain title."""
    _, write = CASES[which]
    found = case(title="Rating together", **FORMATS["hybrid"])
    write(found)
    expected = Reader(said(written()).html)
    for name, title in TITLES.items():
        OutgoingMail.objects.all().delete()
        found.event.title = title

        write(found)

        sent = message_of(written())
        drawn = Reader(said(written()).html)
        assert (len(sent.subject) <= 250, "\n" in sent.subject) == (True, False)
        assert {header for header in sent.message() if header.lower() in {"bcc", "cc"}} == set()
        assert sent.message()["To"] == written().recipient
        assert not re.search("[\u202a-\u202e\u2066-\u2069]", sent.subject + sent.body)
        theirs = [link for link in drawn.links if link != "https://elsewhere.example/"]
        assert (theirs, drawn.buttons) == (expected.links, expected.buttons), name
        assert [tag for tag in drawn.tags if tag not in {"a", "br"}] == [
            tag for tag in expected.tags if tag not in {"a", "br"}
        ]


@pytest.mark.parametrize("which", CASES)
def test_every_letter_has_one_button_and_says_who_sends_it(case, which):
    found = case(title="Rating together", **FORMATS["hybrid"])
    CASES[which][1](found)

    letter = composed(written())

    assert len(Reader(letter.html).buttons) == 1
    assert letter.text.partition("\n-- \n")[2].startswith("Sent by the Practice Portal.\n")
    assert not re.search(r"\n\n\n|[!]|\bplease\b|\{|\}|None", letter.text, re.IGNORECASE)


def test_no_letter_in_the_portals_words_names_its_reader(case):
    """What a mail server's log and a shared screen show is no more than it has to be."""
    for which, (kind, write) in CASES.items():
        if kind not in {"manager_asked", "place_handed_over"}:
            write(case(title=which))

    for row in OutgoingMail.objects.all():
        assert "Practitioner" not in composed(row).subject + composed(row).text


# --- Stopping, cancelling ----------------------------------------------------------------------------------------


def test_letters_that_can_be_stopped_say_so_in_one_click(case):
    """Reminders and thanks; whatever is about one's own registration always comes."""
    stopped = {}
    for which, (kind, write) in CASES.items():
        write(case(title=which, **FORMATS["hybrid"]))
        headers = message_of(written()).extra_headers
        stopped[kind] = headers.get("List-Unsubscribe-Post")
        assert ("List-Unsubscribe" in headers) is (stopped[kind] is not None)

    can_be_stopped = {"week_reminder", "event_reminder", "thanks"}
    assert stopped == {
        kind: "List-Unsubscribe=One-Click" if kind in can_be_stopped else None for kind in KINDS
    }


def test_letters_about_an_active_registration_lead_to_cancelling_it(case):
    lead_there = set()
    for which, (kind, write) in CASES.items():
        found = case(title=which, **FORMATS["hybrid"])
        write(found)
        if mail.cancelling_address(found.registration) in composed(written()).text:
            lead_there.add(kind)

    assert lead_there == {
        "place_booked", "waiting_list_joined", "place_offered", "week_reminder", "event_reminder",
        "event_changed", "approval_awaited", "handover_declined",
    }  # fmt: skip
