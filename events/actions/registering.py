"""Getting a place, waiting for one, and giving it up."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from events import handovers, line, mail, together
from events.actions import answering, approving, checks
from events.actions.errors import (
    EventFull,
    NoWaitingList,
    OrganisationFull,
    OrganisationFullForGood,
    RegistrationEnded,
)
from events.actions.several import Outcome, one_by_one
from events.answers import NO_ANSWERS, Answers
from events.models import EventPage, Invitation, Registration
from events.models.invitations import InvitedAs
from members.models import User

State = Registration.State


@transaction.atomic
def book_place(
    *,
    event: EventPage,
    member: User,
    actor: User,
    now: datetime,
    answers: Answers = NO_ANSWERS,
    is_invited: bool = False,
) -> Registration:
    """Give the member a place, and write to them. Where the event asks for approval, it waits for that first.

    An organiser who registers somebody else decides for whom the event is, that they may come, and whether
    registration is open; never whether there is room.
    Raises EventFull when no place is left or others wait for one, AlreadyRegistered, SessionsFull,
    SessionsOverlap or SessionGone, OwnManager, NotForYou or NeedsInvitation, BookedAsOne, or why registration
    is not open.
    """
    event = line.lock_places(event.pk)
    if actor.pk == member.pk:
        checks.check_single(event)
    return book(event, member, actor, now, answers, is_invited=is_invited)


@transaction.atomic
def join_waiting_list(
    *,
    event: EventPage,
    member: User,
    actor: User,
    now: datetime,
    answers: Answers = NO_ANSWERS,
    is_invited: bool = False,
) -> Registration:
    """Put the member at the end of the waiting list, and write to them.

    If a place came free meanwhile and nobody is ahead, the registration comes back as an offer. Where the
    event asks for approval, it waits for that first. Raises NoWaitingList, or as `book_place` does.
    """
    event = line.lock_places(event.pk)
    if actor.pk == member.pk:
        checks.check_single(event)
    return wait(event, member, actor, now, answers, is_invited=is_invited)


def wait(
    event: EventPage,
    member: User,
    actor: User,
    now: datetime,
    answers: Answers,
    *,
    is_invited: bool = False,
    at_once: UUID | None = None,
    asks: bool = False,
) -> Registration:
    """As `join_waiting_list`, for an event that is locked already. `at_once` and `asks` are as in `book`.

    Of a course, without the letter.
    """
    new = _admitted(event, member, actor, now, is_invited=is_invited, at_once=at_once)
    if not event.has_waiting_list:
        raise NoWaitingList
    found = Registration.objects.look(event, member, now)
    if found.was_here:
        checks.check_first(event, member)
    if asks or asks_for_approval(event, member, actor):
        return _ask_for_approval(event, new, actor, now, answers)
    new.state = State.WAITING
    new.waiting_number = found.last_number + 1
    answering.save_with_answers(new, event, answers, now)
    found.room.wait(new.claim)
    if at_once is None:
        line.settle_and_tell_position(event, new, now, room=found.room)
    checks.note("join_waiting_list", new, actor, now)
    return new


def book(
    event: EventPage,
    member: User,
    actor: User,
    now: datetime,
    answers: Answers,
    *,
    is_invited: bool = False,
    at_once: UUID | None = None,
    asks: bool = False,
) -> Registration:
    """As `book_place`, for an event that is locked already.

    `at_once` ties it to the other dates of a course; `asks` says that one of those has to be approved, so that
    this one waits for it too.
    """
    new = _admitted(event, member, actor, now, is_invited=is_invited, at_once=at_once)
    found = Registration.objects.look(event, member, now)
    if found.was_here:
        checks.check_first(event, member)
    if asks or asks_for_approval(event, member, actor):
        return _ask_for_approval(event, new, actor, now, answers)
    room = line.settle(event, now, room=found.room)
    if room.is_full_for(new.claim):
        raise _why_full(event, is_capped=room.is_capped(new.claim))
    new.state = State.CONFIRMED
    new.confirmed_at = now
    answering.save_with_answers(new, event, answers, now)
    chosen = new.chosen_sessions() if answers.sessions else []
    mail.place_booked(new, event, sessions=chosen, now=now)
    checks.note("book_place", new, actor, now)
    return new


def _why_full(event: EventPage, *, is_capped: bool) -> EventFull | NoWaitingList:
    if event.has_waiting_list:
        return OrganisationFull() if is_capped else EventFull()
    return OrganisationFullForGood() if is_capped else NoWaitingList()


def asks_for_approval(event: EventPage, member: User, actor: User) -> bool:
    """Whoever an organiser registers is approved by that."""
    return event.needs_any_approval and actor.pk == member.pk


@transaction.atomic
def cancel_registration(
    *,
    registration: Registration,
    actor: User,
    now: datetime,
    tells_member: bool = True,
    all_dates: bool = False,
) -> Registration:
    """End an active registration. The place it held is offered to whoever waits longest.

    Of a course, places end by date, or with `all_dates` those on all dates to come; without a place, all end.
    Raises RegistrationEnded, EventCancelled or EventOver.
    """
    parts = together.lock(registration, now)
    registration = parts[0]
    checks.check_on(registration.event, now)
    if not registration.is_active:
        raise RegistrationEnded
    if registration.state == State.CONFIRMED:
        for part in parts if all_dates else parts[:1]:
            _end(part, actor, now, tells_member=tells_member)
    else:
        handovers.refuse(parts, now, is_declined=False)
        for part in reversed(parts):  # the letter comes last: it names every date that ended
            _end(part, actor, now, tells_member=tells_member and part is registration)
    return registration


def _end(registration: Registration, actor: User, now: datetime, *, tells_member: bool) -> None:
    event, before = registration.event, registration.state
    line.end(registration, State.CANCELLED, now)
    if before == State.CONFIRMED:
        line.raise_sequence(event)
        handovers.withdraw([registration], now)
    if tells_member:
        mail.registration_cancelled(
            registration,
            event,
            before=before,
            by_organiser=actor.pk != registration.member_id,
            now=now,
        )
    line.settle(event, now)
    is_declined = before == State.OFFERED and actor.pk == registration.member_id
    checks.note("decline_place" if is_declined else "cancel_registration", registration, actor, now)


def cancel_registrations(*, registrations: Iterable[Registration], actor: User, now: datetime) -> Outcome:
    """Cancel each in a transaction of its own, so that one refusal leaves the others done."""
    return one_by_one(
        registrations, lambda found: cancel_registration(registration=found, actor=actor, now=now)
    )


def _admitted(
    event: EventPage,
    member: User,
    actor: User,
    now: datetime,
    *,
    is_invited: bool,
    at_once: UUID | None,
) -> Registration:
    """A registration that is not saved yet, of somebody who may come now. Raises why they may not."""
    asks = event.asks_for_invitation(now)
    invited = Invitation.objects.invited_as(event.pk, member, now) if asks else InvitedAs()
    if actor.pk == member.pk:
        checks.check_open(event, now)
        checks.check_for_them(event, member, is_invited=is_invited or invited.is_invited)
    else:
        checks.check_on(event, now)
    return Registration(
        event=event,
        member=member,
        organisation_id=member.organisation_id,
        is_invited=is_invited or invited.keeps_place,
        registered_at=now,
        approved_at=now if event.needs_approval and actor.pk != member.pk else None,
        booked_together=at_once,
    )


def _ask_for_approval(
    event: EventPage, new: Registration, actor: User, now: datetime, answers: Answers
) -> Registration:
    if not event.has_waiting_list:
        room = line.settle(event, now)
        if room.is_full_for(new.claim):
            raise _why_full(event, is_capped=room.is_capped(new.claim))
    new.state = State.AWAITING_APPROVAL
    answering.save_with_answers(new, event, answers, now)
    if new.booked_together is None:  # of a course, when all its dates are there
        approving.ask(new, event, answers.manager_email, now)
    checks.note("ask_for_approval", new, actor, now)
    return new
