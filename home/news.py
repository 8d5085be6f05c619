"""What is new: events to come and findings, by the day on which they were first published."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from django.utils import timezone
from wagtail.query import PageQuerySet

from events.models import EventPage
from library.models import FindingPage

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.models import User

MOST_OF_EACH = 5


@dataclass(frozen=True)
class News:
    """What was published in a span of time: how much, the next `MOST_OF_EACH` events, and as many of the latest findings."""

    events: list[EventPage]
    findings: list[FindingPage]
    number_of_events: int
    number_of_findings: int

    def __bool__(self) -> bool:
        return bool(self.events or self.findings)


def published_since(day: date, reader: "User | AnonymousUser", now: datetime) -> News:
    """What the reader may read of what was published on that day or later."""
    return published_between(timezone.make_aware(datetime.combine(day, time.min)), now, reader, now)


def published_between(
    since: datetime, until: datetime, reader: "User | AnonymousUser", now: datetime
) -> News:
    """What the reader may read of what was published from `since` on and before `until`.

    An event that nobody can register for any more is no news.
    """
    coming = EventPage.objects.visible_to(reader).taking_registrations(now)
    events = _published(coming, since, until).order_by("starts_at", "pk")
    findings = _published(FindingPage.objects.visible_to(reader), since, until).order_by(
        "-first_published_at", "-pk"
    )
    return News(
        events=list(events[:MOST_OF_EACH]),
        findings=list(findings[:MOST_OF_EACH]),
        number_of_events=events.count(),
        number_of_findings=findings.count(),
    )


def _published(pages: PageQuerySet, since: datetime, until: datetime) -> PageQuerySet:
    return pages.filter(first_published_at__gte=since, first_published_at__lt=until)
