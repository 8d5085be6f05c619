"""Letters about events: word for word, each with its one link and, where it belongs, a calendar file."""

from datetime import timedelta

import pytest
from icalendar import Calendar

from events import actions, mail
from events.answers import Answers
from events.mail import cancelling_address
from events.models import EventPage, Registration, Session, SessionPlace
from mailing.composition import attached, composed
from mailing.models import OutgoingMail
from mailing.stopping import stop_url

HOUR = timedelta(hours=1)


def letter(kind: str) -> OutgoingMail:
    return OutgoingMail.objects.get(kind=f"events/mail/{kind}")


def body(kind: str) -> str:
    """The text of a letter without the footer that every letter has."""
    return composed(letter(kind)).text.split("\n\n-- \n")[0]


def subject(kind: str) -> str:
    return composed(letter(kind)).subject


def calendar_entry(kind: str):
    """Method of the attached file and its one event."""
    attachment, *_ = attached(letter(kind))  # beside it the code for the door, where there is one
    calendar = Calendar.from_ical(attachment.content)
    [event] = calendar.events
    method = str(calendar["METHOD"])
    assert attachment.filename == "event.ics"
    assert attachment.content_type == f"text/calendar; charset=utf-8; method={method}"
    return method, event


@pytest.fixture
def event(make_event) -> EventPage:
    return make_event(title="Rating together", capacity=1)


def test_place_booked(event, member, book, now):
    registration = book(event, member)

    assert subject("place_booked") == "You are registered: Rating together"
    assert body("place_booked") == (
        "You have a place at “Rating together”.\n\n"
        "When: Thursday 25 March 2027, 9:30am to 12:30pm\n"
        "Where: In person, Midlands\n\n"
        "The attached file puts the event into your calendar.\n\n"
        "Show the attached code at the door, on paper or on your phone. Without it we find you by your name.\n\n"
        "See or cancel your registration:\n"
        f"https://portal.example/events/registrations/{registration.uuid}/\n\n"
        "If you cannot come, cancel, so that somebody else can have your place.\n\n"
        f"Cancel without signing in:\n{cancelling_address(registration)}"
    )
    method, entry = calendar_entry("place_booked")
    assert (method, str(entry["STATUS"]), entry["SEQUENCE"]) == ("PUBLISH", "CONFIRMED", 0)
    assert str(entry["UID"]) == f"{event.uuid}@portal.example"
    assert str(entry["URL"]) == "https://portal.example/events/event-1/"
    assert entry.start == event.starts_at
    assert entry["DTSTAMP"].dt == now


@pytest.fixture
def two_days(make_event, now) -> EventPage:
    """An event of two days that starts tomorrow, with sessions to choose and one that is for everybody."""
    starts_at = now + timedelta(days=1, hours=3.5)
    event = make_event(
        title="Rating together", starts_at=starts_at, ends_at=starts_at + timedelta(days=1, hours=2)
    )
    for hour, title, is_chosen in [(0, "Keynote", False), (1, "Visiting", True), (2, "Interviewing", True)]:
        begins = starts_at + hour * HOUR
        Session.objects.create(
            event=event,
            title=title,
            room="Room 2",
            starts_at=begins,
            ends_at=begins + HOUR,
            is_chosen=is_chosen,
        )
    return event


ON_TWO_DAYS = "When: Friday 15 January 2027, 1pm to Saturday 16 January 2027, 3pm"
CHOSEN = "Your sessions:\n\n- Friday 15 January 2027, 2pm to 3pm: Visiting, Room 2"


def register_for_visiting(event: EventPage, member, at) -> None:
    answers = Answers(sessions=frozenset({event.sessions.get(title="Visiting").pk}))
    actions.book_place(event=event, member=member, actor=member, answers=answers, now=at)


def test_place_booked_says_when_several_days_start_and_what_was_chosen(two_days, member, now):
    register_for_visiting(two_days, member, now)

    assert ON_TWO_DAYS in body("place_booked").split("\n")
    assert CHOSEN in body("place_booked")


@pytest.mark.parametrize(("kind", "days"), [("event_reminder", 0), ("week_reminder", 6)])
def test_reminders_say_when_several_days_start_and_what_was_chosen(two_days, member, now, kind, days):
    register_for_visiting(two_days, member, now - timedelta(days=30))

    actions.send_reminders(now=now - timedelta(days=days))

    assert ON_TWO_DAYS in body(kind).split("\n")
    assert CHOSEN in body(kind)


def test_place_taken_from_the_line_names_the_sessions(two_days, fill, organiser, now):
    [waiting] = fill(two_days, 1, "waiting")
    visiting = two_days.sessions.get(title="Visiting")
    SessionPlace.objects.create(registration=waiting, session=visiting, chosen_at=now)

    actions.give_place(registration=waiting, actor=organiser, now=now)

    assert CHOSEN in body("place_booked")


def test_place_booked_without_a_day_has_no_file(make_event, member, book):
    event = make_event(date_precision="month")

    book(event, member)

    assert letter("place_booked").attachments == []
    assert body("place_booked").split("\n\n")[1:3] == [
        "When: March 2027\nWhere: In person, Midlands",
        (
            "See or cancel your registration:\n"
            f"https://portal.example/events/registrations/{event.registrations.get().uuid}/"
        ),
    ]


@pytest.mark.parametrize(
    ("ahead", "sentence"),
    [
        (0, "You are the next in line."),
        (1, "1 person is ahead of you."),
        (2, "2 people are ahead of you."),
    ],
)
def test_waiting_list_joined(event, fill, member, wait, ahead, sentence):
    fill(event, 1)
    fill(event, ahead, "waiting")

    wait(event, member)

    assert subject("waiting_list_joined") == "You are on the waiting list: Rating together"
    assert body("waiting_list_joined").split("\n\n")[0] == (
        f"You are on the waiting list for “Rating together”. {sentence}"
    )
    assert letter("waiting_list_joined").attachments == []


def test_place_offered(event, member, wait):
    registration = wait(event, member)

    assert subject("place_offered") == (
        "A place for you: Rating together, take it by Saturday 16 January 2027, 9:30am"
    )
    assert body("place_offered") == (
        "A place came free at “Rating together”, and it is your turn.\n\n"
        "Take it by: Saturday 16 January 2027, 9:30am\n"
        "When: Thursday 25 March 2027, 9:30am to 12:30pm\n"
        "Where: In person, Midlands\n\n"
        "Take or decline the place:\n"
        f"https://portal.example/events/registrations/{registration.uuid}/\n\n"
        "After that it goes to the next person waiting.\n\n"
        f"Decline it without signing in:\n{cancelling_address(registration)}"
    )


def test_offer_expired(event, member, wait, now):
    wait(event, member)

    actions.expire_offers(now=now + 48 * HOUR)

    assert body("offer_expired").split("\n\n")[0] == (
        "You were offered a place at “Rating together” until Saturday 16 January 2027, 9:30am. "
        "You did not take it, so it goes to the next person waiting."
    )


def test_registration_cancelled_takes_the_event_out_of_the_calendar(event, member, book, now):
    registration = book(event, member)

    actions.cancel_registration(registration=registration, actor=member, now=now + HOUR)

    assert subject("registration_cancelled") == "Registration cancelled: Rating together"
    assert body("registration_cancelled") == (
        "You cancelled your registration for “Rating together”. Your place is free for somebody else.\n\n"
        "When: Thursday 25 March 2027, 9:30am to 12:30pm\n"
        "Where: In person, Midlands\n\n"
        "The attached file takes the event out of your calendar.\n\n"
        "See the event:\n"
        "https://portal.example/events/event-1/"
    )
    method, entry = calendar_entry("registration_cancelled")
    assert (method, str(entry["STATUS"]), entry["SEQUENCE"]) == ("CANCEL", "CANCELLED", 1)
    assert str(entry["UID"]) == f"{event.uuid}@portal.example"


def test_registration_cancelled_by_somebody_who_waited_has_no_file(event, fill, member, wait, now):
    fill(event, 1)
    registration = wait(event, member)

    actions.cancel_registration(registration=registration, actor=member, now=now)

    assert letter("registration_cancelled").attachments == []
    assert "You are not on the waiting list any more." in body("registration_cancelled")
    event.refresh_from_db()
    assert event.calendar_sequence == 0


def test_event_changed_says_what_was_and_what_is(event, member, book, now):
    registration = book(event, member)
    event.title = "Rating together, on Friday"
    event.starts_at += timedelta(days=1)
    event.ends_at += timedelta(days=1)
    event.format = EventPage.Format.HYBRID
    event.save()

    actions.announce_changes(event=event, now=now + HOUR)

    assert subject("event_changed") == "Changed: Rating together, on Friday"
    assert body("event_changed") == (
        "The organiser changed an event for which you are registered.\n\n"
        "Title: Rating together, on Friday\n"
        "Title before: Rating together\n"
        "When: Friday 26 March 2027, 9:30am to 12:30pm\n"
        "When before: Thursday 25 March 2027, 9:30am to 12:30pm\n"
        "Where: Online and in person, Midlands\n"
        "Where before: In person, Midlands\n\n"
        "The attached file replaces the entry in your calendar.\n\n"
        "You keep your place. If you cannot come now, cancel.\n\n"
        "See or cancel your registration:\n"
        f"https://portal.example/events/registrations/{registration.uuid}/\n\n"
        f"Cancel without signing in:\n{cancelling_address(registration)}"
    )
    method, entry = calendar_entry("event_changed")
    assert (method, entry["SEQUENCE"], entry.start) == ("PUBLISH", 1, event.starts_at)


def test_event_changed_names_only_what_changed(event, fill, member, wait, now):
    fill(event, 1)
    wait(event, member)
    event.place = "East of England"
    event.save()

    actions.announce_changes(event=event, now=now)

    letter = OutgoingMail.objects.get(kind="events/mail/event_changed", recipient=member.email)
    assert composed(letter).text.split("\n\n")[:3] == [
        "The organiser changed an event for which you are on the waiting list.",
        (
            "Title: Rating together\n"
            "When: Thursday 25 March 2027, 9:30am to 12:30pm\n"
            "Where: In person, East of England\n"
            "Where before: In person, Midlands"
        ),
        "You keep your place in the line. If you cannot come now, cancel.",
    ]
    assert letter.attachments == []


def test_event_cancelled_gives_the_reason(event, member, organiser, book, now):
    book(event, member)

    actions.cancel_event(
        event=event, reason="The trainer is ill.\nWe plan another.", actor=organiser, now=now + HOUR
    )

    assert subject("event_cancelled") == "Cancelled: Rating together"
    assert body("event_cancelled") == (
        "“Rating together” will not take place. You were registered for it. "
        "You do not have to do anything.\n\n"
        "When it was planned: Thursday 25 March 2027, 9:30am to 12:30pm\n"
        "Where: In person, Midlands\n\n"
        "The organiser writes:\n\n"
        "> The trainer is ill.\n"
        "> We plan another.\n\n"
        "The attached file takes the event out of your calendar.\n\n"
        "See other events:\n"
        "https://portal.example/events/"
    )
    method, entry = calendar_entry("event_cancelled")
    assert (method, str(entry["STATUS"]), entry["SEQUENCE"]) == ("CANCEL", "CANCELLED", 1)


def test_event_reminder_can_be_stopped(make_event, member, book, now):
    event = make_event(title="Rating together", starts_at=now + timedelta(days=1, hours=3.5))
    registration = book(event, member, now - 24 * HOUR)

    actions.send_reminders(now=now)

    reminder = letter("event_reminder")
    words = composed(reminder)
    assert words.subject == "Tomorrow: Rating together"
    assert f"https://portal.example/events/registrations/{registration.uuid}/" in words.text
    assert words.text.endswith(f"To stop letters like this one: {stop_url(reminder)}\n")
    assert reminder.category == "event_reminders"


def test_event_reminder_on_the_day_itself_says_so(make_event, member, book, now):
    event = make_event(title="Rating together", starts_at=now + 3 * HOUR)
    book(event, member, now - 48 * HOUR)

    actions.send_reminders(now=now)

    assert subject("event_reminder") == "Today: Rating together"
    assert body("event_reminder").startswith("You are registered for “Rating together”, today.")


def test_times_are_those_of_the_place(make_event, member, book):
    event = make_event(time_zone="America/New_York")

    book(event, member)

    assert "When: Thursday 25 March 2027, 5:30am to 8:30am, New York time" in body("place_booked")


def test_nobody_is_written_to_who_has_left(event, member, organiser, book, now):
    book(event, member)
    Registration.objects.update(member=None)
    OutgoingMail.objects.all().delete()

    actions.cancel_event(event=event, reason="Ill.", actor=organiser, now=now)

    assert OutgoingMail.objects.count() == 0


def test_no_letter_says_the_name_of_anybody(event, member, organiser, wait, book, now):
    """What the sender's log, the mail server and a shared screen show is no more than it has to be."""
    book(event, member)
    actions.cancel_event(event=event, reason="Ill.", actor=organiser, now=now)

    for row in OutgoingMail.objects.all():
        written = composed(row)
        assert "Practitioner" not in written.subject + written.text
        assert "Organiser" not in written.subject + written.text


def test_every_naughty_string_survives_in_a_letter(event, member, organiser, naughty_strings, now):
    """As title, place and reason: the letter is written, and its frame stands as it was."""
    registration = Registration.objects.create(
        event=event, member=member, state="confirmed", registered_at=now, confirmed_at=now
    )
    for number, text in enumerate(naughty_strings):
        event.title, event.place, event.cancellation_reason = text, text[:120], text
        event.calendar_sequence = number
        mail.event_changed(registration, event, before=event.calendar_facts(), now=now)

    letters = OutgoingMail.objects.order_by("pk")
    assert letters.count() == len(naughty_strings)
    for row in letters:
        written = composed(row)
        assert written.subject.startswith("Changed:")
        assert "\n" not in written.subject
        assert written.text.count(f"registrations/{registration.uuid}/") == 1
        Calendar.from_ical(attached(row)[0].content)
