"""The schedule.json of pretalx, frab and what follows their schema (c3voc.de/schedule), in both its versions.

Version 1 keeps sessions under days and rooms; version 2 has one list of them, and names rooms, tracks and people
elsewhere. Some write what stands in "schedule" without that around it.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_duration

from events.planned import (
    LONG_TEXT,
    NAME,
    ROOM,
    STREAM,
    TITLE,
    PlannedEvent,
    PlannedSession,
    PlannedSpeaker,
    ScheduleError,
    cut,
    in_utc,
    key_of,
    kind_of,
    refuse_doubles,
    source_of,
    words_of,
    zone_of,
)
from pages.clocks import moment_of

LONGEST = timedelta(days=7)


def read(content: bytes, time_zone: str) -> PlannedEvent:
    """The one event of a file. Raises ScheduleError."""
    return _conference(_json(content), time_zone)


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
    above = "schedule"
    if isinstance(content, dict) and "schedule" not in content and "conference" in content:
        schedule, above = content, ""
    else:
        schedule = _part(content, "schedule", dict, "")
    conference = _part(schedule, "conference", dict, above)
    at = f"{above}.conference" if above else "conference"
    title = cut(words_of(_part(conference, "title", (str, dict), at)), TITLE)
    if not title:
        raise ScheduleError(f"{at}.title: is empty.")
    zone = zone_of(conference.get("time_zone_name") or time_zone, f"{at}.time_zone_name")
    if isinstance(schedule.get("events"), list):
        listed = f"{above}.events" if above else "events"
        sessions = list(_sessions_of_list(schedule, conference, zone, listed))
    else:
        listed = f"{at}.days"
        sessions = list(_sessions_of_days(_part(conference, "days", list, at), zone, listed))
    refuse_doubles(sessions)
    if not sessions:
        raise ScheduleError(f"{listed}: there is no session in it.")
    name = words_of(schedule.get("base_url") or conference.get("acronym") or title)
    return PlannedEvent(
        source=source_of("schedule", name),
        title=title,
        summary="",
        place="",
        time_zone=zone.key,
        starts_at=min(session.starts_at for _, session in sessions),
        ends_at=max(session.ends_at for _, session in sessions),
        sessions=[session for _, session in sessions],
    )


# --- Version 1: by day and room ---------------------------------------------------------------------------------


def _sessions_of_days(days: list[Any], zone: ZoneInfo, at: str) -> Iterator[tuple[str, PlannedSession]]:
    for number, day in enumerate(days):
        here = f"{at}[{number}]"
        rooms = _part(day, "rooms", (dict, list), here)
        if rooms and isinstance(rooms, list):  # an empty one is how some write a day without sessions
            raise ScheduleError(f"{here}.rooms: is not of the kind that a schedule has there.")
        for room, talks in dict(rooms).items():
            if not isinstance(talks, list):
                raise ScheduleError(f"{here}.rooms[“{room}”]: is not a list.")
            for position, talk in enumerate(talks):
                place = f"{here}.rooms[“{room}”][{position}]"
                starts_at = _start_of_talk(talk, day, zone, place)
                yield place, _session(talk, starts_at, zone, place, room=room)


def _start_of_talk(talk: Any, day: Any, zone: ZoneInfo, at: str) -> datetime:
    _part(talk, "title", (str, dict), at)
    if talk.get("date"):
        return _moment(talk["date"], zone, f"{at}.date")
    start = _part(talk, "start", str, at)
    if "T" in start:  # a moment, where the schema has a time of day
        return _moment(start, zone, f"{at}.start")
    return _moment(f"{_part(day, 'date', str, at)}T{start}", zone, f"{at}.start")


# --- Version 2: one list ----------------------------------------------------------------------------------------


def _sessions_of_list(
    schedule: Mapping[str, Any], conference: Mapping[str, Any], zone: ZoneInfo, at: str
) -> Iterator[tuple[str, PlannedSession]]:
    rooms = _by(conference.get("rooms"), "guid", "slug")
    tracks = _by(conference.get("tracks"), "guid", "slug")
    people = _by(schedule.get("persons"), "guid", "code")
    for position, talk in enumerate(schedule["events"]):
        place = f"{at}[{position}]"
        start = _part(talk, "start", str, place)
        named = {
            **talk,
            "room": _name_of(talk.get("room"), rooms),
            "track": _name_of(talk.get("track"), tracks),
            "persons": [
                {**_entry(person, people), **person} if isinstance(person, dict) else person
                for person in talk.get("participants") or talk.get("persons") or []
            ],
        }
        yield place, _session(named, _moment(start, zone, f"{place}.start"), zone, place, room="")


def _by(entries: Any, *names: str) -> dict[str, Mapping[str, Any]]:
    """What is named elsewhere, by each of the names it goes by."""
    found = [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    return {str(entry[name]): entry for entry in found for name in names if entry.get(name)}


def _entry(named: Any, entries: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    names = (str(named.get(name)) for name in ("guid", "code", "slug")) if isinstance(named, dict) else ()
    return next((entries[name] for name in names if name in entries), {})


def _name_of(named: Any, entries: Mapping[str, Mapping[str, Any]]) -> Any:
    """What it is called: in place, or where it is described."""
    if not isinstance(named, dict) or not {"guid", "slug", "name"} & set(named):
        return named  # a name, or a name in several languages
    return named.get("name") or _entry(named, entries).get("name") or named.get("slug")


# --- Both -------------------------------------------------------------------------------------------------------


def _session(talk: Any, starts_at: datetime, zone: ZoneInfo, at: str, *, room: str) -> PlannedSession:
    title = cut(words_of(_part(talk, "title", (str, dict), at)), TITLE)
    if not title:
        raise ScheduleError(f"{at}.title: is empty.")
    texts = (words_of(talk.get(name)) for name in ("subtitle", "abstract", "description"))
    return PlannedSession(
        key=key_of(_guid(talk, title, starts_at, at)),
        title=title,
        kind=kind_of(words_of(talk.get("type")), title),
        stream=cut(words_of(talk.get("track")), STREAM),
        room=cut(words_of(talk.get("room")) or room, ROOM),
        starts_at=starts_at,
        ends_at=_end(talk, starts_at, zone, at),
        summary=cut("\n\n".join(dict.fromkeys(filter(None, texts))), LONG_TEXT),
        speakers=list(_speakers(talk.get("persons") or [], f"{at}.persons")),
    )


def _guid(talk: Mapping[str, Any], title: str, starts_at: datetime, at: str) -> str:
    """What names the session for ever. Breaks have nothing of their own in version 2: their time and title do."""
    own = talk.get("guid") or talk.get("code") or talk.get("id") or talk.get("url")
    if not own and words_of(talk.get("type")).casefold() == "break":
        own = f"{starts_at.isoformat()} {title}"
    if not own:
        raise ScheduleError(f"{at}: has neither guid nor code nor id, so it could not be found again.")
    return str(own)


def _end(talk: Mapping[str, Any], starts_at: datetime, zone: ZoneInfo, at: str) -> datetime:
    if not talk.get("duration") and talk.get("end"):
        ends_at = _moment(talk["end"], zone, f"{at}.end")
        if not timedelta(0) < ends_at - starts_at <= LONGEST:
            raise ScheduleError(
                f"{at}.end: “{talk['end']}” is not after the start, or more than a week after it."
            )
        return ends_at
    return starts_at + _duration(_part(talk, "duration", str, at), f"{at}.duration")


def _moment(text: Any, zone: ZoneInfo, at: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise ScheduleError(f"{at}: “{text}” is no time such as 2027-05-18T09:30:00+01:00.") from error
    if moment.tzinfo is None:
        try:
            return moment_of(moment, zone)
        except ValueError as error:
            raise ScheduleError(f"{at}: “{text}” carries no zone. {error}") from error
    return in_utc(moment, at)


def _duration(text: str, at: str) -> timedelta:
    """Hours and minutes, 00:45; or as in ISO 8601, PT45M."""
    length = _iso_duration(text) if text.startswith("P") else _clock_duration(text)
    if length is None:
        raise ScheduleError(f"{at}: “{text}” is no duration such as 00:45.")
    if not timedelta(0) < length <= LONGEST:
        raise ScheduleError(f"{at}: “{text}” is not more than nothing and at most a week.")
    return length


def _iso_duration(text: str) -> timedelta | None:
    try:
        return parse_duration(text)
    except (ValueError, OverflowError):
        return None


def _clock_duration(text: str) -> timedelta | None:
    parts = text.split(":")
    try:
        numbers = [int(part) for part in parts]
    except ValueError:
        numbers = []
    if len(numbers) not in (2, 3) or any(number < 0 for number in numbers):
        return None
    hours, minutes, *_ = numbers
    return timedelta(hours=min(hours, 10_000), minutes=min(minutes, 10_000))


def _speakers(persons: Any, at: str) -> Iterator[PlannedSpeaker]:
    if not isinstance(persons, list):
        raise ScheduleError(f"{at}: is not a list.")
    seen = set()
    for number, person in enumerate(persons):
        if not isinstance(person, dict):
            raise ScheduleError(f"{at}[{number}]: is not an object.")
        name = cut(
            words_of(person.get("public_name") or person.get("name") or person.get("full_public_name")), NAME
        )
        if name and name.casefold() not in seen:
            seen.add(name.casefold())
            yield PlannedSpeaker(name, cut(words_of(person.get("biography")), LONG_TEXT))


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
