"""Dates and times in words, as every page and letter writes them.

Pure: a moment in, words out. Words are in the zone asked for, London unless told. A moment that carries no
zone is a ValueError: nobody knows when it is.
No `strftime`: its `%-d` is not known everywhere and its names follow the server's language.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def day_date(at: datetime | date, zone: str | ZoneInfo = LONDON) -> str:
    """The day in full: "Thursday 3 December 2026". A plain date stands as it is."""
    day = _local_day(at, zone)
    return f"{DAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}"


def month(at: datetime | date, zone: str | ZoneInfo = LONDON) -> str:
    """The month, where no more is known: "November 2017"."""
    day = _local_day(at, zone)
    return f"{MONTHS[day.month - 1]} {day.year}"


def clock(at: datetime, zone: str | ZoneInfo = LONDON) -> str:
    """The time of day: "1pm", "9:30am", "12 noon", "12 midnight"."""
    local = _local(at, zone)
    if local.minute == 0 and local.hour in (0, 12):
        return "12 noon" if local.hour else "12 midnight"
    minutes = f":{local.minute:02}" if local.minute else ""
    return f"{local.hour % 12 or 12}{minutes}{'am' if local.hour < 12 else 'pm'}"


def moment(at: datetime, zone: str | ZoneInfo = LONDON) -> str:
    """Day and time: "Thursday 3 December 2026, 1pm"."""
    return f"{day_date(at, zone)}, {clock(at, zone)}"


def period(start: datetime, end: datetime, zone: str | ZoneInfo = LONDON) -> str:
    """From when to when, in the zone of the place.

    On one day with times, "Thursday 3 December 2026, 1pm to 4:30pm". Over several days the days alone:
    "Tuesday 18 and Wednesday 19 May 2027", "Friday 30 April to Sunday 2 May 2027". An end at midnight
    belongs to the day before.
    """
    first, last = _days(start, end, zone)
    if first == last:
        if start == end:
            return moment(start, zone)
        return f"{day_date(start, zone)}, {clock(start, zone)} to {clock(end, zone)}"
    joint = "and" if (last - first).days == 1 else "to"
    return f"{_up_to(first, last)} {joint} {day_date(last)}"


def period_in_full(start: datetime, end: datetime, zone: str | ZoneInfo = LONDON) -> str:
    """As `period`, with the times also over several days.

    For example "Tuesday 18 May 2027, 9:30am to Wednesday 19 May 2027, 3:30pm".
    """
    first, last = _days(start, end, zone)
    if first == last:
        return period(start, end, zone)
    return f"{day_date(first)}, {clock(start, zone)} to {day_date(last)}, {clock(end, zone)}"


def zone_name(at: datetime, zone: str | ZoneInfo) -> str:
    """The zone in words where it is not London's, for example "Europe/Paris time"; otherwise nothing.

    A zone that shows the same clock as London at that moment needs no words either.
    """
    there = _zone(zone)
    if at.astimezone(there).utcoffset() == at.astimezone(LONDON).utcoffset():
        return ""
    return f"{there.key.rsplit('/', 1)[-1].replace('_', ' ')} time"


def _days(start: datetime, end: datetime, zone: str | ZoneInfo) -> tuple[date, date]:
    return _local_day(start, zone), _local_day(end - timedelta(microseconds=1) if end > start else end, zone)


def _up_to(first: date, last: date) -> str:
    """The first day of a period, without what the last day says again."""
    words = f"{DAYS[first.weekday()]} {first.day}"
    if (first.year, first.month) != (last.year, last.month):
        words += f" {MONTHS[first.month - 1]}"
    if first.year != last.year:
        words += f" {first.year}"
    return words


def _local_day(at: datetime | date, zone: str | ZoneInfo) -> date:
    return _local(at, zone).date() if isinstance(at, datetime) else at


def _local(at: datetime, zone: str | ZoneInfo) -> datetime:
    # `astimezone` would take a moment without a zone for the server's own time.
    if at.tzinfo is None:
        raise ValueError(f"{at} carries no time zone.")
    return at.astimezone(_zone(zone))


def _zone(zone: str | ZoneInfo) -> ZoneInfo:
    return zone if isinstance(zone, ZoneInfo) else ZoneInfo(zone)
