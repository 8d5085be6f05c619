"""A time zone, written out for calendar files (VTIMEZONE, RFC 5545 3.6.5).

icalendar 7.3 can make one too, but as a list of dates, which Outlook does not read, and with the wrong hour
for zones that do not change at 2 o'clock, London among them. Here a zone that changes by a rule, as nearly
all do, is written as that rule.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard, vRecur

_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_YEARS_TO_BE_A_RULE = 4


@dataclass(frozen=True)
class Onset:
    """The moment at which a zone's clock changes. `at` is what the clock shows just before, without zone."""

    at: datetime
    offset_from: timedelta
    offset_to: timedelta
    name: str

    @property
    def kind(self) -> tuple[timedelta, timedelta, str]:
        return self.offset_from, self.offset_to, self.name

    @property
    def is_daylight(self) -> bool:
        """Whether the clock goes forward. Ireland's law calls winter the exception; calendars do not."""
        return self.offset_to > self.offset_from

    @property
    def rule(self) -> tuple[int, str, int, int]:
        """Month, day in it ("-1SU": the last Sunday, "2SU": the second), hour, minute."""
        week = (self.at.day - 1) // 7 + 1
        is_last = (self.at + timedelta(days=7)).month != self.at.month
        day = f"{-1 if is_last else week}{_WEEKDAYS[self.at.weekday()]}"
        return self.at.month, day, self.at.hour, self.at.minute


def vtimezone(zone: str, first: datetime, last: datetime) -> Timezone:
    """The zone for everything that happens from `first` to `last`."""
    return _written(zone, first.year - 1, last.year + 1)


@lru_cache(maxsize=64)
def _written(zone: str, first_year: int, last_year: int) -> Timezone:
    zone_info = ZoneInfo(zone)
    written = Timezone()
    written.add("tzid", zone)
    onsets = list(_onsets(zone_info, first_year, max(last_year, first_year + _YEARS_TO_BE_A_RULE)))
    rules = _as_rules(onsets, first_year)
    for onset in rules or onsets:
        written.add_component(_observance(onset, is_rule=bool(rules)))
    if not rules:
        written.add_component(_observance(_start(zone_info, first_year), is_rule=False))
    return written


def _as_rules(onsets: list[Onset], first_year: int) -> list[Onset]:
    """The first onset of each rule, if every change of those years follows a rule; otherwise none."""
    by_kind: dict[tuple[timedelta, timedelta, str], list[Onset]] = {}
    for onset in onsets:
        by_kind.setdefault(onset.kind, []).append(onset)
    years = {onset.at.year for onset in onsets}
    for same in by_kind.values():
        if len({onset.rule for onset in same}) > 1 or {onset.at.year for onset in same} != years:
            return []
        if len(same) != len(years):
            return []
    return [same[0] for same in by_kind.values()] if first_year in years else []


def _observance(onset: Onset, *, is_rule: bool) -> TimezoneStandard | TimezoneDaylight:
    observance = TimezoneDaylight() if onset.is_daylight else TimezoneStandard()
    observance.add("dtstart", onset.at)
    observance.add("tzoffsetfrom", onset.offset_from)
    observance.add("tzoffsetto", onset.offset_to)
    observance.add("tzname", onset.name)
    if is_rule:
        month, day, _, _ = onset.rule
        observance.add("rrule", vRecur(freq="YEARLY", byday=day, bymonth=month))
    return observance


def _onsets(zone: ZoneInfo, first_year: int, last_year: int) -> Iterator[Onset]:
    """Every change of the clock in those years, found by looking at each day and then closing in."""
    day = datetime(first_year, 1, 1, tzinfo=UTC)
    end = datetime(last_year + 1, 1, 1, tzinfo=UTC)
    while day < end:
        next_day = day + timedelta(days=1)
        if _clock(zone, day) != _clock(zone, next_day):
            yield _onset(zone, *_close_in(zone, day, next_day))
        day = next_day


def _close_in(zone: ZoneInfo, before: datetime, after: datetime) -> tuple[datetime, datetime]:
    """The last second of the old clock and the first of the new one."""
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        before, after = (middle, after) if _clock(zone, middle) == _clock(zone, before) else (before, middle)
    return before, after


def _onset(zone: ZoneInfo, before: datetime, after: datetime) -> Onset:
    offset_from, offset_to = _offset(zone, before), _offset(zone, after)
    return Onset(
        at=(after + offset_from).replace(tzinfo=None),
        offset_from=offset_from,
        offset_to=offset_to,
        name=after.astimezone(zone).tzname() or zone.key,
    )


def _start(zone: ZoneInfo, year: int) -> Onset:
    """What the clock shows at the beginning of the year, as an onset from itself to itself."""
    at = datetime(year, 1, 1, tzinfo=UTC)
    offset = _offset(zone, at)
    return Onset(
        at=datetime(year, 1, 1),  # noqa: DTZ001 - an onset is a clock's reading, without zone
        offset_from=offset,
        offset_to=offset,
        name=at.astimezone(zone).tzname() or zone.key,
    )


def _clock(zone: ZoneInfo, at: datetime) -> tuple[timedelta, str | None]:
    return _offset(zone, at), at.astimezone(zone).tzname()


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    offset = at.astimezone(zone).utcoffset()
    assert offset is not None  # a ZoneInfo always knows  # noqa: S101
    return offset
