"""A member's CPD record: the hours of their certificates, year by year."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from zoneinfo import ZoneInfo

from events import hours
from events.models import Certificate, EventPage
from members.models import User


@dataclass(frozen=True)
class Entry:
    """One event that counts."""

    certificate: Certificate
    event: EventPage

    @property
    def hours_shown(self) -> str:
        return hours.in_words(self.certificate.hours)

    @property
    def year(self) -> int:
        return self.event.starts_at.astimezone(ZoneInfo(self.event.time_zone)).year


@dataclass(frozen=True)
class Year:
    """One calendar year and what it adds up to."""

    year: int
    entries: Sequence[Entry]

    @property
    def total(self) -> Decimal:
        return sum((entry.certificate.hours for entry in self.entries), Decimal(0))

    @property
    def total_shown(self) -> str:
        return hours.in_words(self.total)


def record_of(member: User) -> list[Year]:
    """The latest year first, and in it the latest event. One query."""
    certificates = (
        Certificate.objects.visible_to(member)
        .valid()
        .select_related("registration__event")
        .defer("registration__event__body")
        .order_by("-registration__event__starts_at", "-pk")
    )
    entries = [Entry(certificate, certificate.registration.event) for certificate in certificates]
    entries.sort(key=lambda entry: entry.year, reverse=True)
    return [Year(year, list(group)) for year, group in groupby(entries, key=lambda entry: entry.year)]


def rows_of(years: Sequence[Year]) -> Iterator[tuple[str | Decimal | int, ...]]:
    """As a table: year, event, kind, first day, hours, and the code that proves it."""
    for year in years:
        for entry in year.entries:
            day = entry.event.starts_at.astimezone(ZoneInfo(entry.event.time_zone)).date()
            yield (
                year.year,
                entry.event.title,
                entry.event.get_kind_display(),
                day.isoformat(),
                entry.certificate.hours,
                entry.certificate.code_shown,
            )


HEADER = ("Year", "Event", "Kind", "First day", "CPD hours", "Certificate")
