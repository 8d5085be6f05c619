"""Booking all dates of a course at once, or none."""

import uuid
from datetime import datetime

from django.db import transaction

from events import line
from events.actions import registering
from events.actions.errors import AlreadyRegistered, DateFull, NothingToBook
from events.answers import NO_ANSWERS, Answers
from events.models import EventPage, Registration, SeriesPage
from members.models import User
from pages.errors import ActionError


def dates_of(series: SeriesPage, now: datetime) -> list[EventPage]:
    """The dates of a course that are still to come, the first one first."""
    to_come = EventPage.objects.filter(series=series, live=True, starts_at__gt=now, cancelled_at__isnull=True)
    return list(to_come.defer_streamfields().order_by("starts_at", "pk"))


@transaction.atomic
def book_series(
    *, series: SeriesPage, member: User, actor: User, now: datetime, answers: Answers = NO_ANSWERS
) -> list[Registration]:
    """Give the member a place on every date that is still to come, or on none, and write to them.

    `answers` are to the questions of all dates together: copied dates share their questions.
    Raises NothingToBook, AlreadyRegistered (for one of the dates), or DateFull, which names the date and says
    why: full, closed, not for them, or a session.
    """
    dates = dates_of(series, now)
    if not dates:
        raise NothingToBook
    together = uuid.uuid4()
    booked: list[Registration] = []
    # Everybody locks in the order of the keys, so that no two wait for each other.
    for date in sorted(dates, key=lambda date: date.pk):
        event = line.lock(date.pk)
        part = answers
        if answers is not NO_ANSWERS:
            part = answers.only_for(event.questions.all(), event.sessions.all())
        try:
            registration = registering.book(event, member, actor, now, part)
        except AlreadyRegistered:
            raise
        except ActionError as refusal:
            raise DateFull(event, refusal) from refusal
        booked.append(registration)
    Registration.objects.filter(pk__in=[registration.pk for registration in booked]).update(
        booked_together=together
    )
    return booked
