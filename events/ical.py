"""Calendar files (RFC 5545) that Outlook, Google and Apple accept.

Pure: entries in, bytes out; the same entries always make the same bytes. An entry keeps its UID for ever,
and a file with a higher SEQUENCE replaces what a calendar holds.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress, vDuration, vUri

from events.vtimezone import vtimezone

if TYPE_CHECKING:
    from events.models import EventPage, Session

PRODID = "-//Practice Portal//Events//EN"
CONTENT_TYPE = "text/calendar; charset=utf-8"

# Line ends of every kind become the one that the format writes as "\n"; nothing else below a space may
# stand in a file, and some readers take U+2028 and its like for the end of the line.
_LINE_BREAK = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff]")


class Method(StrEnum):
    """What a file asks of a calendar."""

    PUBLISH = "PUBLISH"
    CANCEL = "CANCEL"


class Status(StrEnum):
    """How sure an entry is."""

    CONFIRMED = "CONFIRMED"
    TENTATIVE = "TENTATIVE"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True)
class Organiser:
    """Who a calendar says invites."""

    name: str
    address: str


@dataclass(frozen=True)
class Entry:
    """One event in a calendar. All moments carry a zone."""

    uid: str
    sequence: int
    stamped_at: datetime
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    summary: str
    description: str
    location: str
    url: str
    status: Status


def entry_of(
    event: "EventPage",
    *,
    host: str,
    url: str,
    stamped_at: datetime | None = None,
    sequence: int | None = None,
    status: Status = Status.CONFIRMED,
    details: str = "",
) -> Entry:
    """The entry of an event whose day is known.

    `stamped_at` is the moment of writing in a letter: of two files with one SEQUENCE the later one
    counts. Without it, the last change: a feed that says the same stays the same.
    `details` stand in the description, for example the sessions that somebody chose.
    """
    changed_at = _changed_at(event)
    return Entry(
        uid=f"{event.uuid}@{host}",
        sequence=event.calendar_sequence if sequence is None else sequence,
        stamped_at=stamped_at or changed_at,
        changed_at=changed_at,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        time_zone=event.time_zone,
        summary=event.title,
        description="\n\n".join(filter(None, [event.summary, details, url])),
        location=event.location,
        url=url,
        status=Status.CANCELLED if event.is_cancelled else status,
    )


def session_entry_of(
    session: "Session",
    event: "EventPage",
    *,
    host: str,
    url: str,
    stamped_at: datetime | None = None,
    status: Status = Status.CONFIRMED,
) -> Entry:
    """The entry of one session. Its sequence is the event's: it goes up whenever anything announced changes."""
    changed_at = _changed_at(event)
    is_cancelled = session.is_cancelled or event.is_cancelled
    return Entry(
        uid=f"{session.key}.{event.uuid}@{host}",
        sequence=event.calendar_sequence,
        stamped_at=stamped_at or changed_at,
        changed_at=changed_at,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        time_zone=event.time_zone,
        summary=session.title,
        description="\n\n".join(filter(None, [event.title, session.summary, url])),
        location=", ".join(filter(None, [session.room, event.location])),
        url=url,
        status=Status.CANCELLED if is_cancelled else status,
    )


def _changed_at(event: "EventPage") -> datetime:
    return max(filter(None, [event.last_published_at, event.cancelled_at]), default=_EPOCH)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def entry_from(fields: Any) -> Entry:
    """The entry that was taken apart into plain fields, `vars(entry)`, and kept."""
    return Entry(**{**fields, "status": Status(fields["status"])})


def calendar_file(
    entries: Iterable[Entry],
    *,
    organiser: Organiser,
    method: Method = Method.PUBLISH,
    name: str = "",
    refresh: timedelta | None = None,
) -> bytes:
    """A whole file. A feed has a name to show, and says how often to ask for it again."""
    entries = list(entries)
    calendar = Calendar()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method.value)
    if name:
        calendar.add("x-wr-calname", _text(name))
        calendar.add("name", _text(name))
    if refresh:
        calendar.add("refresh-interval", vDuration(refresh), parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", vDuration(refresh))
    for zone, moments in _moments_by_zone(entries).items():
        calendar.add_component(vtimezone(zone, min(moments), max(moments)))
    for entry in entries:
        calendar.add_component(_vevent(entry, organiser))
    content: bytes = calendar.to_ical(sorted=False)
    return content


def _vevent(entry: Entry, organiser: Organiser) -> Event:
    zone = ZoneInfo(entry.time_zone)
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.stamped_at.astimezone(UTC))
    event.add("last-modified", entry.changed_at.astimezone(UTC))
    event.add("dtstart", entry.starts_at.astimezone(zone))
    event.add("dtend", entry.ends_at.astimezone(zone))
    event.add("summary", _text(entry.summary))
    event.add("description", _text(entry.description))
    event.add("location", _text(entry.location))
    event.add("url", vUri(entry.url))
    event.add("status", entry.status.value)
    event.add("transp", "TRANSPARENT" if entry.status is Status.CANCELLED else "OPAQUE")
    address = vCalAddress(f"mailto:{organiser.address}")
    address.params["CN"] = organiser.name
    event.add("organizer", address)
    return event


def _moments_by_zone(entries: Sequence[Entry]) -> dict[str, list[datetime]]:
    moments: dict[str, list[datetime]] = {}
    for entry in entries:
        moments.setdefault(entry.time_zone, []).extend([entry.starts_at, entry.ends_at])
    return moments


def _text(text: str) -> str:
    return _CONTROL.sub("", "\n".join(_LINE_BREAK.split(text)))
