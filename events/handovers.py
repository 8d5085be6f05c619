"""A place on its way from one member to a colleague. Called with the rows of all its dates held.

Where nobody is asked, it passes when the colleague takes it. Where approval is asked, the holder keeps it until
the colleague is approved: one registration has the place at any moment, so it is never free and never given twice.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q, QuerySet

from events import line, mail, together
from events.history import add_step
from events.models import Handover, ManagerApproval, Registration

State = Registration.State


def open_of(registration: Registration) -> Handover | None:
    """What its holder passes on at the moment: this place, or the course that it is one date of."""
    return _open([registration]).first()


def held_by_giver(handover: Handover, now: datetime) -> list[Registration]:
    """What its holder has of it: a place, or one on every date of a course that is ahead, each with its event."""
    return together.to_come(handover.registration, now, states={State.CONFIRMED})


def accepted_for(registrations: Sequence[Registration]) -> Handover | None:
    """The handover that these registrations are to take over once they are approved."""
    accepted = Handover.objects.filter(state=Handover.State.ACCEPTED, taken_as__in=registrations)
    found: Handover | None = accepted.select_related("registration__event").first()
    return found


def is_accepted_for(registration: Registration) -> bool:
    """Whether a colleague keeps their place for this one, or for the course that it is one date of."""
    taken_as = Q(taken_as=registration)
    if registration.booked_together is not None:
        taken_as |= Q(taken_as__booked_together=registration.booked_together)
    return Handover.objects.filter(taken_as, state=Handover.State.ACCEPTED).exists()


def withdraw(registrations: Sequence[Registration], now: datetime) -> None:
    """The holder has it no more, or keeps it.

    A colleague who took it and waits to be approved is told: their request goes on like any other.
    """
    for handover in _open(registrations).select_related("taken_as__member", "taken_as__event__venue"):
        end(handover, Handover.State.WITHDRAWN, now)
        if handover.taken_as is not None:
            asked = ManagerApproval.objects.filter(registration=handover.taken_as, answer="").first()
            manager_email = asked.manager_email if asked is not None else ""
            mail.place_not_kept(handover, handover.taken_as, manager_email=manager_email)


def pass_accepted_on(taken: Sequence[Registration], now: datetime) -> bool:
    """Give approved registrations the places that were passed on to them; False if none was."""
    handover = accepted_for(taken)
    if handover is None:
        return False
    given = {found.event_id: found for found in held_by_giver(handover, now)}
    end(handover, Handover.State.TAKEN, now)
    for registration in taken:
        holder = given[registration.event_id]
        holder.event = registration.event
        release(holder, registration, now)
        take(registration, holder, now)
        line.settle(registration.event, now)
    return True


def release(given: Registration, taken: Registration, now: datetime) -> None:
    """The holder's registration ends, and they are told."""
    line.end(given, State.CANCELLED, now)
    line.raise_sequence(given.event)
    mail.handover_taken(given, given.event, now=now)
    add_step("pass_place_on", given, taken.member, now, to=str(taken.uuid))


def take(registration: Registration, given: Registration, now: datetime) -> None:
    """The place just released is theirs, with what it counts for: an organisation's, an invited person's."""
    registration.organisation_id = given.organisation_id
    registration.is_invited = registration.is_invited or given.is_invited
    registration.save(update_fields=["organisation", "is_invited"])
    missed = line.seat([registration])
    line.confirm(registration.event, registration, now, missed=missed.get(registration.pk, ()))


def refuse(registrations: Sequence[Registration], now: datetime, *, is_declined: bool) -> None:
    """The colleague's request ended, so the holder keeps the place and is told.

    `is_declined` says that it was not approved; otherwise the colleague gave it up.
    """
    handover = accepted_for(registrations)
    if handover is not None:
        end(handover, Handover.State.DECLINED, now)
        holder = handover.registration
        mail.handover_declined(handover, holder, holder.event, is_approved=not is_declined)
        add_step("decline_handover", holder, None if is_declined else handover.colleague, now)


def end(handover: Handover, state: Handover.State, now: datetime) -> None:
    handover.state = state
    handover.ended_at = now
    handover.save(update_fields=["state", "ended_at"])


def _open(registrations: Sequence[Registration]) -> QuerySet[Handover]:
    together = {found.booked_together for found in registrations} - {None}
    theirs = Q(registration__in=registrations)
    if together:
        theirs |= Q(
            registration__booked_together__in=together, registration__member=registrations[0].member_id
        )
    return Handover.objects.filter(theirs, state__in=Handover.OPEN)
