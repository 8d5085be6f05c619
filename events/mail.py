"""Every letter about events: one function each, called in the transaction of its cause.

A letter to a registration whose member has left goes nowhere.
"""

from collections.abc import Mapping
from datetime import datetime
from email.utils import parseaddr
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse

from events import ical, wording
from events.models import EventPage, Registration
from mailing.actions import Attachment, queue_letter
from mailing.letters import NAME, absolute_url


def place_booked(registration: Registration, event: EventPage, *, now: datetime) -> None:
    """The place is theirs; the calendar file comes along."""
    _queue("place_booked", registration, event, attachments=_calendar_file(event, now))


def waiting_list_joined(registration: Registration, event: EventPage, *, ahead: int) -> None:
    _queue(
        "waiting_list_joined",
        registration,
        event,
        key=f"{registration.uuid}:{registration.waiting_number}",
        context={"ahead": ahead},
    )


def place_offered(registration: Registration, event: EventPage) -> None:
    """A place is theirs until the offer ends."""
    _queue(
        "place_offered",
        registration,
        event,
        key=f"{registration.uuid}:{registration.waiting_number}",
        context={"until": _moment(registration.offer_expires_at, event)},
    )


def offer_expired(registration: Registration, event: EventPage, *, until: datetime) -> None:
    _queue(
        "offer_expired",
        registration,
        event,
        key=f"{registration.uuid}:{registration.waiting_number}",
        context={"until": _moment(until, event)},
    )


def registration_cancelled(
    registration: Registration, event: EventPage, *, had_place: bool, by_organiser: bool, now: datetime
) -> None:
    """Takes the event out of the calendar again, if it was in."""
    _queue(
        "registration_cancelled",
        registration,
        event,
        context={"had_place": had_place, "by_organiser": by_organiser},
        attachments=_calendar_file(event, now, ical.Method.CANCEL) if had_place else (),
    )


def event_changed(
    registration: Registration, event: EventPage, *, before: Mapping[str, str], now: datetime
) -> None:
    """What changed, old and new; a calendar file that replaces the one before."""
    is_confirmed = registration.state == Registration.State.CONFIRMED
    _queue(
        "event_changed",
        registration,
        event,
        key=f"{registration.uuid}:{event.calendar_sequence}",
        context={"before": wording.facts_in_words(before), "is_confirmed": is_confirmed},
        attachments=_calendar_file(event, now) if is_confirmed else (),
    )


def event_cancelled(registration: Registration, event: EventPage, *, now: datetime) -> None:
    is_confirmed = registration.state == Registration.State.CONFIRMED
    _queue(
        "event_cancelled",
        registration,
        event,
        context={
            "reason": event.cancellation_reason,
            "is_confirmed": is_confirmed,
            "events_url": urljoin(event_address(event), "../"),
        },
        attachments=_calendar_file(event, now, ical.Method.CANCEL) if is_confirmed else (),
    )


def event_reminder(registration: Registration, event: EventPage, *, now: datetime) -> None:
    """The day before (or the same day, if nothing ran); members can stop reminders from here."""
    zone = ZoneInfo(event.time_zone)
    day = event.starts_at.astimezone(zone).date()
    _queue(
        "event_reminder",
        registration,
        event,
        key=f"{registration.uuid}:{day}",
        context={"is_today": now.astimezone(zone).date() == day},
        unsubscribe_url=absolute_url(reverse("members:change_mail_preferences")),
    )


def calendar_organiser() -> ical.Organiser:
    """Who invites, as calendars show it."""
    return ical.Organiser(NAME, parseaddr(settings.DEFAULT_FROM_EMAIL)[1])


def calendar_host() -> str:
    """The right half of every UID. It must never change, or calendars show events twice."""
    return urlsplit(settings.BASE_URL).hostname or "localhost"


def event_address(event: EventPage) -> str:
    return absolute_url(event.url or "/")


def _queue(
    name: str,
    registration: Registration,
    event: EventPage,
    *,
    key: str = "",
    context: Mapping[str, object] | None = None,
    attachments: tuple[Attachment, ...] = (),
    unsubscribe_url: str = "",
) -> None:
    """Queue the letter `name`. The same `key` never queues it twice; without one, once a registration."""
    if registration.member is None:
        return
    queue_letter(
        template=f"events/mail/{name}",
        to=registration.member.email,
        context={
            "title": event.title,
            "when": event.when,
            "where": event.where,
            "event_url": event_address(event),
            "has_file": bool(attachments),
            "registration_url": absolute_url(reverse("events:registration", args=[registration.uuid])),
            **(context or {}),
        },
        dedupe_key=f"events.{name}:{key or registration.uuid}",
        attachments=attachments,
        unsubscribe_url=unsubscribe_url,
    )


def _calendar_file(
    event: EventPage, now: datetime, method: ical.Method = ical.Method.PUBLISH
) -> tuple[Attachment, ...]:
    """The event as a file; none where only the month is known."""
    if not event.has_known_day:
        return ()
    entry = ical.entry_of(
        event,
        host=calendar_host(),
        url=event_address(event),
        stamped_at=now,
        status=ical.Status.CANCELLED if method is ical.Method.CANCEL else ical.Status.CONFIRMED,
    )
    content = ical.calendar_file([entry], organiser=calendar_organiser(), method=method)
    return (Attachment("event.ics", f"text/calendar; charset=utf-8; method={method}", content),)


def _moment(at: datetime | None, event: EventPage) -> str:
    return wording.moment(at, event.time_zone) if at else ""
