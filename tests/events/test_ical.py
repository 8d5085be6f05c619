"""Calendar files: what they say, that others read them, and that nothing typed can break them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import vobject
from dateutil.tz import tzical
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from events import ical
from events.models import Session, Venue
from events.vtimezone import vtimezone

LONDON = "Europe/London"
ORGANISER = ical.Organiser("Practice Portal", "portal@portal.example")


def entry(**fields) -> ical.Entry:
    return ical.Entry(
        **{
            "uid": "2d1f3c1e-0000-4000-8000-000000000001@portal.example",
            "sequence": 3,
            "stamped_at": datetime(2027, 1, 14, 9, 30, tzinfo=UTC),
            "changed_at": datetime(2027, 1, 10, 8, tzinfo=UTC),
            "starts_at": datetime(2027, 5, 18, 8, 30, tzinfo=UTC),
            "ends_at": datetime(2027, 5, 19, 14, 30, tzinfo=UTC),
            "time_zone": LONDON,
            "summary": "Managing risk together",
            "description": "Two days.\n\nhttps://portal.example/events/managing-risk-together/",
            "location": "In person, Midlands",
            "url": "https://portal.example/events/managing-risk-together/",
            "status": ical.Status.CONFIRMED,
            **fields,
        }
    )


def file_of(*entries: ical.Entry, **kwargs) -> bytes:
    return ical.calendar_file(entries, organiser=ORGANISER, **kwargs)


def test_a_file_word_for_word():
    assert file_of(entry()).decode().split("\r\n") == [
        "BEGIN:VCALENDAR",
        "PRODID:-//Practice Portal//Events//EN",
        "VERSION:2.0",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "BEGIN:VTIMEZONE",
        "TZID:Europe/London",
        "BEGIN:DAYLIGHT",
        "DTSTART:20260329T010000",
        "TZOFFSETFROM:+0000",
        "TZOFFSETTO:+0100",
        "TZNAME:BST",
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3",
        "END:DAYLIGHT",
        "BEGIN:STANDARD",
        "DTSTART:20261025T020000",
        "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0000",
        "TZNAME:GMT",
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
        "END:STANDARD",
        "END:VTIMEZONE",
        "BEGIN:VEVENT",
        "UID:2d1f3c1e-0000-4000-8000-000000000001@portal.example",
        "SEQUENCE:3",
        "DTSTAMP:20270114T093000Z",
        "LAST-MODIFIED:20270110T080000Z",
        "DTSTART;TZID=Europe/London:20270518T093000",
        "DTEND;TZID=Europe/London:20270519T153000",
        "SUMMARY:Managing risk together",
        "DESCRIPTION:Two days.\\n\\nhttps://portal.example/events/managing-risk-toget",
        " her/",
        "LOCATION:In person\\, Midlands",
        "URL:https://portal.example/events/managing-risk-together/",
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        'ORGANIZER;CN="Practice Portal":mailto:portal@portal.example',
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


# --- A second library that people's calendars are not made with -----------------------------------------------


def read_by_another(content: bytes) -> list[vobject.base.Component]:
    calendar = vobject.readOne(content.decode())
    calendar.validate(raiseException=True)
    return list(calendar.contents.get("vevent", []))


@pytest.mark.parametrize(
    ("starts_at", "time_zone"),
    [
        (datetime(2027, 5, 18, 8, 30, tzinfo=UTC), LONDON),
        (datetime(2027, 1, 18, 9, 30, tzinfo=UTC), LONDON),
        # From the last evening of summer time into the day after it.
        (datetime(2027, 10, 30, 21, 0, tzinfo=UTC), LONDON),
        (datetime(2027, 5, 18, 8, 30, tzinfo=UTC), "America/New_York"),
    ],
)
def test_another_library_reads_what_a_file_says(starts_at, time_zone):
    made = entry(starts_at=starts_at, ends_at=starts_at + timedelta(hours=6), time_zone=time_zone)

    [event] = read_by_another(file_of(made))

    assert event.dtstart.value.astimezone(UTC) == made.starts_at
    assert event.dtend.value.astimezone(UTC) == made.ends_at
    assert {
        name: event.contents[name][0].value
        for name in ("uid", "sequence", "summary", "location", "url", "status")
    } == {
        "uid": made.uid,
        "sequence": "3",
        "summary": made.summary,
        "location": made.location,
        "url": made.url,
        "status": "CONFIRMED",
    }


@pytest.mark.parametrize("method", ical.Method)
def test_another_library_reads_what_a_file_asks(method):
    calendar = vobject.readOne(file_of(entry(), entry(uid="second@portal.example"), method=method).decode())

    assert calendar.method.value == method
    assert [event.uid.value for event in calendar.vevent_list] == [entry().uid, "second@portal.example"]


@pytest.mark.parametrize(
    "text", ["semi;colon, comma: colon \\ backslash \\n", "ünïcödé 🦄 " * 20, "two\nlines"]
)
def test_another_library_reads_each_text_whole(text):
    [event] = read_by_another(file_of(entry(summary=text, description=text)))

    assert (event.summary.value, event.description.value) == (text, text)


@pytest.mark.parametrize(
    ("fields", "location"),
    [
        ({}, "Training centre, 1 High Street, Midtown, Midlands"),
        ({"place": "Midtown"}, "Training centre, 1 High Street, Midtown"),
        ({"format": "hybrid"}, "Training centre, 1 High Street, Midtown, Midlands"),
        ({"format": "online", "place": ""}, "Online"),
        ({"venue": None}, "Midlands"),
        ({"venue": None, "place": ""}, "In person"),
    ],
)
def test_a_location_is_one_that_a_map_finds(make_event, fields, location):
    venue = Venue.objects.create(name="Training centre", address="1 High Street,\nMidtown\n")
    event = make_event(**{"venue": venue, "place": "Midlands", **fields})
    session = Session(title="Rating", room="Room 2", starts_at=event.starts_at, ends_at=event.ends_at)

    assert ical.entry_of(event, host="portal.example", url="").location == location
    of_session = ical.session_entry_of(session, event, host="portal.example", url="")
    assert of_session.location == f"Room 2, {location}"


def test_a_cancellation_frees_the_time():
    [event] = Calendar.from_ical(
        file_of(entry(status=ical.Status.CANCELLED), method=ical.Method.CANCEL)
    ).events

    assert (event["STATUS"], event["TRANSP"]) == ("CANCELLED", "TRANSPARENT")
    assert b"METHOD:CANCEL\r\n" in file_of(entry(), method=ical.Method.CANCEL)


def test_a_feed_has_a_name_and_says_how_often_to_ask():
    lines = file_of(name="Practice Portal: events", refresh=timedelta(hours=6)).decode().split("\r\n")

    assert lines[5:-2] == [
        "X-WR-CALNAME:Practice Portal: events",
        "NAME:Practice Portal: events",
        "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
        "X-PUBLISHED-TTL:PT6H",
    ]


def test_each_zone_is_written_once():
    content = file_of(entry(), entry(), entry(time_zone="America/New_York")).decode()

    assert content.count("TZID:Europe/London\r\n") == 1
    assert content.count("TZID:America/New_York\r\n") == 1


def test_the_same_entries_make_the_same_bytes():
    assert file_of(entry()) == file_of(entry())


HOSTILE = [
    "a\r\nATTACH:https://evil.example/",
    "a\nBEGIN:VALARM",
    "semi;colon, comma: colon \\ backslash \\n",
    "bell \x07, null \x00, escape \x1b",
    "line\u2028separator\u2029paragraph\x85next\x0bvertical\x0cform",
    "half of a pair \ud83d",
    "ünïcödé 🦄 " * 20,
    '"quoted" <b>bold</b>',
    "END:VEVENT",
    "",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("name", ["summary", "description", "location"])
def test_nothing_typed_breaks_out_of_its_field(name, text):
    content = file_of(entry(**{name: text})).decode()
    lines = content.split("\r\n")

    assert "\n" not in content.replace("\r\n", "")
    assert all(len(line.encode()) <= 75 for line in lines)
    assert [line for line in lines if line.startswith(("BEGIN:", "END:", "ATTACH"))] == [
        line for line in file_of(entry()).decode().split("\r\n") if line.startswith(("BEGIN:", "END:"))
    ]
    [event] = Calendar.from_ical(content).events
    assert str(event[name.upper()]) == ical._text(text)


def test_line_breaks_of_every_kind_become_one():
    assert ical._text("a\r\nb\rc\x85d\u2028e") == "a\nb\nc\nd\ne"


def test_every_naughty_string_comes_back_whole(naughty_strings):
    for text in naughty_strings:
        [event] = Calendar.from_ical(file_of(entry(summary=text, location=text, description=text))).events

        assert {str(event[name]) for name in ("SUMMARY", "LOCATION", "DESCRIPTION")} == {ical._text(text)}


# --- Time zones: read back by a second library -----------------------------------------------------------------

ZONES = [
    "Europe/London",
    "Europe/Dublin",
    "Europe/Paris",
    "America/New_York",
    "America/St_Johns",
    "America/Santiago",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Asia/Kolkata",
    "Africa/Casablanca",
    "Pacific/Auckland",
    "Etc/UTC",
]


def read_by_dateutil(content: bytes, zone: str):
    import io

    return tzical(io.StringIO(content.decode())).get(zone)


@pytest.mark.parametrize("zone", ZONES)
@settings(max_examples=150, deadline=None, database=None)
@given(at=st.datetimes(min_value=datetime(2026, 6, 1), max_value=datetime(2028, 6, 1)))  # noqa: DTZ001
def test_another_library_reads_the_clock_as_we_do(zone, at):
    """Also in the hours that summer time skips or repeats: of each moment, the offset agrees."""
    moment = at.replace(tzinfo=UTC)
    written = vtimezone(zone, datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 12, 31, tzinfo=UTC))
    clock = moment.astimezone(ZoneInfo(zone))

    read = read_by_dateutil(b"BEGIN:VCALENDAR\r\n" + written.to_ical() + b"END:VCALENDAR\r\n", zone)

    is_repeated = clock.replace(fold=0).utcoffset() != clock.replace(fold=1).utcoffset()
    if not is_repeated:
        assert clock.replace(tzinfo=read).utcoffset() == clock.utcoffset()


@pytest.mark.parametrize(
    ("zone", "is_a_rule"),
    [
        ("Europe/London", True),
        ("America/New_York", True),
        ("Australia/Lord_Howe", True),
        ("Africa/Casablanca", False),  # goes by the moon
        ("Asia/Kolkata", False),  # never changes
    ],
)
def test_a_zone_that_follows_a_rule_is_written_as_the_rule(zone, is_a_rule):
    content = vtimezone(zone, datetime(2027, 5, 18, tzinfo=UTC), datetime(2027, 5, 18, tzinfo=UTC)).to_ical()

    assert (b"RRULE:" in content) is is_a_rule
    assert b"RDATE" not in content
    assert content.count(b"BEGIN:STANDARD") >= 1


def test_a_zone_whose_law_changed_is_written_change_by_change():
    """Samoa gave up summer time in 2021."""
    content = vtimezone(
        "Pacific/Apia", datetime(2020, 5, 1, tzinfo=UTC), datetime(2022, 5, 1, tzinfo=UTC)
    ).to_ical()

    assert b"RRULE" not in content
    read = read_by_dateutil(b"BEGIN:VCALENDAR\r\n" + content + b"END:VCALENDAR\r\n", "Pacific/Apia")
    for day in (date(2020, 2, 1), date(2020, 6, 1), date(2021, 1, 1), date(2022, 1, 1)):
        noon = datetime(day.year, day.month, day.day, 12)  # noqa: DTZ001
        ours = noon.replace(tzinfo=ZoneInfo("Pacific/Apia")).utcoffset()
        assert noon.replace(tzinfo=read).utcoffset() == ours
