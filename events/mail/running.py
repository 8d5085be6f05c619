"""Letters about the event itself: what changed, that it comes up, that it is cancelled, and to its team."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from django.urls import reverse

from events import clocks, ical, wording
from events.changes import SessionChange
from events.mail.addresses import event_address
from events.mail.files import calendar_file, files_of_changes
from events.mail.queueing import moment, queue
from events.mail.the_way import the_way
from events.models import EventPage, Registration, Session, TeamMember
from mailing.actions import queue_letter
from mailing.letters import absolute_url
from pages import dates

# The category by which a reader stops them.
REMINDERS = "event_reminders"


def event_changed(
    registration: Registration,
    event: EventPage,
    *,
    before: Mapping[str, Any],
    sessions: Sequence[SessionChange] = (),
    sent: Sequence[Session] = (),
    now: datetime,
) -> None:
    """What changed, old and new, of the event and of sessions; calendar files that replace the ones before.

    `sent` are sessions that the reader has in the calendar already.
    """
    is_confirmed = registration.state == Registration.State.CONFIRMED
    queue(
        "event_changed",
        registration,
        event,
        key=f"{registration.uuid}:{event.calendar_sequence}",
        context={
            "before": wording.facts_in_words(before),
            "is_confirmed": is_confirmed,
            "is_awaiting": registration.state == Registration.State.AWAITING_APPROVAL,
            "is_offered": registration.state == Registration.State.OFFERED,
            "until": moment(registration.offer_expires_at, event),
            "session_changes": [change.in_words(event.time_zone) for change in sessions],
            "chose_cancelled": any(change.takes_a_choice_away for change in sessions),
            "programme_url": absolute_url(event.programme_url) if sessions else "",
        },
        attachments=files_of_changes(event, sessions, sent, now) if is_confirmed else (),
    )


def event_cancelled(
    registration: Registration, event: EventPage, *, sessions: Sequence[Session] = (), now: datetime
) -> None:
    """Takes the event out of the calendar, and the sessions that may be in it."""
    is_confirmed = registration.state == Registration.State.CONFIRMED
    queue(
        "event_cancelled",
        registration,
        event,
        context={
            "reason": event.cancellation_reason,
            "is_confirmed": is_confirmed,
            "is_awaiting": registration.state == Registration.State.AWAITING_APPROVAL,
            "events_url": urljoin(event_address(event), "../"),
        },
        attachments=calendar_file(event, now, ical.Method.CANCEL, sessions) if is_confirmed else (),
    )


def week_reminder(
    registration: Registration, event: EventPage, *, sessions: Sequence[Session] = (), now: datetime
) -> None:
    """A week before: enough time to plan the way, or to cancel for somebody who waits."""
    day = clocks.day_of(event.starts_at, ZoneInfo(event.time_zone))
    queue(
        "week_reminder",
        registration,
        event,
        key=f"{registration.uuid}:{day}",
        context={
            "date": dates.day_date(day),
            "sessions": wording.sessions(sessions, event.time_zone),
            **the_way(registration, event, now),
        },
        category=REMINDERS,
    )


def event_reminder(
    registration: Registration, event: EventPage, *, sessions: Sequence[Session] = (), now: datetime
) -> None:
    """The day before (or the same day, if nothing ran), with the joining link, or how to get there."""
    zone = ZoneInfo(event.time_zone)
    day = clocks.day_of(event.starts_at, zone)
    queue(
        "event_reminder",
        registration,
        event,
        key=f"{registration.uuid}:{day}",
        context={
            "is_today": clocks.day_of(now, zone) == day,
            "sessions": wording.sessions(sessions, event.time_zone),
            **the_way(registration, event, now),
        },
        category=REMINDERS,
    )


def team_joined(team_member: TeamMember, event: EventPage) -> None:
    """What they do at the event from now on, and where."""
    role, at_the_door = team_member.role, TeamMember.Role.CHECK_IN
    address = (
        reverse("events:check_in", args=[event.uuid])
        if role == at_the_door
        else reverse("events_admin:overview", args=[event.pk])
    )
    queue_letter(
        template="events/mail/team_joined",
        to=team_member.member.email,
        context={
            "title": event.title,
            "when": event.when_in_full,
            "role": role,
            "needs_second_factor": role != at_the_door,
            "work_url": absolute_url(address),
        },
        dedupe_key=f"events.team_joined:{team_member.pk}",
    )
