"""iCalendar (RFC 5545): an event of each entry, or one event with the entries as its sessions.

What is whole but no event of ours (it repeats, it is cancelled, it has no end or no name) is passed over and named; what
is broken refuses the file.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from icalendar import Calendar, Component

from events import clocks
from events.planned import (
    LONG_TEXT,
    PLACE,
    ROOM,
    SUMMARY,
    TITLE,
    PlannedEvent,
    PlannedSession,
    Schedule,
    ScheduleError,
    cut,
    in_utc,
    key_of,
    kind_of,
    refuse_doubles,
    source_of,
    words_of,
)
from pages.clocks import moment_of

WHOLE_DAY = (
    "it lasts the whole day, so here it goes from 12 midnight to 12 midnight. Give it its times before you "
    "publish it."
)


def read(content: bytes, time_zone: str, one_event: str) -> Schedule:
    """Raises ScheduleError."""
    entries: list[tuple[str, Component]] = []
    default = time_zone
    for calendar in _calendars(content):
        default = str(calendar.get("X-WR-TIMEZONE") or default)
        for entry in calendar.walk("VEVENT"):
            entries.append((f"Entry {len(entries) + 1} (“{entry.get('SUMMARY', '')}”)", entry))
    if default not in available_timezones():
        default = time_zone
    passed_over: list[str] = []
    whole: list[tuple[str, Component]] = []
    for at, entry in entries:
        reason = _why_not(entry, at)
        if reason:
            passed_over.append(f"{at}: {reason}")
        else:
            whole.append((at, entry))
    # Some write the same UID into all entries. Those are known by their start and title as well.
    times = Counter(_uid(entry) for _, entry in whole)
    kept = [
        (at, _session_of_entry(entry, ZoneInfo(default), at, is_shared=times[_uid(entry)] > 1))
        for at, entry in whole
    ]
    refuse_doubles([(at, read.session) for at, read in kept])
    if not kept:
        return Schedule([], passed_over)
    to_check = [f"{at}: {WHOLE_DAY}" for at, entry in whole if not _has_time(entry, at)]
    if one_event:
        events = [_event_of_entries(one_event, default, [read.session for _, read in kept])]
    else:
        events = [_event_of_entry(read) for _, read in kept]
    return Schedule(events, passed_over, to_check)


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


def _why_not(entry: Component, at: str) -> str:
    """Why an entry is no event here, though nothing is wrong with it; empty if it is one."""
    return next(_reasons(entry, at), "")


def _reasons(entry: Component, at: str) -> Iterator[str]:
    if "RRULE" in entry or "RDATE" in entry or "RECURRENCE-ID" in entry:
        yield "it repeats, and an event here is one date. Enter it by hand."
    if str(entry.get("STATUS", "")).upper() == "CANCELLED":
        yield "it is cancelled."
    if not words_of(str(entry.get("SUMMARY", ""))):
        yield "it has no title (SUMMARY)."
    if not _uid(entry):
        yield "it has no UID, so it could not be found again."
    if "DTSTART" not in entry:
        yield "it has no start (DTSTART)."
    elif _is_moment(entry, at):
        yield "it has no end, and an event here lasts some time."


def _is_moment(entry: Component, at: str) -> bool:
    start = _value(entry, "DTSTART", at)
    if not isinstance(start, datetime):
        return False
    if "DTEND" in entry:
        return bool(_value(entry, "DTEND", at) == start)
    return "DURATION" not in entry


def _uid(entry: Component) -> str:
    return str(entry.get("UID", "")).strip()


def _session_of_entry(entry: Component, zone: ZoneInfo, at: str, *, is_shared: bool) -> _Entry:
    title = cut(words_of(str(entry["SUMMARY"])), TITLE)
    starts_at = _moment_of_entry(entry, "DTSTART", zone, at)
    ends_at = _end_of_entry(entry, starts_at, zone, at)
    if ends_at <= starts_at:
        raise ScheduleError(f"{at}: DTEND is not after DTSTART.")
    uid = f"{_uid(entry)} {starts_at.isoformat()} {title}" if is_shared else _uid(entry)
    location = words_of(str(entry.get("LOCATION", "")))
    own_zone = getattr(getattr(_value(entry, "DTSTART", at), "tzinfo", None), "key", "")
    session = PlannedSession(
        key=key_of(uid),
        title=title,
        kind=kind_of("", title),
        stream="",
        room=cut(location, ROOM),
        starts_at=starts_at,
        ends_at=ends_at,
        summary=cut(words_of(str(entry.get("DESCRIPTION", ""))), LONG_TEXT),
    )
    in_list = own_zone if "/" in own_zone and own_zone in available_timezones() else zone.key
    return _Entry(session, uid, cut(location, PLACE), in_list)


def _moment_of_entry(entry: Component, name: str, zone: ZoneInfo, at: str) -> datetime:
    value = _value(entry, name, at)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            try:
                return moment_of(value, zone)
            except ValueError as error:
                raise ScheduleError(f"{at}: {name} carries no zone. {error}") from error
        return _in_its_zone(value, f"{at}: {name}")
    if isinstance(value, date):
        return in_utc(datetime.combine(value, time(), tzinfo=zone), f"{at}: {name}")
    raise ScheduleError(f"{at}: {name} is no time such as 20270518T093000Z.")


def _in_its_zone(value: datetime, at: str) -> datetime:
    """A time of a named zone is what a clock there shows: no hour that it skips, and none that it shows twice."""
    if not isinstance(value.tzinfo, ZoneInfo):
        return in_utc(value, at)
    try:
        return moment_of(value.replace(tzinfo=None), value.tzinfo)
    except OverflowError:
        return in_utc(value, at)
    except ValueError as error:
        raise ScheduleError(f"{at}: {error}") from error


def _end_of_entry(entry: Component, starts_at: datetime, zone: ZoneInfo, at: str) -> datetime:
    is_day = not _has_time(entry, at)
    if "DTEND" in entry:
        ends_at = _moment_of_entry(entry, "DTEND", zone, at)
        # Meant as the last day, where the standard has the first one after it.
        return clocks.moved(ends_at, timedelta(days=1), zone) if is_day and ends_at == starts_at else ends_at
    if "DURATION" in entry:
        length = _value(entry, "DURATION", at)
        if not isinstance(length, timedelta) or abs(length) > timedelta(days=366):
            raise ScheduleError(f"{at}: DURATION is no duration such as PT45M.")
        return starts_at + length
    return clocks.moved(starts_at, timedelta(days=1), zone)


def _has_time(entry: Component, at: str) -> bool:
    return isinstance(_value(entry, "DTSTART", at), datetime)


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
        source=source_of("ical", entry.uid),
        title=session.title,
        summary=cut(session.summary, SUMMARY),
        place=entry.place,
        time_zone=entry.time_zone,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
    )


def _event_of_entries(title: str, time_zone: str, sessions: Sequence[PlannedSession]) -> PlannedEvent:
    return PlannedEvent(
        source=source_of("ical-programme", title.casefold()),
        title=cut(title, TITLE),
        summary="",
        place="",
        time_zone=time_zone,
        starts_at=min(session.starts_at for session in sessions),
        ends_at=max(session.ends_at for session in sessions),
        sessions=sessions,
    )
