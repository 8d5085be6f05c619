"""Letters to those who ask for a place, wait for one and give it up."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse

from events import ical, links, wording
from events.mail.files import calendar_file, entry_code, sessions_sent
from events.mail.queueing import course, moment, queue, write
from events.models import EventPage, ManagerApproval, Registration, Session
from mailing.letters import absolute_url


def place_booked(
    registration: Registration,
    event: EventPage,
    *,
    sessions: Sequence[Session] = (),
    missed: Sequence[Session] = (),
    now: datetime,
) -> None:
    """The place is theirs, also in the sessions; the calendar file comes along, and the code to show at the door.

    `missed` are chosen sessions that filled up before it was.
    """
    code = entry_code(registration, event)
    taken_at = registration.confirmed_at.isoformat() if registration.confirmed_at else ""
    queue(
        "place_booked",
        registration,
        event,
        key=f"{registration.uuid}:{taken_at}",  # a place that is approved anew is told anew
        context={
            "has_code": bool(code),
            "sessions": wording.sessions(sessions, event.time_zone),
            "missed": [session.title for session in missed],
        },
        attachments=(*calendar_file(event, now), *code),
    )


def waiting_list_joined(registration: Registration, event: EventPage, *, ahead: int) -> None:
    queue(
        "waiting_list_joined",
        registration,
        event,
        key=f"{registration.uuid}:{registration.waiting_number}",
        context={"ahead": ahead, **course(registration)},
    )


def place_offered(registration: Registration, event: EventPage, *, missed: Sequence[Session] = ()) -> None:
    """A place is theirs until the offer ends. `missed` are chosen sessions that are full by now."""
    queue(
        "place_offered",
        registration,
        event,
        key=f"{registration.uuid}:{registration.waiting_number}",
        context={
            "until": moment(registration.offer_expires_at, event),
            "missed": [session.title for session in missed],
            **course(registration),
        },
    )


def offer_expired(registration: Registration, event: EventPage, *, until: datetime) -> None:
    """Of a course, once: its dates are offered until the same moment."""
    queue(
        "offer_expired",
        registration,
        event,
        key=(
            f"{registration.booked_together}:{until.isoformat()}"
            if registration.booked_together
            else f"{registration.uuid}:{registration.waiting_number}"
        ),
        context={"until": moment(until, event), **course(registration)},
    )


def registration_cancelled(
    registration: Registration,
    event: EventPage,
    *,
    had_place: bool,
    awaited: bool = False,
    by_organiser: bool,
    now: datetime,
) -> None:
    """Takes the event out of the calendar again, if it was in. `awaited`: it waited for approval.

    Without a place it holds for all dates of a course; places end by date.
    """
    queue(
        "registration_cancelled",
        registration,
        event,
        context={
            "had_place": had_place,
            "awaited": awaited,
            "by_organiser": by_organiser,
            **({} if had_place else course(registration)),
        },
        attachments=(
            calendar_file(event, now, ical.Method.CANCEL, sessions_sent(event)) if had_place else ()
        ),
    )


def approval_awaited(
    registration: Registration, event: EventPage, *, manager_email: str, again_at: datetime | None = None
) -> None:
    """Somebody has to approve first: the organiser, the manager at an address, or both.

    `again_at` is when an answer that matters was changed, if that is why. Of a course, they are asked once.
    """
    again = f"{registration.uuid}:{again_at.isoformat()}" if again_at else ""
    queue(
        "approval_awaited",
        registration,
        event,
        key=again or str(registration.booked_together or registration.uuid),
        context={
            **course(registration),
            "manager_email": manager_email,
            "by_organiser": event.needs_approval,
            "is_again": again_at is not None,
        },
    )


def registration_declined(registration: Registration, event: EventPage, *, by_manager: bool) -> None:
    queue(
        "registration_declined",
        registration,
        event,
        context={
            "by_manager": by_manager,
            "reason": registration.declined_reason,
            **course(registration),
        },
    )


def manager_asked(asked: ManagerApproval, registration: Registration, event: EventPage) -> None:
    """To a line manager, who needs no account: the link is all there is to it, so it is signed and ends.

    Of a course, one letter: the answer is for all its dates.
    """
    member = registration.member
    if member is None:
        return
    at_once = registration.booked_together
    write(
        "manager_asked",
        event,
        to=asked.manager_email,
        context={
            "where": event.where_in_full,
            "name": member.get_full_name() or member.email,
            "answer_url": absolute_url(
                reverse("events:answer_as_manager", args=[links.token(links.APPROVE, asked.key)])
            ),
            **course(registration),
        },
        key=f"{at_once}:{asked.asked_at.isoformat()}" if at_once else str(asked.key),
    )
