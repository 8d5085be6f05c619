"""Events and programmes that others wrote, as drafts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, cast

from django.db import transaction
from django.utils.text import slugify

from events.models import (
    ConferencePage,
    EventIndexPage,
    EventPage,
    ImportedEvent,
    Session,
    SessionSpeaker,
    Speaker,
    WorkshopPage,
)
from events.models.pages import TAKEN_SLUGS
from events.planned import PlannedEvent, PlannedSession

SLUG_LENGTH = 60


class What(StrEnum):
    """What became of one thing in the file."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    KEPT = "kept, since it was edited here"
    GONE = "no longer in the file, left as it is"


@dataclass(frozen=True)
class ImportLine:
    """One line of the report. Of a field, its name."""

    what: What
    subject: str
    names: Sequence[str] = ()

    def __str__(self) -> str:
        names = f" ({', '.join(self.names)})" if self.names else ""
        return f"{self.subject}: {self.what}{names}"


@transaction.atomic
def import_events(*, events: Sequence[PlannedEvent], now: datetime) -> list[ImportLine]:
    """Make drafts of the events, or bring those made before up to date. All of them, or none.

    What the importer wrote and nobody edited since follows the file; what was edited stays. Of a published
    event a draft is left to be published. The same events again change nothing.
    """
    return [line for event in events for line in _import(event, now)]


def _import(planned: PlannedEvent, now: datetime) -> list[ImportLine]:
    imported = ImportedEvent.objects.select_for_update().filter(source=planned.source).first()
    if imported is None:
        return _make(planned, now)
    if imported.facts == planned.facts():
        return [ImportLine(What.UNCHANGED, f"“{planned.title}”")]
    event = cast("EventPage", imported.event.specific.get_latest_revision_as_object())
    lines = list(_update(event, planned, imported.facts))
    if any(line.what in {What.NEW, What.CHANGED} for line in lines):
        if not event.live:
            event.save()
        event.save_revision()
    imported.facts, imported.imported_at = planned.facts(), now
    imported.save(update_fields=["facts", "imported_at"])
    return lines


def _make(planned: PlannedEvent, now: datetime) -> list[ImportLine]:
    index = EventIndexPage.objects.get()
    model = ConferencePage if planned.sessions else WorkshopPage
    event = model(slug=_free_slug(index, planned.title), live=False, **_fields(planned))
    for position, session in enumerate(planned.sessions):
        event.sessions.add(_session(session, position))
    index.add_child(instance=event)
    event.save_revision()
    ImportedEvent.objects.create(event=event, source=planned.source, facts=planned.facts(), imported_at=now)
    return [
        ImportLine(What.NEW, f"“{planned.title}”"),
        *(ImportLine(What.NEW, f"“{planned.title}”, “{session.title}”") for session in planned.sessions),
    ]


def _update(event: EventPage, planned: PlannedEvent, known: dict[str, Any]) -> Iterator[ImportLine]:
    facts = planned.facts()
    sessions, facts["sessions"] = facts["sessions"], None
    yield from _follow(event, _fields(planned), known, f"“{planned.title}”")
    in_draft = cast("Any", event.sessions).get_object_list()
    there = {str(session.key): session for session in in_draft}
    for position, session in enumerate(planned.sessions):
        key, subject = str(session.key), f"“{planned.title}”, “{session.title}”"
        if key in there:
            then = known["sessions"].get(key, {})
            yield from _follow(there[key], _session_fields(session), then, subject)
            yield from _follow_speakers(there[key], session, then, subject)
        elif key in known["sessions"]:
            yield ImportLine(What.KEPT, subject, ["removed"])
        else:
            event.sessions.add(_session(session, position))
            yield ImportLine(What.NEW, subject)
    for key, then in known["sessions"].items():
        if key not in sessions and key in there:
            yield ImportLine(What.GONE, f"“{planned.title}”, “{then['title']}”")


def _follow(
    thing: EventPage | Session, fields: dict[str, Any], known: dict[str, Any], subject: str
) -> Iterator[ImportLine]:
    """Give the thing those values of the file that are new and that nobody replaced by others."""
    changed, kept = [], []
    for name, value in fields.items():
        current = _plain(getattr(thing, name))
        if _plain(value) in (known.get(name), current):
            continue
        if current == known.get(name):
            setattr(thing, name, value)
            changed.append(name)
        else:
            kept.append(name)
    yield from _lines(subject, changed, kept)


def _follow_speakers(
    session: Session, planned: PlannedSession, known: dict[str, Any], subject: str
) -> Iterator[ImportLine]:
    names, current = planned.facts()["speakers"], [speaker.name for speaker in session.speakers]
    if names in (known.get("speakers"), current):
        return
    if [name.casefold() for name in current] == [name.casefold() for name in known.get("speakers", [])]:
        session.session_speakers.set(_speaking(planned))
        yield ImportLine(What.CHANGED, subject, ["speakers"])
    else:
        yield ImportLine(What.KEPT, subject, ["speakers"])


def _lines(subject: str, changed: list[str], kept: list[str]) -> Iterator[ImportLine]:
    if changed:
        yield ImportLine(What.CHANGED, subject, changed)
    if kept:
        yield ImportLine(What.KEPT, subject, kept)


def _fields(planned: PlannedEvent) -> dict[str, Any]:
    names = ("title", "summary", "place", "time_zone", "starts_at", "ends_at")
    return {name: getattr(planned, name) for name in names}


def _session_fields(planned: PlannedSession) -> dict[str, Any]:
    names = ("title", "kind", "stream", "room", "starts_at", "ends_at", "summary")
    return {name: getattr(planned, name) for name in names}


def _session(planned: PlannedSession, position: int) -> Session:
    session = Session(key=planned.key, sort_order=position, **_session_fields(planned))
    session.session_speakers.set(_speaking(planned))
    return session


def _speaking(planned: PlannedSession) -> list[SessionSpeaker]:
    return [
        SessionSpeaker(speaker=_speaker(speaker.name, speaker.biography), sort_order=position)
        for position, speaker in enumerate(planned.speakers)
    ]


def _speaker(name: str, biography: str) -> Speaker:
    """The speaker of that name, as they are; made only if there is none."""
    found = Speaker.objects.filter(name__iexact=name).order_by("pk").first()
    return found or Speaker.objects.create(name=name, biography=biography)


def _free_slug(index: EventIndexPage, title: str) -> str:
    wanted = slugify(title)[:SLUG_LENGTH].strip("-") or "event"
    taken = TAKEN_SLUGS | set(
        index.get_children().filter(slug__startswith=wanted).values_list("slug", flat=True)
    )
    return next(
        slug for number in range(1, len(taken) + 2) if (slug := _numbered(wanted, number)) not in taken
    )


def _numbered(slug: str, number: int) -> str:
    return slug if number == 1 else f"{slug}-{number}"


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
