"""Reading programmes that others wrote: the schedule.json of pretalx and frab, and iCalendar (RFC 5545).

Pure: bytes in, plans out. Whatever is wrong is a ScheduleError that says where. What is longer than our fields
is cut with an ellipsis; what we have no field for is passed over.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5
from zoneinfo import ZoneInfo, available_timezones

from icalendar import Calendar, Component

from events import clocks

# As long as the fields of our models.
TITLE, ROOM, STREAM, NAME, LONG_TEXT, PLACE, SOURCE, SUMMARY = 200, 80, 60, 120, 3000, 120, 250, 400
# Words in a session's type or title that tell what it is, the more particular first.
KINDS = (
    ("case clinic", ("clinic",)),
    ("keynote", ("keynote",)),
    ("panel", ("panel", "round table", "roundtable")),
    ("workshop", ("workshop", "tutorial", "training")),
    ("break", ("break", "lunch", "coffee", "pause")),
)


class ScheduleError(ValueError):
    """The file cannot be read; the message says where and why."""


@dataclass(frozen=True)
class PlannedSpeaker:
    """Somebody who speaks, as the file names them."""

    name: str
    biography: str = ""


@dataclass(frozen=True)
class PlannedSession:
    """One session of the file. Its key is made of its guid, and so the same each time."""

    key: UUID
    title: str
    kind: str
    stream: str
    room: str
    starts_at: datetime
    ends_at: datetime
    summary: str
    speakers: Sequence[PlannedSpeaker] = ()

    def facts(self) -> dict[str, Any]:
        """All of it in plain values."""
        return {
            "title": self.title,
            "kind": self.kind,
            "stream": self.stream,
            "room": self.room,
            "starts_at": self.starts_at.isoformat(),
            "ends_at": self.ends_at.isoformat(),
            "summary": self.summary,
            "speakers": [speaker.name for speaker in self.speakers],
        }


@dataclass(frozen=True)
class PlannedEvent:
    """One event of the file. `source` names it for ever: the same source is the same event."""

    source: str
    title: str
    summary: str
    place: str
    time_zone: str
    starts_at: datetime
    ends_at: datetime
    sessions: Sequence[PlannedSession] = field(default_factory=tuple)

    def facts(self) -> dict[str, Any]:
        """All of it in plain values."""
        return {
            "title": self.title,
            "summary": self.summary,
            "place": self.place,
            "time_zone": self.time_zone,
            "starts_at": self.starts_at.isoformat(),
            "ends_at": self.ends_at.isoformat(),
            "sessions": {str(session.key): session.facts() for session in self.sessions},
        }


@dataclass(frozen=True)
class Schedule:
    """What a file holds, and what of it was passed over, in sentences."""

    events: Sequence[PlannedEvent]
    passed_over: Sequence[str] = ()


def read(content: bytes, *, time_zone: str, one_event: str = "") -> Schedule:
    """The events of a file of either kind. Raises ScheduleError.

    `time_zone` is for times that carry none. With `one_event`, a title, the entries of a calendar are the
    sessions of one event; otherwise each is an event.
    """
    _zone(time_zone, "--time-zone")
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"{"):
        return Schedule([_conference(_json(start), time_zone)])
    if start[:15].upper() == b"BEGIN:VCALENDAR":
        return _calendar(start, time_zone, one_event)
    raise ScheduleError(
        "The file is neither a schedule.json (it would begin with “{”) nor iCalendar (BEGIN:VCALENDAR)."
    )


# --- schedule.json ---------------------------------------------------------------------------------------------


def _json(content: bytes) -> Any:
    try:
        return json.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ScheduleError(f"Byte {error.start + 1}: the file is not UTF-8.") from error
    except json.JSONDecodeError as error:
        raise ScheduleError(f"Line {error.lineno}, column {error.colno}: {error.msg}.") from error
    except RecursionError as error:
        raise ScheduleError("The file nests brackets deeper than any schedule.") from error


def _conference(content: Any, time_zone: str) -> PlannedEvent:
    schedule = _part(content, "schedule", dict, "")
    conference = _part(schedule, "conference", dict, "schedule")
    at = "schedule.conference"
    title = _cut(_words(_part(conference, "title", (str, dict), at)), TITLE)
    if not title:
        raise ScheduleError(f"{at}.title: is empty.")
    zone = _zone(conference.get("time_zone_name") or time_zone, f"{at}.time_zone_name")
    sessions = list(_sessions_of_days(_part(conference, "days", list, at), zone, f"{at}.days"))
    _refuse_doubles(sessions)
    if not sessions:
        raise ScheduleError(f"{at}.days: there is no session in it.")
    name = _words(schedule.get("base_url") or conference.get("acronym") or title)
    return PlannedEvent(
        source=_source("schedule", name),
        title=title,
        summary="",
        place="",
        time_zone=zone.key,
        starts_at=min(session.starts_at for _, session in sessions),
        ends_at=max(session.ends_at for _, session in sessions),
        sessions=[session for _, session in sessions],
    )


def _sessions_of_days(days: list[Any], zone: ZoneInfo, at: str) -> Iterator[tuple[str, PlannedSession]]:
    for number, day in enumerate(days):
        here = f"{at}[{number}]"
        for room, talks in _part(day, "rooms", dict, here).items():
            if not isinstance(talks, list):
                raise ScheduleError(f"{here}.rooms[“{room}”]: is not a list.")
            for position, talk in enumerate(talks):
                place = f"{here}.rooms[“{room}”][{position}]"
                yield place, _session_of_talk(talk, day, room, zone, place)


def _session_of_talk(talk: Any, day: Any, room: str, zone: ZoneInfo, at: str) -> PlannedSession:
    title = _cut(_words(_part(talk, "title", (str, dict), at)), TITLE)
    if not title:
        raise ScheduleError(f"{at}.title: is empty.")
    guid = str(talk.get("guid") or talk.get("code") or talk.get("id") or "")
    if not guid:
        raise ScheduleError(f"{at}: has neither guid nor code nor id, so it could not be found again.")
    starts_at = _start_of_talk(talk, day, zone, at)
    texts = (_words(talk.get(name)) for name in ("subtitle", "abstract", "description"))
    return PlannedSession(
        key=_key(guid),
        title=title,
        kind=_kind(_words(talk.get("type")), title),
        stream=_cut(_words(talk.get("track")), STREAM),
        room=_cut(_words(talk.get("room")) or room, ROOM),
        starts_at=starts_at,
        ends_at=starts_at + _duration(_part(talk, "duration", str, at), f"{at}.duration"),
        summary=_cut("\n\n".join(dict.fromkeys(filter(None, texts))), LONG_TEXT),
        speakers=list(_speakers(talk.get("persons") or [], f"{at}.persons")),
    )


def _start_of_talk(talk: Any, day: Any, zone: ZoneInfo, at: str) -> datetime:
    if talk.get("date"):
        return _moment(talk["date"], zone, f"{at}.date")
    text = f"{_part(day, 'date', str, at)}T{_part(talk, 'start', str, at)}"
    return _moment(text, zone, f"{at}.start")


def _moment(text: Any, zone: ZoneInfo, at: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise ScheduleError(f"{at}: “{text}” is no time such as 2027-05-18T09:30:00+01:00.") from error
    if moment.tzinfo is None:
        try:
            return clocks.moment_of(moment, zone)
        except ValueError as error:
            raise ScheduleError(f"{at}: “{text}” carries no zone. {error}") from error
    return _in_utc(moment, at)


def _duration(text: str, at: str) -> timedelta:
    parts = text.split(":")
    try:
        numbers = [int(part) for part in parts]
    except ValueError:
        numbers = []
    if len(numbers) not in (2, 3) or any(number < 0 for number in numbers):
        raise ScheduleError(f"{at}: “{text}” is no duration such as 00:45.")
    hours, minutes, *_ = numbers
    length = timedelta(hours=min(hours, 10_000), minutes=min(minutes, 10_000))
    if not timedelta(0) < length <= timedelta(days=7):
        raise ScheduleError(f"{at}: “{text}” is not more than nothing and at most a week.")
    return length


def _speakers(persons: Any, at: str) -> Iterator[PlannedSpeaker]:
    if not isinstance(persons, list):
        raise ScheduleError(f"{at}: is not a list.")
    seen = set()
    for number, person in enumerate(persons):
        if not isinstance(person, dict):
            raise ScheduleError(f"{at}[{number}]: is not an object.")
        name = _cut(
            _words(person.get("public_name") or person.get("name") or person.get("full_public_name")), NAME
        )
        if name and name.casefold() not in seen:
            seen.add(name.casefold())
            yield PlannedSpeaker(name, _cut(_words(person.get("biography")), LONG_TEXT))


def _part(whole: Any, name: str, kind: type | tuple[type, ...], at: str) -> Any:
    """What stands under a name, of the kind it has to be."""
    here = f"{at}.{name}" if at else name
    if not isinstance(whole, dict):
        raise ScheduleError(f"{at or 'The file'}: is not an object.")
    if name not in whole:
        raise ScheduleError(f"{here}: is missing.")
    if not isinstance(whole[name], kind):
        raise ScheduleError(f"{here}: is not of the kind that a schedule has there.")
    return whole[name]


# --- iCalendar -------------------------------------------------------------------------------------------------


def _calendar(content: bytes, time_zone: str, one_event: str) -> Schedule:
    entries: list[tuple[str, Component]] = []
    default = time_zone
    for calendar in _calendars(content):
        default = str(calendar.get("X-WR-TIMEZONE") or default)
        for entry in calendar.walk("VEVENT"):
            entries.append((f"Entry {len(entries) + 1} (“{entry.get('SUMMARY', '')}”)", entry))
    if default not in available_timezones():
        default = time_zone
    passed_over, kept = [], []
    for at, entry in entries:
        reason = _why_not(entry)
        if reason:
            passed_over.append(f"{at}: {reason}")
        else:
            kept.append((at, _session_of_entry(entry, ZoneInfo(default), at)))
    _refuse_doubles([(at, read.session) for at, read in kept])
    if not kept:
        return Schedule([], passed_over)
    if one_event:
        return Schedule(
            [_event_of_entries(one_event, default, [read.session for _, read in kept])], passed_over
        )
    return Schedule([_event_of_entry(read) for _, read in kept], passed_over)


def _calendars(content: bytes) -> list[Calendar]:
    try:
        found: list[Calendar] = Calendar.from_ical(content.decode("utf-8"), multiple=True)
    except UnicodeDecodeError as error:
        raise ScheduleError(f"Byte {error.start + 1}: the file is not UTF-8.") from error
    except (ValueError, KeyError, IndexError, RecursionError) as error:
        raise ScheduleError(f"{_line_of(content, str(error))}the calendar cannot be read: {error}") from error
    whole = content.upper()
    if whole.count(b"BEGIN:VCALENDAR") != whole.count(b"END:VCALENDAR"):
        raise ScheduleError("The calendar breaks off: its last line, END:VCALENDAR, is missing.")
    return found


def _line_of(content: bytes, message: str) -> str:
    """In front of the message: “Line 12: ”, where the library repeats the line that it could not read."""
    for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), start=1):
        if line.strip() and len(line) > 3 and line.strip() in message:
            return f"Line {number}: "
    return ""


@dataclass(frozen=True)
class _Entry:
    """An entry of a calendar: as a session, and what an event has beside."""

    session: PlannedSession
    uid: str
    place: str
    time_zone: str


def _why_not(entry: Component) -> str:
    if "RRULE" in entry or "RDATE" in entry or "RECURRENCE-ID" in entry:
        return "it repeats, and an event here is one date. Enter it by hand."
    if str(entry.get("STATUS", "")).upper() == "CANCELLED":
        return "it is cancelled."
    return ""


def _session_of_entry(entry: Component, zone: ZoneInfo, at: str) -> _Entry:
    uid, title = str(entry.get("UID", "")).strip(), _cut(_words(str(entry.get("SUMMARY", ""))), TITLE)
    for name, value in (("UID", uid), ("SUMMARY", title)):
        if not value:
            raise ScheduleError(f"{at}: {name} is missing.")
    if "DTSTART" not in entry:
        raise ScheduleError(f"{at}: DTSTART is missing.")
    starts_at = _moment_of_entry(entry, "DTSTART", zone, at)
    ends_at = _end_of_entry(entry, starts_at, zone, at)
    if ends_at <= starts_at:
        raise ScheduleError(f"{at}: DTEND is not after DTSTART.")
    location = _words(str(entry.get("LOCATION", "")))
    own_zone = getattr(getattr(_value(entry, "DTSTART", at), "tzinfo", None), "key", "")
    session = PlannedSession(
        key=_key(uid),
        title=title,
        kind=_kind("", title),
        stream="",
        room=_cut(location, ROOM),
        starts_at=starts_at,
        ends_at=ends_at,
        summary=_cut(_words(str(entry.get("DESCRIPTION", ""))), LONG_TEXT),
    )
    in_list = own_zone if "/" in own_zone and own_zone in available_timezones() else zone.key
    return _Entry(session, uid, _cut(location, PLACE), in_list)


def _moment_of_entry(entry: Component, name: str, zone: ZoneInfo, at: str) -> datetime:
    value = _value(entry, name, at)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            try:
                return clocks.moment_of(value, zone)
            except ValueError as error:
                raise ScheduleError(f"{at}: {name} carries no zone. {error}") from error
        return _in_utc(value, f"{at}: {name}")
    if isinstance(value, date):
        return _in_utc(datetime.combine(value, time(), tzinfo=zone), f"{at}: {name}")
    raise ScheduleError(f"{at}: {name} is no time such as 20270518T093000Z.")


def _end_of_entry(entry: Component, starts_at: datetime, zone: ZoneInfo, at: str) -> datetime:
    if "DTEND" in entry:
        return _moment_of_entry(entry, "DTEND", zone, at)
    if "DURATION" in entry:
        length = _value(entry, "DURATION", at)
        if not isinstance(length, timedelta) or abs(length) > timedelta(days=366):
            raise ScheduleError(f"{at}: DURATION is no duration such as PT45M.")
        return starts_at + length
    if isinstance(_value(entry, "DTSTART", at), datetime):
        raise ScheduleError(f"{at}: has neither DTEND nor DURATION.")
    return clocks.moved(starts_at, timedelta(days=1), zone)


def _value(entry: Component, name: str, at: str) -> Any:
    """A property, in Python's own kind. Raises ScheduleError if it is broken or stands more than once."""
    if isinstance(entry.get(name), list):
        raise ScheduleError(f"{at}: {name} stands more than once.")
    try:
        return entry.decoded(name)
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise ScheduleError(f"{at}: {name} cannot be read: {error}") from error


def _event_of_entry(entry: _Entry) -> PlannedEvent:
    session = entry.session
    return PlannedEvent(
        source=_source("ical", entry.uid),
        title=session.title,
        summary=_cut(session.summary, SUMMARY),
        place=entry.place,
        time_zone=entry.time_zone,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
    )


def _event_of_entries(title: str, time_zone: str, sessions: Sequence[PlannedSession]) -> PlannedEvent:
    return PlannedEvent(
        source=_source("ical-programme", title.casefold()),
        title=_cut(title, TITLE),
        summary="",
        place="",
        time_zone=time_zone,
        starts_at=min(session.starts_at for session in sessions),
        ends_at=max(session.ends_at for session in sessions),
        sessions=sessions,
    )


# --- Both ------------------------------------------------------------------------------------------------------


def _refuse_doubles(sessions: Sequence[tuple[str, PlannedSession]]) -> None:
    seen: dict[UUID, str] = {}
    for at, session in sessions:
        if session.key in seen:
            raise ScheduleError(f"{at}: has the same guid or UID as {seen[session.key]}.")
        seen[session.key] = at


def _key(guid: str) -> UUID:
    try:
        return UUID(guid)
    except ValueError:
        return uuid5(NAMESPACE_URL, guid)


def _source(kind: str, name: str) -> str:
    """Short enough to be kept, and still one of its own."""
    whole = f"{kind}:{name}"
    return whole if len(whole) <= SOURCE else f"{kind}:{uuid5(NAMESPACE_URL, name)}"


def _zone(name: Any, at: str) -> ZoneInfo:
    if not isinstance(name, str) or name not in available_timezones():
        raise ScheduleError(f"{at}: “{name}” is no time zone such as Europe/London.")
    return ZoneInfo(name)


def _in_utc(moment: datetime, at: str) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ScheduleError(f"{at}: {moment} is out of any calendar.") from error


def _kind(named: str, title: str) -> str:
    for text in (named.casefold(), title.casefold()):
        for kind, words in KINDS:
            if any(word in text for word in words):
                return kind
        if named:
            break
    return "talk"


def _words(value: Any) -> str:
    """Text as it is; of a text in several languages the English one, or the first."""
    if isinstance(value, Mapping):
        value = value.get("en") or next(iter(value.values()), "")
    return "" if value is None else str(value).replace("\x00", "").replace("\r\n", "\n").strip()


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"
