"""The fields of a registration form in which sessions are chosen: of those that start together one, or none.

A field is named after the moment at which its sessions start. A choice that comes back under another moment
than its session has by now tells that the organiser moved it, or took it away, while somebody was writing.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.html import format_html

from events import wording
from events.models import EventPage, Session
from pages import dates
from pages.forms import Option

NONE_OF_THESE = "none"
# No more digits than a moment has that a clock can show.
_NAME = re.compile(r"sessions-(\d{1,11})")


@dataclass(frozen=True)
class Slot:
    """Sessions that start together: one of them, or none."""

    name: str
    sessions: list[Session]


@dataclass(frozen=True)
class About:
    """What there is to know of sessions before one is chosen, by their numbers.

    `taken` are the places taken; `kept` are the sessions that the registration has already.
    """

    taken: Mapping[int, int] = field(default_factory=dict)
    speakers: Mapping[int, Iterable[str]] = field(default_factory=dict)
    urls: Mapping[int, str] = field(default_factory=dict)
    kept: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Upset:
    """A choice that does not hold as it was made: what to say of it, and at which field, if there is one."""

    message: str
    name: str | None = None


def name_of_slot(session: Session) -> str:
    """The field in which it is chosen, from all that start with it."""
    return f"sessions-{int(session.starts_at.timestamp())}"


def slots_of(sessions: Iterable[Session]) -> list[Slot]:
    """In the order in which the sessions come, which is that of their starts."""
    grouped = (list(together) for _, together in groupby(sessions, key=lambda session: session.starts_at))
    return [Slot(name_of_slot(together[0]), together) for together in grouped]


def field_of(event: EventPage, slot: Slot, about: About) -> forms.ChoiceField:
    choices = [
        (str(session.pk), Option(session.title, hint=_hint(event, session, about)))
        for session in slot.sessions
    ]
    return forms.ChoiceField(
        label=wording.moment(slot.sessions[0].starts_at, event.time_zone),
        choices=[*choices, (NONE_OF_THESE, "None of these")],
        widget=forms.RadioSelect,
        error_messages={
            "invalid_choice": "The session you chose is not there any more. Choose another, or none of these"
        },
    )


def followed(data: Any, slots: Iterable[Slot], time_zone: str) -> tuple[Any, list[Upset]]:
    """What was sent, with each choice at the moment at which its session starts now; and what to say of it.

    Where somebody chose another session at that moment, that stands. At the moment from which a session moved
    away none is chosen: the others there were not wanted.
    """
    slots = list(slots)
    names = {slot.name for slot in slots}
    home = {str(session.pk): (slot.name, session) for slot in slots for session in slot.sessions}
    sent = dict(_sent(data))
    chosen = {name: value for name, value in sent.items() if value in home and home[value][0] == name}
    upsets = []
    for name, value in sent.items():
        if value in home and home[value][0] != name:
            to, session = home[value]
            stays = chosen.setdefault(to, value)
            other = None if stays == value else home[stays][1]
            upsets.append(Upset(_moved(session, _start(name), other, time_zone), to))
        elif value not in home and name not in names and value != NONE_OF_THESE:
            when = wording.moment(_start(name), time_zone)
            upsets.append(Upset(f"The session that you chose for {when} is not there any more"))
    if not any(upset.name for upset in upsets):
        return data, upsets
    data = data.copy()
    for name, value in sent.items():
        data[name] = NONE_OF_THESE if value in home else value
    for name, value in chosen.items():
        data[name] = value
    return data, upsets


def _sent(data: Any) -> Iterator[tuple[str, str]]:
    for name in data:
        if _NAME.fullmatch(name) and (value := data.get(name)):
            yield name, str(value)


def _start(name: str) -> datetime:
    return datetime.fromtimestamp(int(name.removeprefix("sessions-")), UTC)


def _moved(session: Session, before: datetime, other: Session | None, time_zone: str) -> str:
    zone = ZoneInfo(time_zone)
    is_same_day = before.astimezone(zone).date() == session.starts_at.astimezone(zone).date()
    words = dates.clock if is_same_day else wording.moment
    start, end = words(before, time_zone), words(session.starts_at, time_zone)
    moved = f"“{session.title}” moved from {start} to {end} while you were writing"
    if other is not None:
        return f"{moved}, and then you chose “{other.title}”. Choose one of them, or none of these"
    return f"{moved}. It is still chosen: send the form again if that suits you, or choose another"


def _hint(event: EventPage, session: Session, about: About) -> str:
    """For example "Assessment, workshop, Room 1, until 12 noon. With a force trainer. 12 places left", and a link."""
    until = f"until {dates.clock(session.ends_at, event.time_zone)}"
    what = session.Kind(session.kind).label.lower()
    where = ", ".join(filter(None, [session.stream, what, session.room, until]))
    speakers = "; ".join(about.speakers.get(session.pk, ()))
    sentences = [
        where[:1].upper() + where[1:],
        speakers and f"With {speakers}",
        _places(event, session, about),
    ]
    said = ". ".join(filter(None, sentences))
    url = about.urls.get(session.pk)
    if not url:
        return said
    # In a tab of its own: whoever left the form would lose what they wrote.
    return format_html(
        '{}<br><a class="govuk-link" href="{}" target="_blank" rel="noopener">About this session'
        '<span class="govuk-visually-hidden">: {}</span> (opens in a new tab)</a>',
        f"{said}.",
        url,
        session.title,
    )


def _places(event: EventPage, session: Session, about: About) -> str:
    taken = about.taken.get(session.pk, 0)
    if session.pk in about.kept:
        return "You chose this"
    if session.is_full(taken):
        return "Full"
    if session.capacity is None or not event.shows_numbers:
        return ""
    left = session.capacity - taken
    return "1 place left" if left == 1 else f"{left:,} places left"
