"""What organisers do to one registration beside approving and cancelling it."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from events import line
from events.actions import checks
from events.actions.errors import (
    AlreadyRegistered,
    ApproveInstead,
    NoPlaceLeft,
)
from events.actions.several import Outcome, one_by_one
from events.models import Registration
from members.models import User

State = Registration.State


@transaction.atomic
def give_place(*, registration: Registration, actor: User, now: datetime) -> Registration:
    """Give a place to somebody who waits, was declined, or whose registration ended, and write to them.

    The organiser decides past the line, the places kept for invited people and what one organisation may
    have; never past the number of places. Whoever has a place keeps it.
    Raises NoPlaceLeft, ApproveInstead, AlreadyRegistered (anew), EventCancelled or EventOver.
    """
    event, registration = line.lock_both(registration)
    checks.check_on(event, now)
    if registration.state == State.CONFIRMED:
        return registration
    if registration.state == State.AWAITING_APPROVAL:
        raise ApproveInstead
    if not registration.is_active and registration.member_id is not None:
        since = event.registrations.active().filter(member=registration.member_id).first()
        if since is not None:
            raise AlreadyRegistered(since)
    if registration.state != State.OFFERED:
        room = Registration.objects.room_of(event, now)
        if room.left == 0:
            raise NoPlaceLeft(event.capacity or 0)
    before = registration.state
    if not registration.is_active:
        line.raise_sequence(event)
        registration.cancelled_at = None
        registration.declined_reason = ""
        registration.save(update_fields=["cancelled_at", "declined_reason"])
    # Approved by whoever gives the place.
    if event.needs_approval and registration.approved_at is None:
        registration.approved_at = now
        registration.save(update_fields=["approved_at"])
    missed = {} if before == State.OFFERED else line.seat([registration])
    line.confirm(event, registration, now, missed=missed.get(registration.pk, ()))
    checks.note("give_place", registration, actor, now, before=before)
    return registration


def give_places(*, registrations: Iterable[Registration], actor: User, now: datetime) -> Outcome:
    """Give each a place on its own, those who registered first before the others."""
    return one_by_one(registrations, lambda found: give_place(registration=found, actor=actor, now=now))


@transaction.atomic
def write_note(*, registration: Registration, text: str, actor: User, now: datetime) -> None:
    """Keep a sentence of the organiser's with the history. It is about a person: they get it with their data."""
    checks.note("write_note", registration, actor, now, text=text)
