"""What a file with somebody else's programme comes to: plans of events, and the rules that all kinds of files share.

Pure. Whatever is wrong is a ScheduleError that says where. What is longer than our fields is cut with an ellipsis.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5
from zoneinfo import ZoneInfo, available_timezones

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


# What some write into their texts. Only this: "a < b" is no tag, and "R&D" no entity.
_TAG = re.compile(
    r"</?(?:a|b|blockquote|br|div|em|h[1-6]|i|li|ol|p|span|strong|u|ul)\b[^<>]*>", re.IGNORECASE
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8});", re.IGNORECASE)


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
    # What was taken, and wants to be looked at before it is published.
    to_check: Sequence[str] = ()


def refuse_doubles(sessions: Sequence[tuple[str, PlannedSession]]) -> None:
    seen: dict[UUID, str] = {}
    for at, session in sessions:
        if session.key in seen:
            raise ScheduleError(f"{at}: has the same guid or UID as {seen[session.key]}.")
        seen[session.key] = at


def key_of(guid: str) -> UUID:
    try:
        return UUID(guid)
    except ValueError:
        return uuid5(NAMESPACE_URL, guid)


def source_of(kind: str, name: str) -> str:
    """Short enough to be kept, and still one of its own."""
    whole = f"{kind}:{name}"
    return whole if len(whole) <= SOURCE else f"{kind}:{uuid5(NAMESPACE_URL, name)}"


def zone_of(name: Any, at: str) -> ZoneInfo:
    if not isinstance(name, str) or name not in available_timezones():
        raise ScheduleError(f"{at}: “{name}” is no time zone such as Europe/London.")
    return ZoneInfo(name)


def in_utc(moment: datetime, at: str) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ScheduleError(f"{at}: {moment} is out of any calendar.") from error


def kind_of(named: str, title: str) -> str:
    for text in (named.casefold(), title.casefold()):
        for kind, words in KINDS:
            if any(word in text for word in words):
                return kind
        if named:
            break
    return "talk"


def words_of(value: Any) -> str:
    """Text without markup; of a text in several languages the English one, or the first."""
    if isinstance(value, Mapping):
        value = value.get("en") or next(iter(value.values()), "")
    if value is None:
        return ""
    plain = _ENTITY.sub(lambda found: unescape(found[0]), _TAG.sub("", str(value)))
    return plain.replace("\x00", "").replace("\r\n", "\n").strip()


def cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"
