"""What changed in a programme, whom it matters to, and what they get: letters, and files for calendars."""

from datetime import UTC, datetime, timedelta

import pytest
import vobject
from icalendar import Calendar

from events import actions, changes
from events.models import ConferencePage, EventPage, Session, SessionPlace
from mailing.composition import attached, composed
from mailing.models import OutgoingMail

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NOW = datetime(2027, 1, 14, 9, 30, tzinfo=UTC)
START = datetime(2027, 3, 25, 9, 30, tzinfo=UTC)


def facts(start: datetime = START, *, lasts: timedelta = 6 * HOUR, is_gone: bool = False, **session) -> dict:
    """What was announced of an event with one session of an hour."""
    begins = session.pop("starts_at", start)
    announced = {
        "title": "Rating together",
        "starts_at": begins.isoformat(),
        "ends_at": (begins + HOUR).isoformat(),
        "room": "",
        "is_chosen": False,
        "is_break": False,
        "is_cancelled": False,
        **session,
    }
    return {
        "starts_at": start.isoformat(),
        "ends_at": (start + lasts).isoformat(),
        "time_zone": "Europe/London",
        "sessions": {} if is_gone else {"key": announced},
    }


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (facts(), facts(), []),
        (facts(), facts(room="Hall", title="Renamed"), []),
        (facts(is_gone=True), facts(), []),
        (facts(), facts(starts_at=START + HOUR), ["moved"]),
        (facts(), facts(ends_at=(START + 2 * HOUR).isoformat()), ["moved"]),
        (facts(), facts(is_cancelled=True), ["cancelled"]),
        (facts(), facts(is_gone=True), ["cancelled"]),
        (facts(is_cancelled=True), facts(is_gone=True), []),
        (facts(is_cancelled=True), facts(), ["on again"]),
        (facts(is_cancelled=True), facts(is_cancelled=True, starts_at=START + HOUR), []),
        (facts(is_break=True), facts(is_break=True, starts_at=START + HOUR), []),
        (facts(is_break=True), facts(is_gone=True), []),
        # The event as a whole moved, also into summer time: what moved along is no news.
        (facts(), facts(START + DAY), []),
        (facts(), facts(START + 7 * DAY - HOUR), []),
        (facts(), facts(START + DAY, starts_at=START + DAY + HOUR), ["moved"]),
        # The event begins earlier or later, and the session stands where it stood.
        (facts(), facts(START + DAY, starts_at=START), []),
        (facts(), facts(START - HOUR / 4, lasts=6.25 * HOUR, starts_at=START), []),
        (facts(), facts(lasts=7 * HOUR), []),
        # Only the start moved, and the session with it: that is news.
        (facts(), facts(START - HOUR / 4, lasts=6.25 * HOUR), ["moved"]),
        # What is over cannot be changed.
        (facts(NOW - DAY), facts(NOW - DAY, is_gone=True), []),
        (facts(NOW - DAY, starts_at=NOW - 2 * HOUR), facts(NOW - DAY, starts_at=NOW), ["moved"]),
    ],
)
def test_session_changes_are_those_that_upset_plans(before, after, expected):
    assert [change.what for change in changes.session_changes(before, after, now=NOW)] == expected


@pytest.mark.parametrize(
    ("was_chosen", "is_chosen", "is_for_everybody"),
    [(False, False, True), (True, True, False), (False, True, True), (True, False, True)],
)
def test_a_change_matters_to_everybody_unless_people_chose_the_session(
    was_chosen, is_chosen, is_for_everybody
):
    [change] = changes.session_changes(
        facts(is_chosen=was_chosen), facts(is_chosen=is_chosen, starts_at=START + HOUR), now=NOW
    )

    assert change.is_for_everybody is is_for_everybody


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (
            facts(starts_at=START + HOUR),
            (
                "“Rating together” moves to Thursday 25 March 2027, 10:30am to 11:30am. "
                "Before: Thursday 25 March 2027, 9:30am to 10:30am."
            ),
        ),
        (
            facts(is_gone=True),
            "“Rating together”, Thursday 25 March 2027, 9:30am to 10:30am, is cancelled.",
        ),
    ],
)
def test_a_change_in_words(after, words):
    [change] = changes.session_changes(facts(), after, now=NOW)

    assert change.in_words("Europe/London") == words


# --- Telling -----------------------------------------------------------------------------------------------------


@pytest.fixture
def event(conference) -> ConferencePage:
    """A conference with a keynote for everybody and two sessions to choose."""
    for position, (title, is_chosen) in enumerate([("Keynote", False), ("Rating", True), ("Visiting", True)]):
        conference.sessions.add(
            Session(
                title=title,
                starts_at=conference.starts_at + position * HOUR / 2,
                ends_at=conference.starts_at + (position + 1) * HOUR / 2,
                is_chosen=is_chosen,
                sort_order=position,
            )
        )
    conference.save()
    conference.save_revision().publish()
    return ConferencePage.objects.get(pk=conference.pk)


@pytest.fixture
def people(event, fill, now):
    """Three with a place: one chose Rating, one Visiting, one nothing."""
    registrations = fill(event, 3)
    for registration, title in zip(registrations, ["Rating", "Visiting"], strict=False):
        SessionPlace.objects.create(
            registration=registration, session=event.sessions.get(title=title), chosen_at=now
        )
    return registrations


def republish(event: EventPage, title: str, **values) -> None:
    """Publish the event with another session, or without it where no value is given."""
    page = ConferencePage.objects.get(pk=event.pk)
    [session] = [each for each in page.sessions.get_object_list() if each.title == title]
    if values:
        for name, value in values.items():
            setattr(session, name, value)
    else:
        page.sessions.remove(session)
    page.save_revision().publish()


def told(people) -> list[bool]:
    addresses = set(OutgoingMail.objects.values_list("recipient", flat=True))
    return [registration.member.email in addresses for registration in people]


def test_a_session_that_was_moved_is_told_to_those_who_chose_it_once(event, people):
    session = event.sessions.get(title="Rating")

    republish(event, "Rating", starts_at=session.starts_at + HOUR, ends_at=session.ends_at + HOUR)

    assert told(people) == [True, False, False]
    was = event.calendar_sequence
    event.refresh_from_db()
    assert event.calendar_sequence == was + 1
    republish(event, "Rating", summary="In other words.")
    event.refresh_from_db()
    assert (OutgoingMail.objects.count(), event.calendar_sequence) == (1, was + 1)


def test_a_session_for_everybody_that_was_cancelled_is_told_to_everybody(event, people):
    republish(event, "Keynote", is_cancelled=True)

    assert told(people) == [True, True, True]


def test_a_session_for_everybody_that_was_taken_out_is_told_to_everybody(event, people):
    republish(event, "Keynote")

    assert told(people) == [True, True, True]
    assert "“Keynote”, Thursday 25 March 2027, 9:30am to 10am, is cancelled." in text_to(people[0])


def test_another_room_is_told_to_nobody_but_reaches_calendars(event, people):
    republish(event, "Rating", room="Hall")

    assert told(people) == [False, False, False]
    was = event.calendar_sequence
    event.refresh_from_db()
    assert event.calendar_sequence == was + 1


def test_a_change_before_anybody_registered_is_told_to_nobody(event):
    republish(event, "Keynote", is_cancelled=True)

    assert OutgoingMail.objects.count() == 0


def test_a_change_of_event_and_session_makes_one_letter(event, people):
    page = ConferencePage.objects.get(pk=event.pk)
    page.title = "Renamed"
    page.sessions.get_object_list()[1].is_cancelled = True
    page.save_revision().publish()

    assert OutgoingMail.objects.count() == 3
    texts = [text_to(person) for person in people]
    assert ["Title before: Managing risk together" in text for text in texts] == [True, True, True]
    assert ["“Rating”" in text for text in texts] == [True, False, False]
    assert ["You can choose another" in text for text in texts] == [True, False, False]


def text_to(registration) -> str:
    return composed(OutgoingMail.objects.get(recipient=registration.member.email)).text


def files_to(registration) -> dict[str, bytes]:
    letter = OutgoingMail.objects.get(recipient=registration.member.email)
    return {
        file.filename: file.content
        for file in attached(letter)
        if file.content_type.startswith("text/calendar")
    }


def test_the_letter_brings_files_that_two_libraries_read(event, people):
    """The event and the session with the same UID and a higher sequence; a cancelled one in a file of its own."""
    page = ConferencePage.objects.get(pk=event.pk)
    _, rating, _ = page.sessions.get_object_list()
    rating.starts_at, rating.ends_at = rating.starts_at + HOUR, rating.ends_at + HOUR
    page.sessions.get_object_list()[0].is_cancelled = True
    page.save_revision().publish()

    files = files_to(people[0])

    sequence = event.calendar_sequence + 1
    assert list(files) == ["event.ics", "cancelled-sessions.ics"]
    keynote = event.sessions.get(title="Keynote")
    published, cancelled = (Calendar.from_ical(content) for content in files.values())
    assert [(str(entry["UID"]), entry["SEQUENCE"], str(entry["STATUS"])) for entry in published.events] == [
        (f"{event.uuid}@portal.example", sequence, "CONFIRMED"),
        (f"{rating.key}.{event.uuid}@portal.example", sequence, "CONFIRMED"),
    ]
    assert published.events[1].decoded("DTSTART") == rating.starts_at
    assert [(str(entry["UID"]), entry["SEQUENCE"], str(entry["STATUS"])) for entry in cancelled.events] == [
        (f"{keynote.key}.{event.uuid}@portal.example", sequence, "CANCELLED"),
    ]
    assert (str(published["METHOD"]), str(cancelled["METHOD"])) == ("PUBLISH", "CANCEL")
    for content, calendar in zip(files.values(), (published, cancelled), strict=True):
        by_another = vobject.readOne(content.decode()).vevent_list
        assert [
            (
                entry.uid.value,
                int(entry.sequence.value),
                entry.status.value,
                entry.dtstart.value.astimezone(UTC),
                entry.dtend.value.astimezone(UTC),
            )
            for entry in by_another
        ] == [
            (
                str(entry["UID"]),
                entry["SEQUENCE"],
                str(entry["STATUS"]),
                entry.start.astimezone(UTC),
                entry.end.astimezone(UTC),
            )
            for entry in calendar.events
        ]


def test_cancelling_the_event_takes_chosen_sessions_out_of_calendars_too(event, people, organiser, now):
    actions.cancel_event(event=event, reason="Ill.", actor=organiser, now=now)

    rating = event.sessions.get(title="Rating")
    for registration, uids in (
        (people[0], [f"{event.uuid}@portal.example", f"{rating.key}.{event.uuid}@portal.example"]),
        (people[2], [f"{event.uuid}@portal.example"]),
    ):
        [content] = files_to(registration).values()
        entries = Calendar.from_ical(content).events
        assert [(str(entry["UID"]), str(entry["STATUS"])) for entry in entries] == [
            (uid, "CANCELLED") for uid in uids
        ]


def start_earlier(event: EventPage) -> None:
    """Publish that the event begins a quarter of an hour earlier. Nothing else of it moves."""
    page = ConferencePage.objects.get(pk=event.pk)
    page.starts_at -= HOUR / 4
    page.save_revision().publish()


def test_an_earlier_start_is_told_and_no_session_that_stayed(event, people):
    page = ConferencePage.objects.get(pk=event.pk)
    page.ends_at += DAY
    page.save_revision().publish()
    OutgoingMail.objects.all().delete()

    start_earlier(event)

    assert (
        "When: Thursday 25 March 2027, 9:15am to Friday 26 March 2027, 12:30pm\n"
        "When before: Thursday 25 March 2027, 9:30am to Friday 26 March 2027, 12:30pm"
    ) in text_to(people[0])
    assert "“" not in text_to(people[0]).split("\n\n-- \n")[0]
    [content] = files_to(people[0]).values()
    assert uids_in(content) == [f"{event.uuid}@portal.example"]


def uids_in(content: bytes) -> list[str]:
    return [str(entry["UID"]) for entry in Calendar.from_ical(content).events]


@pytest.fixture
def keynote_uid(event, people) -> str:
    """The keynote moved, so everybody has it as an entry of its own."""
    keynote = event.sessions.get(title="Keynote")
    republish(event, "Keynote", starts_at=keynote.starts_at + HOUR, ends_at=keynote.ends_at + HOUR)
    uid = f"{keynote.key}.{event.uuid}@portal.example"
    assert [uid in uids_in(*files_to(person).values()) for person in people] == [True, True, True]
    OutgoingMail.objects.all().delete()
    event.refresh_from_db()
    return uid


def taken_out(content: bytes) -> list[str]:
    calendar = Calendar.from_ical(content)
    assert str(calendar["METHOD"]) == "CANCEL"
    assert {str(entry["STATUS"]) for entry in calendar.events} == {"CANCELLED"}
    return [str(entry["UID"]) for entry in calendar.events]


def test_cancelling_the_event_takes_out_every_session_that_was_sent(
    event, people, keynote_uid, organiser, now
):
    actions.cancel_event(event=event, reason="Ill.", actor=organiser, now=now)

    assert taken_out(*files_to(people[2]).values()) == [f"{event.uuid}@portal.example", keynote_uid]


def test_cancelling_a_registration_takes_out_every_session_that_was_sent(event, people, keynote_uid, now):
    member = people[2].member
    actions.cancel_registration(registration=people[2], actor=member, now=now)

    assert taken_out(*files_to(people[2]).values()) == [f"{event.uuid}@portal.example", keynote_uid]


def test_a_session_that_was_sent_comes_again_when_the_whole_event_moves(event, people, keynote_uid):
    page = ConferencePage.objects.get(pk=event.pk)
    page.move_to(page.starts_at.date() + DAY)
    page.save_revision().publish()

    assert "“Keynote”" not in text_to(people[2])
    [content] = files_to(people[2]).values()
    assert uids_in(content) == [f"{event.uuid}@portal.example", keynote_uid]


def test_a_session_that_was_sent_and_cancelled_is_not_taken_out_again(
    event, people, keynote_uid, organiser, now
):
    republish(event, "Keynote", is_cancelled=True)
    OutgoingMail.objects.all().delete()

    actions.cancel_event(event=event, reason="Ill.", actor=organiser, now=now)

    assert taken_out(*files_to(people[2]).values()) == [f"{event.uuid}@portal.example"]


def test_a_change_tells_whoever_has_an_offer_until_when_it_is_theirs(event, fill, now):
    [offered] = fill(event, 1, "waiting")
    until = now + 48 * HOUR
    type(offered).objects.filter(pk=offered.pk).update(state="offered", offer_expires_at=until)

    republish(event, "Keynote", is_cancelled=True)

    assert "The organiser changed an event for which you are offered a place." in text_to(offered)
    assert (
        "The place stays yours to take until Saturday 16 January 2027, 9:30am. If you cannot come now, cancel."
    ) in text_to(offered)


@pytest.mark.parametrize("number", [1, 3, 30])
def test_telling_costs_the_same_queries_beside_the_letters(
    event, fill, now, number, django_assert_max_num_queries
):
    """Each letter is one row; whom it goes to, and with what, is found at once."""
    for registration in fill(event, number):
        SessionPlace.objects.create(
            registration=registration, session=event.sessions.get(title="Rating"), chosen_at=now
        )
    Session.objects.filter(event=event, title="Rating").update(is_cancelled=True)

    with django_assert_max_num_queries(22 + 6 * number):
        assert actions.announce_changes(event=event, now=now) == number
