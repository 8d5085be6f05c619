"""Reading programmes that others wrote: what is understood, and where a broken file is broken."""

import json
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events import schedules
from events.planned import PlannedSpeaker

GUID = "6a2f41a3-c54c-4a5b-9d5c-0a3f1f6b1d11"
TALK = {
    "guid": GUID,
    "code": "ABCDEF",
    "id": 1,
    "date": "2027-05-18T10:00:00+01:00",
    "start": "10:00",
    "duration": "00:45",
    "room": "Main hall",
    "title": "What the evaluation found",
    "subtitle": "",
    "track": {"en": "Assessment", "de": "Einschätzung"},
    "type": "Keynote",
    "abstract": "In short.",
    "description": "At length.",
    "persons": [{"code": "XYZ", "public_name": "Research lead", "biography": "Led the fieldwork."}],
}
SCHEDULE: dict[str, Any] = {
    "schedule": {
        "version": "1.0",
        "base_url": "https://pretalx.example/managing-risk/",
        "conference": {
            "acronym": "managing-risk",
            "title": "Managing risk together",
            "start": "2027-05-18",
            "end": "2027-05-19",
            "daysCount": 1,
            "time_zone_name": "Europe/London",
            "days": [{"index": 1, "date": "2027-05-18", "rooms": {"Main hall": [TALK]}}],
        },
    }
}
CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example//EN
BEGIN:VEVENT
UID:first@calendar.example
DTSTAMP:20270101T000000Z
DTSTART;TZID=Europe/London:20270518T100000
DTEND;TZID=Europe/London:20270518T120000
SUMMARY:Rating together
LOCATION:Room 1
DESCRIPTION:Two cases.
END:VEVENT
BEGIN:VEVENT
UID:second@calendar.example
DTSTAMP:20270101T000000Z
DTSTART:20270519T080000Z
DURATION:PT1H30M
SUMMARY:Case clinic
END:VEVENT
END:VCALENDAR
"""


def read(content: Any, **options: str) -> schedules.Schedule:
    text = content if isinstance(content, str) else json.dumps(content)
    return schedules.read(text.encode(), **{"time_zone": "Europe/London", **options})


def changed(**fields: Any) -> dict[str, Any]:
    """The schedule with another talk; None takes a field away."""
    schedule = deepcopy(SCHEDULE)
    talk = schedule["schedule"]["conference"]["days"][0]["rooms"]["Main hall"][0]
    for name, value in fields.items():
        if value is None:
            del talk[name]
        else:
            talk[name] = value
    return schedule


def test_read_understands_a_schedule_of_pretalx():
    [event] = read(SCHEDULE).events

    assert event.facts() == {
        "title": "Managing risk together",
        "summary": "",
        "place": "",
        "time_zone": "Europe/London",
        "starts_at": "2027-05-18T09:00:00+00:00",
        "ends_at": "2027-05-18T09:45:00+00:00",
        "sessions": {
            GUID: {
                "title": "What the evaluation found",
                "kind": "keynote",
                "stream": "Assessment",
                "room": "Main hall",
                "starts_at": "2027-05-18T09:00:00+00:00",
                "ends_at": "2027-05-18T09:45:00+00:00",
                "summary": "In short.\n\nAt length.",
                "speakers": ["Research lead"],
            }
        },
    }
    assert event.source == "schedule:https://pretalx.example/managing-risk/"
    assert [speaker.biography for speaker in event.sessions[0].speakers] == ["Led the fieldwork."]


def test_read_takes_day_and_start_where_frab_gives_no_date():
    [event] = read(changed(date=None)).events

    assert event.starts_at == datetime(2027, 5, 18, 9, 0, tzinfo=UTC)


def test_read_gives_a_session_without_uuid_the_same_key_each_time():
    keys = [read(changed(guid=None)).events[0].sessions[0].key for _ in range(2)]

    assert keys[0] == keys[1] != UUID(GUID)


@pytest.mark.parametrize(
    ("named", "kind"),
    [
        ("Keynote", "keynote"),
        ("Panel discussion", "panel"),
        ("Tutorial", "workshop"),
        ("Case Clinic", "case clinic"),
        ("Lunch", "break"),
        ("Talk", "talk"),
        ("", "talk"),
        (None, "talk"),
    ],
)
def test_read_tells_what_a_session_is_by_its_type(named, kind):
    assert read(changed(type=named)).events[0].sessions[0].kind == kind


def test_read_cuts_what_is_longer_than_our_fields():
    [session] = read(changed(title="x" * 500, room="y" * 500, abstract="z" * 9000)).events[0].sessions

    assert (len(session.title), len(session.room), len(session.summary)) == (200, 80, 3000)
    assert session.title.endswith("x…")


DAYS = "schedule.conference.days[0].rooms[“Main hall”][0]"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"title": None}, f"{DAYS}.title: is missing."),
        ({"title": " "}, f"{DAYS}.title: is empty."),
        ({"title": 7}, f"{DAYS}.title: is not of the kind that a schedule has there."),
        ({"duration": "soon"}, f"{DAYS}.duration: “soon” is no duration such as 00:45."),
        ({"duration": "00:00"}, f"{DAYS}.duration: “00:00” is not more than nothing and at most a week."),
        ({"duration": "999999999999:00"}, f"{DAYS}.duration: “999999999999:00” is not more than nothing and at most a week."),
        ({"date": "tomorrow"}, f"{DAYS}.date: “tomorrow” is no time such as 2027-05-18T09:30:00+01:00."),
        ({"date": 5}, f"{DAYS}.date: “5” is no time such as 2027-05-18T09:30:00+01:00."),
        (
            {"date": "2027-03-28T01:30:00"},
            (f"{DAYS}.date: “2027-03-28T01:30:00” carries no zone. The clocks go forward on Sunday 28 March 2027, "
            "so there is no 1:30am. Give another time."),
        ),
        ({"date": "0001-01-01T00:00:00+14:00"}, f"{DAYS}.date: 0001-01-01 00:00:00+14:00 is out of any calendar."),
        ({"persons": "Pat"}, f"{DAYS}.persons: is not a list."),
        ({"persons": ["Pat"]}, f"{DAYS}.persons[0]: is not an object."),
        (
            {"guid": None, "code": None, "id": None},
            f"{DAYS}: has neither guid nor code nor id, so it could not be found again.",
        ),
    ],
)  # fmt: skip
def test_read_names_the_place_where_a_schedule_is_broken(fields, message):
    with pytest.raises(schedules.ScheduleError) as broken:
        read(changed(**fields))

    assert str(broken.value) == message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"schedule": {\n  "conference": }', "Line 2, column 17: Expecting value."),
        ("{}", "schedule: is missing."),
        ('{"schedule": []}', "schedule: is not of the kind that a schedule has there."),
        ('{"schedule": {"conference": {"title": "X"}}}', "schedule.conference.days: is missing."),
        ('{"schedule": {"conference": {"title": "X", "days": []}}}', "schedule.conference.days: there is no session in it."),
        ('{"schedule": {"conference": {"title": "X", "days": [7]}}}', "schedule.conference.days[0]: is not an object."),
        (
            '{"schedule": {"conference": {"title": "X", "time_zone_name": "Mars/Base", "days": []}}}',
            "schedule.conference.time_zone_name: “Mars/Base” is no time zone such as Europe/London.",
        ),
        (
            "<?xml version='1.0'?>",
            "The file is neither a schedule.json (it would begin with “{”) nor iCalendar (BEGIN:VCALENDAR).",
        ),
        ("", "The file is neither a schedule.json (it would begin with “{”) nor iCalendar (BEGIN:VCALENDAR)."),
    ],
)  # fmt: skip
def test_read_names_the_place_where_a_file_is_broken(content, message):
    with pytest.raises(schedules.ScheduleError) as broken:
        read(content)

    assert str(broken.value) == message


def test_read_does_without_the_outer_object():
    """As some write it who follow frab, with a moment where the schema has a time of day."""
    talk = {name: value for name, value in TALK.items() if name not in {"date", "code", "id"}}
    talk |= {
        "start": "2027-05-18T10:00:00+01:00",
        "duration": "0:45",
        "guid": "https://conference.example/talk",
    }
    bare = deepcopy(SCHEDULE["schedule"])
    bare["conference"]["days"][0]["rooms"] = {"Main hall": [talk]}

    [event] = read(bare).events

    [session] = event.sessions
    assert (session.starts_at, session.ends_at - session.starts_at) == (
        datetime(2027, 5, 18, 9, 0, tzinfo=UTC),
        timedelta(minutes=45),
    )
    del bare["conference"]["title"]
    with pytest.raises(schedules.ScheduleError) as broken:
        read(bare)
    assert str(broken.value) == "conference.title: is missing."


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("<p>Two <b>cases</b>:</p>\r\n<ul>\r\n<li>one</li></ul>", "Two cases:\n\none"),
        ('See <a href="https://a.example/?x=1&amp;y=2">there</a>', "See there"),
        ("Online &amp; in person, 3 &#x3D; 2 + 1", "Online & in person, 3 = 2 + 1"),
        ("R&D, a < b and c > d, <3, &unknown;", "R&D, a < b and c > d, <3, &unknown;"),
        ("&lt;script&gt;", "<script>"),
    ],
)
def test_read_takes_texts_without_their_markup(written, kept):
    [event] = read(changed(subtitle="", abstract=None, description=written)).events

    assert event.sessions[0].summary == kept


def test_read_takes_the_end_where_there_is_no_duration():
    [event] = read(changed(duration=None, end="2027-05-18T10:30:00+01:00")).events

    assert event.ends_at == datetime(2027, 5, 18, 9, 30, tzinfo=UTC)
    with pytest.raises(schedules.ScheduleError) as broken:
        read(changed(duration=None, end=TALK["date"]))
    assert "is not after the start" in str(broken.value)


@pytest.mark.parametrize("rooms", [{}, []])
def test_read_takes_a_day_without_sessions(rooms):
    """An empty list where others are objects: so some languages write a map with nothing in it."""
    schedule = deepcopy(SCHEDULE)
    schedule["schedule"]["conference"]["days"].insert(0, {"index": 0, "date": "2027-05-17", "rooms": rooms})

    assert len(read(schedule).events[0].sessions) == 1


SECOND_VERSION: dict[str, Any] = {
    "$schema": "https://c3voc.de/schema/schedule2",
    "schedule": {
        "base_url": "https://conference.example/hub/",
        "conference": {
            "title": "Managing risk together",
            "start": "2027-05-18T09:00:00+00:00",
            "time_zone_name": "Europe/London",
            "tracks": [{"guid": "track-1", "name": "Assessment", "slug": "assessment"}],
            "rooms": [{"guid": "room-1", "name": "Main hall", "slug": "main-hall"}],
            "days": [{"index": 1, "date": "2027-05-18", "start": "2027-05-18T09:00:00+00:00"}],
        },
        "persons": [{"guid": "person-1", "name": "Research lead", "biography": "Led the fieldwork."}],
        "events": [
            {
                "type": "TALK",
                "guid": GUID,
                "start": "2027-05-18T10:00:00+01:00",
                "end": "2027-05-18T10:45:00+01:00",
                "duration": "PT45M",
                "room": {"name": "Main hall", "guid": "room-1"},
                "track": {"slug": "assessment"},
                "title": {"en": "What the evaluation found", "de": "Was die Auswertung ergab"},
                "subtitle": None,
                "abstract": "In short.",
                "participants": [{"guid": "person-1"}],
            },
            {
                "type": "BREAK",
                "title": "Lunch",
                "start": "2027-05-18T12:00:00+01:00",
                "end": "2027-05-18T13:00:00+01:00",
                "room": {"guid": "room-1"},
            },
        ],
    },
}


def test_read_understands_the_second_version_of_the_schema():
    """One list of sessions; rooms, tracks and people stand elsewhere and are named by guid or slug."""
    [event] = read(SECOND_VERSION).events

    assert [
        (session.title, session.kind, session.room, session.stream, session.starts_at.hour)
        for session in event.sessions
    ] == [
        ("What the evaluation found", "talk", "Main hall", "Assessment", 9),
        ("Lunch", "break", "Main hall", "", 11),
    ]
    assert event.sessions[0].speakers == [PlannedSpeaker("Research lead", "Led the fieldwork.")]
    assert event.sessions[0].key == UUID(GUID)
    assert [session.ends_at - session.starts_at for session in event.sessions] == [
        timedelta(minutes=45),
        timedelta(hours=1),
    ]
    assert read(SECOND_VERSION).events == [event]


@pytest.mark.parametrize(
    ("duration", "message"),
    [
        ("P45", "schedule.events[0].duration: “P45” is no duration such as 00:45."),
        ("PT0M", "schedule.events[0].duration: “PT0M” is not more than nothing and at most a week."),
        ("P9D", "schedule.events[0].duration: “P9D” is not more than nothing and at most a week."),
    ],
)
def test_read_names_the_place_where_the_second_version_is_broken(duration, message):
    schedule = deepcopy(SECOND_VERSION)
    schedule["schedule"]["events"][0]["duration"] = duration
    with pytest.raises(schedules.ScheduleError) as broken:
        read(schedule)

    assert str(broken.value) == message


def test_read_refuses_two_sessions_of_one_guid():
    schedule = deepcopy(SCHEDULE)
    schedule["schedule"]["conference"]["days"][0]["rooms"]["Room 1"] = [TALK]

    with pytest.raises(schedules.ScheduleError) as broken:
        read(schedule)

    assert str(broken.value) == (
        f"schedule.conference.days[0].rooms[“Room 1”][0]: has the same guid or UID as {DAYS}."
    )


def test_read_refuses_what_is_not_utf8():
    with pytest.raises(schedules.ScheduleError) as broken:
        schedules.read(b'{"schedule": "\xff"}', time_zone="Europe/London")

    assert str(broken.value) == "Byte 15: the file is not UTF-8."


def test_read_makes_an_event_of_each_entry_of_a_calendar():
    events = read(CALENDAR).events

    assert [
        (
            event.title,
            event.starts_at,
            event.ends_at - event.starts_at,
            event.place,
            event.summary,
            event.source,
        )
        for event in events
    ] == [
        (
            "Rating together",
            datetime(2027, 5, 18, 9, 0, tzinfo=UTC),
            timedelta(hours=2),
            "Room 1",
            "Two cases.",
            "ical:first@calendar.example",
        ),
        (
            "Case clinic",
            datetime(2027, 5, 19, 8, 0, tzinfo=UTC),
            timedelta(minutes=90),
            "",
            "",
            "ical:second@calendar.example",
        ),
    ]
    assert [event.sessions for event in events] == [(), ()]


def test_read_makes_one_event_of_a_calendar_if_told_so():
    [event] = read(CALENDAR, one_event="Spring conference").events

    assert (event.title, event.starts_at, event.ends_at) == (
        "Spring conference",
        datetime(2027, 5, 18, 9, 0, tzinfo=UTC),
        datetime(2027, 5, 19, 9, 30, tzinfo=UTC),
    )
    assert [(session.title, session.kind, session.room) for session in event.sessions] == [
        ("Rating together", "talk", "Room 1"),
        ("Case clinic", "case clinic", ""),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("RRULE:FREQ=WEEKLY", "it repeats, and an event here is one date. Enter it by hand."),
        ("STATUS:CANCELLED", "it is cancelled."),
    ],
)
def test_read_passes_over_what_is_no_single_date_and_says_so(line, reason):
    schedule = read(CALENDAR.replace("SUMMARY:Case clinic", f"SUMMARY:Case clinic\n{line}"))

    assert [event.title for event in schedule.events] == ["Rating together"]
    assert schedule.passed_over == [f"Entry 2 (“Case clinic”): {reason}"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("DURATION:PT1H30M", "DTEND:20270518T080000Z", "Entry 2 (“Case clinic”): DTEND is not after DTSTART."),
        ("END:VEVENT\nEND:VCALENDAR\n", "", "The calendar breaks off: its last line, END:VCALENDAR, is missing."),
    ],
)  # fmt: skip
def test_read_names_the_entry_where_a_calendar_is_broken(old, new, message):
    with pytest.raises(schedules.ScheduleError) as broken:
        read(CALENDAR.replace(old, new))

    assert str(broken.value) == message


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (
            "UID:second@calendar.example\n",
            "",
            "(“Case clinic”): it has no UID, so it could not be found again.",
        ),
        ("SUMMARY:Case clinic\n", "", "(“”): it has no title (SUMMARY)."),
        ("DTSTART:20270519T080000Z\n", "", "(“Case clinic”): it has no start (DTSTART)."),
        ("DURATION:PT1H30M\n", "", "(“Case clinic”): it has no end, and an event here lasts some time."),
        (
            "DURATION:PT1H30M",
            "DTEND:20270519T080000Z",
            "(“Case clinic”): it has no end, and an event here lasts some time.",
        ),
    ],
)
def test_read_passes_over_what_is_whole_but_no_event(old, new, line):
    """As calendars of people have it: a deadline, a note, a time that is blocked."""
    schedule = read(CALENDAR.replace(old, new))

    assert [event.title for event in schedule.events] == ["Rating together"]
    assert schedule.passed_over == [f"Entry 2 {line}"]


def test_read_tells_entries_apart_that_share_a_uid():
    """Some write the calendar's number into each entry."""
    shared = CALENDAR.replace("UID:first@calendar.example", "UID:4711").replace(
        "UID:second@calendar.example", "UID:4711"
    )

    first, again = read(shared, one_event="Camp").events[0], read(shared, one_event="Camp").events[0]

    assert len({session.key for session in first.sessions}) == 2
    assert first == again
    assert len({event.source for event in read(shared).events}) == 2
    with pytest.raises(schedules.ScheduleError) as broken:
        read(
            shared.replace("DTSTART:20270519T080000Z", "DTSTART;TZID=Europe/London:20270518T100000").replace(
                "SUMMARY:Case clinic", "SUMMARY:Rating together"
            )
        )
    assert "has the same guid or UID as Entry 1" in str(broken.value)


def test_read_takes_the_end_of_a_day_as_it_is_meant():
    """A whole day should end as the next begins; some say that it ends on the day itself."""
    whole = CALENDAR.replace("DTSTART:20270519T080000Z", "DTSTART;VALUE=DATE:20270519").replace(
        "DURATION:PT1H30M", "DTEND;VALUE=DATE:20270519"
    )

    assert read(whole).events[1].ends_at == datetime(2027, 5, 19, 23, 0, tzinfo=UTC)


def test_read_does_not_stumble_over_lines_that_are_no_property():
    """A zone as a line of its own, blanks after the colon, an organiser with a name: all of it was seen."""
    untidy = CALENDAR.replace(
        "PRODID:-//Example//EN", "PRODID:-//Example//EN\nVTIMEZONE: Europe/Rome"
    ).replace(
        "SUMMARY:Case clinic",
        "SEQUENCE: 0\nORGANIZER;CN=The team:MAILTO:team@calendar.example\nGEO:52.4;-1.9\nSUMMARY: Case clinic",
    )

    assert [event.title for event in read(untidy).events] == ["Rating together", "Case clinic"]


def test_read_takes_a_whole_day_for_a_day():
    whole = CALENDAR.replace("DTSTART:20270519T080000Z", "DTSTART;VALUE=DATE:20270519").replace(
        "DURATION:PT1H30M\n", ""
    )

    event = read(whole).events[1]

    assert (event.starts_at, event.ends_at) == (
        datetime(2027, 5, 18, 23, 0, tzinfo=UTC),
        datetime(2027, 5, 19, 23, 0, tzinfo=UTC),
    )


@settings(max_examples=200, deadline=None, database=None)
@given(
    position=st.integers(min_value=0, max_value=len(json.dumps(SCHEDULE))),
    noise=st.text(max_size=12),
    is_calendar=st.booleans(),
)
def test_read_of_any_damaged_file_is_events_or_a_reason(position, noise, is_calendar):
    whole = CALENDAR if is_calendar else json.dumps(SCHEDULE)
    damaged = whole[:position] + noise + whole[position + 3 :]

    try:
        found = read(damaged.encode("utf-8", "surrogatepass").decode("utf-8", "replace"))
    except schedules.ScheduleError as reason:
        assert str(reason)
    else:
        assert all(event.starts_at < event.ends_at for event in found.events)
