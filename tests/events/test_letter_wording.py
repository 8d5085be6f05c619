"""A letter in an organiser's words: changing them, what is refused, and what they cannot do."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from wagtail.models import ModelLogEntry, PageLogEntry

from events import actions, mail, previews
from events.letter_kinds import KINDS
from events.models import (
    ConferencePage,
    EventLetter,
    EventPage,
    Registration,
)
from events.placeholders import LetterKind, Words
from mailing.composition import attached, composed
from mailing.mailings import WordingError
from mailing.models import OutgoingMail, Wording
from tests.events.test_letters import DAY, FORMATS, NOW, TITLES, Reader, written


def confirmation() -> Words:
    return Words("Welcome to {event}", "Dear {first_name},\n\nSee you {when}.\n\nYour registration:\n{link}")


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
                        "{event_link}, {link}, {cancel_link}, {calendar_note}, {code_note}, {sessions}, {missed_note}, "
                        "{answers_note}, {course_note}, {joining_link}, {joining_note} and {getting_there}."
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


def test_words_in_explains_loops_and_conditions():
    kind = LetterKind(name="k", label="", sent="", group="")
    source = (
        "Subject: {{ title }}\n\n{% if a_url %}See it:\n{{ a_url }}\n\n{% endif %}"
        "Changed:\n\n{% for one in several %}- {{ one }}\n{% endfor %}\n\nEnd.\n"
    )

    assert kind.words_in(source) == Words("{title}", "See it:\n{a_url}\n\nChanged:\n\n- {several}\n\nEnd.")
