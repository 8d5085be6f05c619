"""When and where, in the words that pages, letters and lists of events share. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from pages import dates

if TYPE_CHECKING:
    from events.models import Session

MONTH = "month"


def when(starts_at: datetime, ends_at: datetime, *, precision: str, time_zone: str) -> str:
    """For example "Thursday 3 December 2026, 1pm to 4:30pm"; the zone too where it is not London's clock."""
    if precision == MONTH:
        return dates.month(starts_at, time_zone)
    words = dates.period(starts_at, ends_at, time_zone)
    zone = dates.zone_name(starts_at, time_zone)
    return f"{words}, {zone}" if zone else words


def when_in_full(starts_at: datetime, ends_at: datetime, *, precision: str, time_zone: str) -> str:
    """As `when`; of an event of several days also at what time it starts and ends, for those who go there."""
    if precision == MONTH:
        return dates.month(starts_at, time_zone)
    words = dates.period_in_full(starts_at, ends_at, time_zone)
    zone = dates.zone_name(starts_at, time_zone)
    return f"{words}, {zone}" if zone else words


class DateShown(NamedTuple):
    """The parts of a date as a picture shows it; no day where only the month is known."""

    month: str
    day: str
    year: str


def date_shown(starts_at: datetime, *, precision: str, time_zone: str) -> DateShown:
    """For example ("Dec", "3", "2026")."""
    day = starts_at.astimezone(ZoneInfo(time_zone))
    return DateShown(
        dates.MONTHS[day.month - 1][:3], "" if precision == MONTH else str(day.day), str(day.year)
    )


def moment(at: datetime, time_zone: str) -> str:
    """For example "Tuesday 18 May 2027, 9:30am"; the zone too where it is not London's clock."""
    zone = dates.zone_name(at, time_zone)
    words = dates.moment(at, time_zone)
    return f"{words}, {zone}" if zone else words


def where(event_format: str, place: str, venue: str = "") -> str:
    """For example "Online", or "In person, Midlands", or "In person, the name of a venue, Midlands"."""
    if event_format == "online":
        return "Online"
    words = "Online and in person" if event_format == "hybrid" else "In person"
    return ", ".join(filter(None, [words, venue, place]))


def location(event_format: str, place: str, *, venue: str = "", address: str = "") -> str:
    """For a map, for example "Training centre, 1 High Street, Midtown, Midlands"; "Online" where nobody goes anywhere.

    What says nothing new is left out: a town that the address names.
    """
    if event_format == "online":
        return "Online"
    parts = [venue, *(line.strip().rstrip(",") for line in address.splitlines())]
    if place and not any(place.casefold() in part.casefold() for part in parts):
        parts.append(place)
    return ", ".join(filter(None, parts)) or where(event_format, place)


def listed(names: Iterable[str], *, word: str = "and") -> str:
    """For example "one", "one and two", "one, two and three"."""
    *most, last = list(names) or [""]
    return f"{', '.join(most)} {word} {last}" if most else last


def hours(starts_at: datetime, ends_at: datetime, time_zone: str) -> str:
    """For example "9:30am to 12 noon"."""
    return f"{dates.clock(starts_at, time_zone)} to {dates.clock(ends_at, time_zone)}"


def session_places(capacity: int | None, taken: int | None, *, shows_numbers: bool) -> str:
    """What is left of the places in a session: "12 of 40 places left" or "Full".

    Nothing where there is no limit, nobody counted, or the event keeps its numbers to itself.
    """
    if capacity is None or taken is None:
        return ""
    if taken >= capacity:
        return "Full"
    if not shows_numbers:
        return ""
    return f"{capacity - taken:,} of {capacity:,} {'place' if capacity == 1 else 'places'} left"


def sessions(chosen: Sequence["Session"], time_zone: str) -> list[str]:
    """Chosen sessions, each with its time and room."""
    return [
        f"{dates.period(session.starts_at, session.ends_at, time_zone)}: {session.title}"
        f"{f', {session.room}' if session.room else ''}{' (cancelled)' if session.is_cancelled else ''}"
        for session in chosen
    ]


def sessions_under_heading(chosen: Sequence["Session"], time_zone: str) -> str:
    """The same, one on a line; nothing where there are none. For calendars."""
    lines = sessions(chosen, time_zone)
    return "\n".join(["Your sessions:", *lines]) if lines else ""


def facts_in_words(facts: Mapping[str, Any]) -> dict[str, str]:
    """What was announced (`EventPage.calendar_facts`), as a letter says it: title, when, where."""
    return {
        "title": facts["title"],
        "when": when_in_full(
            datetime.fromisoformat(facts["starts_at"]),
            datetime.fromisoformat(facts["ends_at"]),
            precision=facts["precision"],
            time_zone=facts["time_zone"],
        ),
        "where": where(facts["format"], facts["place"], facts["venue"]),
    }
