"""Letters about a place that its holder passes to a colleague."""

from datetime import datetime

from django.urls import reverse

from events import ical
from events.mail.courses import one_date, whole_course
from events.mail.files import calendar_file, sessions_sent
from events.mail.queueing import queue, write
from events.mail.registering import approval_awaited
from events.models import EventPage, Handover, Registration
from mailing.letters import absolute_url


def place_handed_over(handover: Handover, registration: Registration, event: EventPage) -> None:
    """To the colleague who can have the place."""
    giver, colleague = registration.member, handover.colleague
    if giver is None or colleague is None:
        return
    write(
        "place_handed_over",
        event,
        to=colleague.email,
        context={
            "where": event.where_in_full,
            "name": giver.get_full_name() or giver.email,
            "handover_url": absolute_url(reverse("events:handover", args=[handover.key])),
            "waits_for_approval": event.needs_any_approval,
            **whole_course(registration, event, handover.offered_at),
        },
        key=str(handover.key),
    )


def place_not_kept(handover: Handover, registration: Registration, *, manager_email: str) -> None:
    """To the colleague who took it and waits to be approved: its holder has it no more.

    `manager_email` is whose approval is still to come, if it is a line manager's.
    """
    approval_awaited(
        registration,
        registration.event,
        manager_email=manager_email,
        lost=handover,
        now=handover.ended_at or handover.offered_at,
    )


def handover_taken(registration: Registration, event: EventPage, *, now: datetime) -> None:
    """To whoever gave the place away: it is out of their calendar."""
    out_of_it = calendar_file(event, now, ical.Method.CANCEL, sessions_sent(event))
    queue("handover_taken", registration, event, context=one_date(registration, event), attachments=out_of_it)


def handover_declined(
    handover: Handover, registration: Registration, event: EventPage, *, is_approved: bool = True
) -> None:
    """To whoever wanted to pass it on: the colleague does not want it, or was not approved."""
    queue(
        "handover_declined",
        registration,
        event,
        key=str(handover.key),
        context={
            "colleague_email": handover.colleague_email,
            "is_approved": is_approved,
            **whole_course(registration, event, handover.ended_at or handover.offered_at),
        },
    )
