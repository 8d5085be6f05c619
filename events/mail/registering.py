"""Letters to those who ask for a place, wait for one and give it up."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse

from events import ical, links, wording
from events.mail.courses import one_date, whole_course
from events.mail.files import calendar_file, entry_code, sessions_sent
from events.mail.queueing import moment, queue, write
from events.mail.the_way import the_way
from events.models import EventPage, Handover, ManagerApproval, Registration, Session
from mailing.letters import absolute_url

State = Registration.State


def place_booked(
    registration: Registration,
    event: EventPage,
    *,
    sessions: Sequence[Session] = (),
    missed: Sequence[Session] = (),
    now: datetime,
) -> None:
    """The place is theirs, also in the sessions; the calendar file comes along, and the code to show at the door.

    With all that the reminders say of the way there: whoever registers late gets none of those. `missed` are chosen
    sessions that filled up before it was.
    """
    has_answers = bool(registration.answered_at) and now < event.answers_final_at
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
            "answers_until": moment(event.answers_final_at, event) if has_answers else "",
            **the_way(registration, event, now),
            **one_date(registration, event),
        },
        attachments=(*calendar_file(event, now), *code),
    )


def waiting_list_joined(
    registration: Registration, event: EventPage, *, ahead: int, is_capped: bool = False, now: datetime
) -> None:
    """How many are ahead; `is_capped` says that their organisation has all it can have, so that others may go first."""
    queue(
        "waiting_list_joined",
        registration,
        event,
        key=f"{registration.uuid}:{registration.waiting_number}",
        context={"ahead": ahead, "is_capped": is_capped, **whole_course(registration, event, now)},
    )


def place_offered(
    registration: Registration, event: EventPage, *, missed: Sequence[Session] = (), now: datetime
) -> None:
    """A place is theirs until the offer ends. `missed` are chosen sessions that are full by now."""
    queue(
        "place_offered",
        registration,
        event,
        key=f"{registration.uuid}:{registration.waiting_number}",
        context={
            "until": moment(registration.offer_expires_at, event),
            "missed": [session.title for session in missed],
            **whole_course(registration, event, now),
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
        context={
            "until": moment(until, event),
            # The other dates of a course are about to end too.
            **whole_course(registration, event, until, states=[State.EXPIRED, State.OFFERED]),
        },
    )


def registration_cancelled(
    registration: Registration,
    event: EventPage,
    *,
    before: str,
    by_organiser: bool,
    now: datetime,
) -> None:
    """Takes the event out of the calendar again, if it was in. `before` is the state that ended.

    Without a place it holds for all dates of a course; places end by date.
    """
    had_place = before == State.CONFIRMED
    course = one_date(registration, event) if had_place else whole_course(registration, event, now)
    queue(
        "registration_cancelled",
        registration,
        event,
        context={
            "had_place": had_place,
            "was_offered": before == State.OFFERED,
            "awaited": before == State.AWAITING_APPROVAL,
            "by_organiser": by_organiser,
            **course,
        },
        attachments=(
            calendar_file(event, now, ical.Method.CANCEL, sessions_sent(event)) if had_place else ()
        ),
    )


def approval_awaited(
    registration: Registration,
    event: EventPage,
    *,
    manager_email: str,
    is_again: bool = False,
    is_kept: bool = False,
    lost: Handover | None = None,
    had_place: bool = False,
    now: datetime,
) -> None:
    """Somebody has to approve first: the organiser, the manager at an address, or both.

    `is_again` says that an answer that matters was changed, of a course for one date. `is_kept` says that a colleague
    keeps their place for it, `lost` by which handover one did so until now. `had_place` says that they lost one: the
    event goes out of their calendar, since it may never come back. Of a course, they are asked once.
    """
    again = f"{registration.uuid}:{now.isoformat()}" if is_again else ""
    not_kept = f"{registration.uuid}:{lost.key}" if lost else ""
    queue(
        "approval_awaited",
        registration,
        event,
        key=again or not_kept or str(registration.booked_together or registration.uuid),
        context={
            **(one_date(registration, event) if is_again else whole_course(registration, event, now)),
            "manager_email": manager_email,
            "by_organiser": event.needs_approval and registration.approved_at is None,
            "is_again": is_again,
            "is_kept": is_kept,
            "was_kept": lost is not None,
        },
        attachments=(
            calendar_file(event, now, ical.Method.CANCEL, sessions_sent(event)) if had_place else ()
        ),
    )


def registration_declined(
    registration: Registration, event: EventPage, *, by_manager: bool, now: datetime
) -> None:
    """With what they wrote; of a course, once for all its dates."""
    queue(
        "registration_declined",
        registration,
        event,
        context={
            "by_manager": by_manager,
            "reason": registration.declined_reason,
            **whole_course(registration, event, now),
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
            **whole_course(registration, event, asked.asked_at),
        },
        key=f"{at_once}:{asked.asked_at.isoformat()}" if at_once else str(asked.key),
    )
