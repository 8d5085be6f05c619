"""What changed in a programme, and whom it matters to. Pure: what was announced before, and what holds now."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from pages import dates
from pages.clocks import reading_of

Facts = Mapping[str, Any]


class What(StrEnum):
    """What became of a session."""

    MOVED = "moved"
    CANCELLED = "cancelled"
    ON_AGAIN = "on again"


@dataclass(frozen=True)
class SessionChange:
    """One session that people planned by, as they were told of it and as it is. Facts: `Session.calendar_facts`."""

    key: str
    what: What
    before: Facts
    after: Facts

    @property
    def is_for_everybody(self) -> bool:
        """Otherwise it matters to those who chose the session, and to nobody else."""
        return not (self.before["is_chosen"] and self.after["is_chosen"])

    @property
    def takes_a_choice_away(self) -> bool:
        """Whether somebody who chose the session may want another now."""
        return self.what is What.CANCELLED and not self.is_for_everybody

    def in_words(self, time_zone: str) -> str:
        title, now, then = (
            self.after["title"],
            _period(self.after, time_zone),
            _period(self.before, time_zone),
        )
        return {
            What.MOVED: f"“{title}” moves to {now}. Before: {then}.",
            What.CANCELLED: f"“{title}”, {then}, is cancelled.",
            What.ON_AGAIN: f"“{title}” takes place after all: {now}.",
        }[self.what]


def session_changes(before: Facts, after: Facts, *, now: datetime) -> list[SessionChange]:
    """The changes between two announcements of an event (`EventPage.calendar_facts`), in the order of the day.

    A new session, another title or another room upset nobody's plans, a break is nobody's plan, and what is
    over cannot be changed. Where the event as a whole moved, start and end alike, the sessions that moved along
    with it are left out.
    """
    found = list(_changes(before, after, _shift_of_event(before, after), now))
    return sorted(found, key=lambda change: (change.after["starts_at"], change.key))


def _changes(before: Facts, after: Facts, shift: timedelta, now: datetime) -> Iterator[SessionChange]:
    sessions: Facts = after["sessions"]
    zone = ZoneInfo(after["time_zone"])
    for key, then in before["sessions"].items():
        # A session that was taken out was cancelled.
        facts = sessions.get(key, {**then, "is_cancelled": True})
        if then["is_break"] or (_is_over(then, now) and _is_over(facts, now)):
            continue
        if facts["is_cancelled"] != then["is_cancelled"]:
            yield SessionChange(key, What.CANCELLED if facts["is_cancelled"] else What.ON_AGAIN, then, facts)
        elif not facts["is_cancelled"] and _moves(then, facts, zone) not in (_NOT_AT_ALL, (shift, shift)):
            yield SessionChange(key, What.MOVED, then, facts)


def _shift_of_event(before: Facts, after: Facts) -> timedelta:
    """By how much it moved as a whole. Not at all where it only begins earlier, or ends later."""
    start, end = _moves(before, after, ZoneInfo(after["time_zone"]))
    return start if start == end else timedelta()


def _moves(then: Facts, facts: Facts, zone: ZoneInfo) -> tuple[timedelta, timedelta]:
    """By how much the start and the end moved, as the clock at the event shows it."""
    start, end = (
        _reading(facts, name, zone) - _reading(then, name, zone) for name in ("starts_at", "ends_at")
    )
    return start, end


_NOT_AT_ALL = (timedelta(), timedelta())


def _reading(facts: Facts, name: str, zone: ZoneInfo) -> datetime:
    return reading_of(datetime.fromisoformat(facts[name]), zone)


def _is_over(facts: Facts, now: datetime) -> bool:
    return datetime.fromisoformat(facts["ends_at"]) <= now


def _period(facts: Facts, time_zone: str) -> str:
    starts_at, ends_at = datetime.fromisoformat(facts["starts_at"]), datetime.fromisoformat(facts["ends_at"])
    words = dates.period(starts_at, ends_at, time_zone)
    zone = dates.zone_name(starts_at, time_zone)
    return f"{words}, {zone}" if zone else words
