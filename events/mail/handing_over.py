"""Letters about a place that its holder passes to a colleague."""

from datetime import datetime

from django.urls import reverse

from events import ical
from events.mail.files import calendar_file, sessions_sent
from events.mail.queueing import course, queue, write
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
            **course(registration),
        },
        key=str(handover.key),
    )


def handover_taken(registration: Registration, event: EventPage, *, now: datetime) -> None:
    """To whoever gave the place away: it is out of their calendar."""
    out_of_it = calendar_file(event, now, ical.Method.CANCEL, sessions_sent(event))
    queue("handover_taken", registration, event, attachments=out_of_it)


def handover_declined(
    handover: Handover, registration: Registration, event: EventPage, *, is_approved: bool = True
) -> None:
    """To whoever wanted to pass it on: the colleague does not want it, or was not approved."""
    queue(
        "handover_declined",
        registration,
        event,
        key=str(handover.key),
        context={"colleague_email": handover.colleague_email, "is_approved": is_approved},
    )
