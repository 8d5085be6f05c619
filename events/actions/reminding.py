"""Reminders: a week before an event and the day before, each once, to members who did not stop them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from events import mail, reminders
from events.models import EventPage, Registration, SessionPlace
from mailing.suppression import addresses_that_stopped


@dataclass(frozen=True)
class _Reminder:
    """One of the two: what notes that it was sent, how long before the start it can be due, to whom, and its letter."""

    noted_in: str
    latest: timedelta
    earliest: timedelta
    is_due: Callable[[Registration, datetime], bool]
    letter: Callable[..., None]


def registrations_to_remind(now: datetime) -> list[Registration]:
    """Confirmed members who are due a reminder they have not had."""
    return [registration for _, registration in _due(now)]


def send_reminders(*, now: datetime) -> int:
    """Remind whoever is due, each in a transaction of their own. Returns how many."""
    sent = 0
    due = _due(now)
    places = SessionPlace.objects.filter(registration__in=[registration.pk for _, registration in due])
    chosen = places.sessions_by_registration()
    for reminder, registration in due:
        with transaction.atomic():
            # Only one of two runs at once finds the row as it was; and a place given up needs no reminder.
            unreminded = Registration.objects.confirmed().filter(
                pk=registration.pk, **{f"{reminder.noted_in}__isnull": True}
            )
            if unreminded.update(**{reminder.noted_in: now}):
                sessions = chosen.get(registration.pk, [])
                reminder.letter(registration, registration.event, sessions=sessions, now=now)
                sent += 1
    return sent


def _due(now: datetime) -> list[tuple[_Reminder, Registration]]:
    """Two queries."""
    return [
        (reminder, registration)
        for reminder in _REMINDERS
        for registration in _without(reminder, now)
        if reminder.is_due(registration, now)
    ]


def _without(reminder: _Reminder, now: datetime) -> list[Registration]:
    """Those who have not had it, of events that start soon enough."""
    soon = Registration.objects.confirmed().filter(
        member__is_active=True,
        event__starts_at__gt=now + reminder.latest,
        event__starts_at__lte=now + reminder.earliest,
        event__cancelled_at__isnull=True,
        event__live=True,
        event__date_precision=EventPage.DatePrecision.TIME,
        **{f"{reminder.noted_in}__isnull": True},
    )
    wanted = soon.exclude(member__email__in=addresses_that_stopped(mail.REMINDERS))
    whole = wanted.select_related("event__venue", "member").defer("event__body")
    return list(whole.order_by("event__starts_at", "pk"))


def _is_due_a_week_before(registration: Registration, now: datetime) -> bool:
    event = registration.event
    since = registration.confirmed_at or registration.registered_at
    return reminders.is_week_before(event.starts_at, ZoneInfo(event.time_zone), now=now, since=since)


def _is_due_the_day_before(registration: Registration, now: datetime) -> bool:
    """Not to those who only just got the letter that says it all."""
    event = registration.event
    due_at = reminders.day_before(
        event.starts_at,
        ZoneInfo(event.time_zone),
        link_shows_at=event.joining_link_shows_at if event.joining_url else None,
    )
    return due_at <= now and (registration.confirmed_at is None or registration.confirmed_at < due_at)


# Roughly, for the database: when exactly, the clock at the event says.
_REMINDERS = (
    _Reminder(
        "week_reminded_at", timedelta(days=4), timedelta(days=9), _is_due_a_week_before, mail.week_reminder
    ),
    _Reminder("reminded_at", timedelta(0), timedelta(days=2), _is_due_the_day_before, mail.event_reminder),
)
