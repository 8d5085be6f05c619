"""Every letter that an event sends: in the portal's words and in an organiser's, and changing them."""

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
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import ModelLogEntry, PageLogEntry

from events import actions, changes, mail, previews
from events.letter_kinds import KINDS, LetterKind, Words
from events.models import (
    Certificate,
    ConferencePage,
    EventLetter,
    EventPage,
    Handover,
    ManagerApproval,
    Registration,
    Session,
    TeamMember,
    Venue,
)
from mailing.composition import attached, composed
from mailing.letters import Letter
from mailing.mailings import WordingError, keep_wording
from mailing.messages import message_of
from mailing.models import OutgoingMail, Wording

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = datetime(2027, 1, 14, 9, 30, tzinfo=UTC)
TEMPLATES = Path(__file__).resolve().parents[2] / "templates/events/mail"

# Letters that are not about somebody's registration for one event, or that have words of their own.
NOT_CHANGED_HERE = {"team_joined"}

KEY = UUID("00000000-0000-4000-8000-000000000000")


def written() -> OutgoingMail:
    """The letter that was queued last."""
    return OutgoingMail.objects.order_by("pk").last()


def confirmation() -> Words:
    return Words("Welcome to {event}", "Dear {first_name},\n\nSee you {when}.\n\nYour registration:\n{link}")


@pytest.fixture
def change(organiser) -> Callable[..., None]:
    """Change a letter's words, as the organiser."""

    def change_letter(event: EventPage, words: Words, kind: str = "place_booked") -> None:
        actions.change_letter(event=event, kind=KINDS[kind], words=words, actor=organiser, now=NOW)

    return change_letter


# --- Each letter, each way it can come ---------------------------------------------------------------------------


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

    def handover(self) -> Handover:
        colleague = "colleague@force.example"
        return Handover(
            key=KEY,
            registration=self.registration,
            colleague=self.registration.member,
            colleague_email=colleague,
        )

    def cancelled(self, **how: bool) -> None:
        facts = {"had_place": False, "awaited": False, "by_organiser": False, **how}
        mail.registration_cancelled(self.registration, self.event, **facts, now=NOW)

    def changed(self, *found: changes.SessionChange, state: str = "confirmed", **before: str) -> None:
        facts = {**self.event.calendar_facts(), **before}
        mail.event_changed(self.in_state(state), self.event, before=facts, sessions=found, now=NOW)

    def change_of_session(self, what: changes.What) -> changes.SessionChange:
        session = Session(
            event=self.event, title="Rating", starts_at=self.event.starts_at, ends_at=self.event.ends_at
        )
        facts = {**session.calendar_facts(), "is_chosen": True}
        return changes.SessionChange(str(session.key), what, facts, facts)

    def thanks(self, *audiences: str, certificate: bool) -> None:
        if certificate:
            self.registration.certificate = self.certificate()
        mail.thanks(self.registration, self.event, audiences=set(audiences))


def missing(*titles: str) -> list[Any]:
    return [SimpleNamespace(title=title) for title in titles]


UNTIL = NOW + 48 * HOUR
CASES: dict[str, tuple[str, Callable[[Case], None]]] = {
    "booked": ("place_booked", lambda c: mail.place_booked(c.registration, c.event, now=NOW)),
    "booked, sessions missed": (
        "place_booked",
        lambda c: mail.place_booked(c.registration, c.event, missed=missing("A", "B"), now=NOW),
    ),
    "waiting": ("waiting_list_joined", lambda c: mail.waiting_list_joined(c.registration, c.event, ahead=3)),
    "next in line": (
        "waiting_list_joined",
        lambda c: mail.waiting_list_joined(c.registration, c.event, ahead=0),
    ),
    "offered": (
        "place_offered",
        lambda c: mail.place_offered(c.in_state("offered", offer_expires_at=UNTIL), c.event),
    ),
    "offered, session missed": (
        "place_offered",
        lambda c: mail.place_offered(
            c.in_state("offered", offer_expires_at=UNTIL), c.event, missed=missing("A")
        ),
    ),
    "offer ended": ("offer_expired", lambda c: mail.offer_expired(c.registration, c.event, until=UNTIL)),
    "cancelled a place": ("registration_cancelled", lambda c: c.cancelled(had_place=True)),
    "cancelled by organiser": ("registration_cancelled", lambda c: c.cancelled(by_organiser=True)),
    "cancelled while awaiting": ("registration_cancelled", lambda c: c.cancelled(awaited=True)),
    "changed": ("event_changed", lambda c: c.changed(title="Before", place="Wales")),
    "changed, waiting": ("event_changed", lambda c: c.changed(state="waiting", title="Before")),
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
        lambda c: mail.approval_awaited(c.registration, c.event, manager_email="boss@force.example"),
    ),
    "approval by organiser, again": (
        "approval_awaited",
        lambda c: mail.approval_awaited(c.registration, c.event, manager_email="", again_at=NOW),
    ),
    "declined by manager": (
        "registration_declined",
        lambda c: mail.registration_declined(
            c.in_state("declined", declined_reason="Not this time.\nAsk again."), c.event, by_manager=True
        ),
    ),
    "declined without reason": (
        "registration_declined",
        lambda c: mail.registration_declined(c.in_state("declined"), c.event, by_manager=False),
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


# --- In an organiser's words -------------------------------------------------------------------------------------


def test_change_letter_speaks_in_the_next_letters(event, member, book, change):
    change(event, confirmation())

    registration = book(event, member)

    letter = composed(written())
    assert letter.subject == f"Welcome to {event.title}"
    assert letter.text.partition("\n\n-- \n")[0] == (
        "Dear Pat,\n\nSee you Thursday 25 March 2027, 9:30am to 12:30pm.\n\n"
        f"Your registration:\nhttps://portal.example/events/registrations/{registration.uuid}/"
    )
    assert [file.filename for file in attached(written())] == ["event.ics", "entry-code.png"]


def test_change_letter_leaves_other_events_and_kinds_alone(
    make_event, member, other_member, book, wait, change
):
    event, other = make_event(capacity=1), make_event()
    change(event, confirmation())

    book(event, member)
    book(other, member)
    wait(event, other_member)

    assert [
        (row.kind.rpartition("/")[2], row.wording is not None) for row in OutgoingMail.objects.order_by("pk")
    ] == [
        ("place_booked", True),
        ("place_booked", False),
        ("waiting_list_joined", False),
    ]


def test_change_letter_keeps_what_letters_that_wait_already_say(event, member, book, change):
    change(event, confirmation())
    book(event, member)

    change(event, confirmation()._replace(subject="Another subject"))

    assert composed(written()).subject == f"Welcome to {event.title}"


def test_change_letter_writes_down_who_when_and_what(event, organiser, change):
    change(event, confirmation())

    letter = EventLetter.objects.get()
    assert (letter.kind, letter.changed_at, letter.changed_by) == ("place_booked", NOW, organiser)
    assert (letter.wording.subject, letter.wording.text) == confirmation()
    entry = PageLogEntry.objects.get(action="events.change_letter")
    assert (entry.page_id, entry.user, entry.data) == (event.pk, organiser, {"letter": "Confirmation"})
    assert ModelLogEntry.objects.count() == 0


@pytest.mark.parametrize(
    ("kind", "where", "words", "problems"),
    [
        (
            "place_booked",
            "in person",
            Words("{evnt}", "{link}"),
            {
                "subject": [
                    (
                        "There is no placeholder {evnt}. You can use {name}, {first_name}, {event}, {when}, {where}, "
                        "{event_link}, {link}, {cancel_link}, {calendar_note}, {code_note} and {missed_note}."
                    )
                ]
            },
        ),
        (
            "place_offered",
            "in person",
            Words("Yours until {until}", "Take it."),
            {
                "text": [
                    "Put {link} into the text. It stands for: address of their registration, to see or change it.",
                    "Put {until} into the text. It stands for: until when they can take the place.",
                ]
            },
        ),
        ("event_reminder", "in person", Words("{Day}", "{link}"), {}),
        (
            "event_reminder",
            "hybrid",
            Words("{Day}", "{link}"),
            {
                "text": [
                    (
                        "Put {joining_link} into the text. It stands for: address to join online; nothing while it "
                        "does not show."
                    )
                ]
            },
        ),
        ("event_reminder", "online", Words("{Day}", "{link} {joining_link}"), {}),
        (
            "certificate_withdrawn",
            "in person",
            Words("", " "),
            {"subject": ["Write the subject of the letter."], "text": ["Write the text of the letter."]},
        ),
        # Braces that are none of ours are text.
        ("certificate_withdrawn", "in person", Words("{ } {{event}} {1}", "{event link}"), {}),
    ],
)
def test_change_letter_refuses_what_cannot_be_sent(make_event, organiser, kind, where, words, problems):
    event = make_event(**FORMATS[where])
    refused: dict[str, list[str]] = {}

    try:
        actions.change_letter(event=event, kind=KINDS[kind], words=words, actor=organiser, now=NOW)
    except WordingError as error:
        refused = error.problems

    assert refused == problems
    assert EventLetter.objects.exists() is not bool(problems)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_changed_from_the_words_it_starts_with(make_event, organiser, kind):
    """Without a change it stays the portal's; with one it is the organiser's, online too."""
    event, words = make_event(format="online"), previews.default_words(kind)

    actions.change_letter(event=event, kind=KINDS[kind], words=words, actor=organiser, now=NOW)
    assert EventLetter.objects.count() == 0
    longer = words._replace(text=f"{words.text}\n\nBring a pen.")
    actions.change_letter(event=event, kind=KINDS[kind], words=longer, actor=organiser, now=NOW)

    assert EventLetter.objects.get().wording.text == longer.text


def test_restore_letter(event, member, organiser, book, change):
    change(event, confirmation())
    change(event, Words("You wait", "{link}"), "waiting_list_joined")

    actions.restore_letter(event=event, kind=KINDS["place_booked"], actor=organiser)
    book(event, member)

    assert written().wording is None
    event.refresh_from_db()
    assert list(event.changed_letters) == ["waiting_list_joined"]
    assert EventLetter.objects.get().kind == "waiting_list_joined"
    assert PageLogEntry.objects.filter(action="events.restore_letter").count() == 1
    actions.restore_letter(event=event, kind=KINDS["place_booked"], actor=organiser)
    assert PageLogEntry.objects.filter(action="events.restore_letter").count() == 1


def test_an_old_draft_brings_no_words_back(event, organiser, member, book, change):
    draft = event.save_revision()
    change(event, confirmation())

    draft.publish()
    book(event, member)

    assert composed(written()).subject == f"Welcome to {event.title}"


def test_a_copy_takes_the_letters_along(make_event, index, organiser, member, book, change):
    event = make_event(ConferencePage)
    change(event, confirmation())

    copy = actions.copy_event(
        event=event,
        parent=index.page_ptr,
        title="Next year",
        slug="next-year",
        first_day=(event.starts_at + 364 * DAY).date(),
        actor=organiser,
    )
    copy.get_latest_revision().publish()
    book(EventPage.objects.get(pk=copy.pk), member)

    assert composed(written()).subject == "Welcome to Next year"
    assert (
        EventLetter.objects.filter(event=copy.pk).get().wording
        == EventLetter.objects.filter(event=event).get().wording
    )
    actions.restore_letter(event=copy, kind=KINDS["place_booked"], actor=organiser)
    assert EventLetter.objects.get().event_id == event.pk


def test_one_letter_of_a_kind_an_event(event, change):
    change(event, confirmation())
    wording = Wording.objects.get()

    with pytest.raises(IntegrityError, match=r"events_eventletter|UNIQUE"), transaction.atomic():
        EventLetter.objects.create(event=event, kind="place_booked", wording=wording, changed_at=NOW)


def test_words_of_an_event_cannot_be_deleted_under_it(event, change):
    change(event, confirmation())

    with pytest.raises(Exception, match="protected"):
        Wording.objects.get().delete()


def test_changed_letters_cost_a_booking_nothing(make_event, make_members, book, change):
    """The event's row is held meanwhile: whoever books next waits for every query."""
    costs = []
    for words in (None, confirmation()):
        event = make_event()
        if words:
            change(event, words)
        first, second = make_members(2)
        book(event, first)
        with CaptureQueriesContext(connection) as captured:
            book(event, second)
        costs.append(len(captured))

    assert costs[0] == costs[1]


@pytest.mark.parametrize("title", TITLES)
def test_values_cannot_pose_as_the_organisers_words(event, member, book, change, title):
    """A title with braces is not filled in again, and one with line breaks is neither a header nor a button."""
    change(event, confirmation())
    registration = Registration.objects.create(
        event=event, member=member, state="confirmed", registered_at=NOW, confirmed_at=NOW
    )
    event.refresh_from_db()
    event.title = member.first_name = TITLES[title]

    mail.place_booked(registration, event, now=NOW)

    letter = composed(written())
    assert letter.subject.startswith("Welcome to ")
    assert "\n" not in letter.subject
    assert len(Reader(letter.html).buttons) == 1
    assert f"registrations/{registration.uuid}/" in Reader(letter.html).links[-1]
    assert letter.text.count(str(registration.uuid)) == 1


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


# --- Preview -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", FORMATS)
def test_preview_shows_every_kind_with_made_up_values(make_event, where):
    event = make_event(title="Rating together", **FORMATS[where])

    for name, kind in KINDS.items():
        letter = previews.preview(kind, previews.default_words(name), event=event, registration=None, now=NOW)
        assert "Rating together" in letter.subject
        assert not re.search(r"\{|\}|None", letter.text)


def test_preview_shows_a_person_and_leads_nowhere_they_could_be_harmed(make_event, member, wait, fill):
    event = make_event(capacity=1)
    fill(event, 1)
    fill(event, 1, "waiting")
    registration = wait(event, member)
    kind = KINDS["waiting_list_joined"]
    words = Words("{name}", "{place_in_line}\n\nSee it:\n{link}\n\n{cancel_link}")

    letter = previews.preview(kind, words, event=event, registration=registration, now=NOW)

    assert letter.subject == "Pat Practitioner"
    assert letter.text.startswith("1 person is ahead of you.")
    assert set(Reader(letter.html).links) == {"https://portal.example/events/event-1/"}


def test_send_test_letter_goes_to_whoever_tries_it_and_saves_nothing(event, member, organiser, book):
    registration = book(event, member)
    OutgoingMail.objects.all().delete()

    for _ in range(2):
        actions.send_test_letter(
            event=event,
            kind=KINDS["place_booked"],
            words=confirmation(),
            registration=registration,
            to=organiser,
            now=NOW,
        )

    assert [row.recipient for row in OutgoingMail.objects.all()] == [organiser.email] * 2
    assert composed(written()).text.startswith("Dear Pat,")
    assert str(registration.uuid) not in composed(written()).text
    assert attached(written()) == []
    assert EventLetter.objects.count() == 0


# --- In the admin ------------------------------------------------------------------------------------------------


def address(event: EventPage, name: str = "letters", kind: str | None = None) -> str:
    return reverse(f"events_admin:{name}", args=[event.pk, *([kind] if kind else [])])


def text(response) -> str:
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize(
    ("role", "is_let_in"), [("manage", True), ("read", False), ("check in", False), (None, False)]
)
@pytest.mark.parametrize("name", ["letters", "change_letter", "restore_letter"])
def test_letters_are_for_those_who_manage_the_event(
    event, make_event, member, organiser, at_desk, change, role, is_let_in, name
):
    """By their role on the event's team. Wagtail sends away whom it refuses."""
    change(event, confirmation())
    other = make_event()
    if role:
        TeamMember.objects.create(event=event, member=member, role=role, added_at=NOW)
        member.groups.add(Group.objects.get(name="Event team"))
    kind = None if name == "letters" else "place_booked"
    browser = at_desk(member)

    assert (browser.get(address(event, name, kind)).status_code == 200) is is_let_in
    assert browser.get(address(other, name, kind)).status_code in {302, 403, 404}
    assert browser.post(address(other, name, kind)).status_code in {302, 403, 404, 405}
    assert EventLetter.objects.count() == 1


def test_letters_shows_what_was_changed_by_whom(desk, event, member, change):
    change(event, confirmation())
    EventLetter.objects.update(changed_by=member)
    change(event, Words("You wait", "{link}"), "waiting_list_joined")

    shown = text(desk.get(address(event)))

    assert shown.count("As delivered by the portal") == len(KINDS) - 2
    assert "Thursday 14 January 2027, 9:30am by Pat Practitioner." in shown
    assert "Thursday 14 January 2027, 9:30am by you." in shown
    assert "Look at it again" not in shown


def test_letters_says_which_lacks_what_the_event_needs_by_now(desk, event, change):
    change(event, Words("{Day}", "{link}"), "event_reminder")
    EventPage.objects.filter(pk=event.pk).update(format="hybrid")

    assert "Look at it again:</strong> Put {joining_link} into the text." in text(desk.get(address(event)))


def test_letters_costs_the_same_for_many(desk, make_event, organiser, change):
    costs = []
    for number in (0, 1, 3, len(KINDS)):
        event = make_event()
        for kind in list(KINDS)[:number]:
            words = previews.default_words(kind)
            change(event, words._replace(text=f"{words.text}\n\n{number}"), kind)
        desk.get(address(event))
        with CaptureQueriesContext(connection) as captured:
            desk.get(address(event))
        costs.append(len(captured))

    assert len(set(costs)) == 1


def test_change_letter_starts_from_the_portals_words_and_shows_them(desk, event):
    shown = desk.get(address(event, "change_letter", "place_booked"))

    form = shown.context["form"]
    assert Words(form["subject"].value(), form["text"].value()) == previews.default_words("place_booked")
    assert shown.context["preview"].subject == f"You are registered: {event.title}"
    assert "<code>{cancel_link}</code></dt><dd>address where they cancel without signing in" in text(shown)


def test_change_letter_saves_and_says_so(desk, event):
    sent = desk.post(
        address(event, "change_letter", "place_booked"), {**confirmation()._asdict(), "do": "save"}
    )

    assert sent.url == address(event)
    assert "“Confirmation” says what you wrote from now on." in text(desk.get(sent.url))
    assert EventLetter.objects.get().wording.subject == "Welcome to {event}"


def test_change_letter_keeps_what_was_typed_and_says_at_the_field_what_is_wrong(desk, event):
    shown = desk.post(
        address(event, "change_letter", "place_booked"),
        {"subject": "Hello {nmae}", "text": "Come.", "do": "save"},
    )

    assert shown.status_code == 200
    assert shown.context["form"].errors == {
        "subject": [shown.context["form"].errors["subject"][0]],
        "text": [
            "Put {link} into the text. It stands for: address of their registration, to see or change it."
        ],
    }
    assert "There is no placeholder {nmae}." in text(shown)
    assert "Hello {nmae}" in text(shown)
    assert EventLetter.objects.count() == 0


def test_change_letter_previews_what_was_typed_as_somebody(desk, event, member, book):
    registration = book(event, member)
    data = {**confirmation()._asdict(), "do": "preview", "reader": str(registration.uuid)}

    shown = desk.post(address(event, "change_letter", "place_booked"), data)

    assert shown.context["preview"].text.startswith("Dear Pat,\n\nSee you Thursday")
    assert "Preview as Pat Practitioner would get it" in text(shown)
    assert EventLetter.objects.count() == 0


def test_change_letter_previews_nobody_of_another_event(desk, make_event, member, book):
    event, other = make_event(), make_event()
    registration = book(other, member)
    data = {**confirmation()._asdict(), "do": "preview", "reader": str(registration.uuid)}

    shown = desk.post(address(event, "change_letter", "place_booked"), data)

    assert list(shown.context["form"].errors) == ["reader"]
    assert "Pat Practitioner" not in text(shown)


def test_change_letter_sends_a_test(desk, event, organiser):
    data = {**confirmation()._asdict(), "do": "test"}

    shown = desk.post(address(event, "change_letter", "place_booked"), data)

    assert f"A test letter is on its way to {organiser.email}. Nothing is saved yet." in text(shown)
    assert (written().recipient, composed(written()).subject) == (
        organiser.email,
        f"Welcome to {event.title}",
    )
    assert EventLetter.objects.count() == 0


@pytest.mark.parametrize("number", [1, 3, 200])
def test_change_letter_costs_the_same_for_many(desk, event, fill, number, django_assert_max_num_queries):
    fill(event, number)
    url = address(event, "change_letter", "place_booked")
    desk.get(url)

    with django_assert_max_num_queries(20):
        shown = desk.get(url)

    assert shown.content.decode().count("member-") + shown.content.decode().count("(registered)") == min(
        number, 50
    )


def test_there_is_no_page_for_a_letter_that_does_not_exist(desk, event):
    assert desk.get(address(event, "change_letter", "team_joined")).status_code == 404


def test_restore_letter_shows_both_and_restores(desk, event, change):
    change(event, confirmation())
    url = address(event, "restore_letter", "place_booked")

    shown = text(desk.get(url))
    assert "Welcome to {event}" in shown
    assert "You are registered: {event}" in shown
    assert EventLetter.objects.count() == 1
    assert desk.post(url).url == address(event)
    assert EventLetter.objects.count() == 0
    assert "says what the portal says already" in text(desk.get(url, follow=True))


def test_words_in_explains_loops_and_conditions():
    kind = LetterKind(name="k", label="", sent="", group="")
    source = (
        "Subject: {{ title }}\n\n{% if a_url %}See it:\n{{ a_url }}\n\n{% endif %}"
        "Changed:\n\n{% for one in several %}- {{ one }}\n{% endfor %}\n\nEnd.\n"
    )

    assert kind.words_in(source) == Words("{title}", "See it:\n{a_url}\n\nChanged:\n\n- {several}\n\nEnd.")
