"""Passing a place to a colleague. The place never comes free in between, so the line does not move."""

from datetime import datetime

from django.db import transaction

from events import line, mail
from events.actions import checks
from events.actions.errors import AlreadyRegistered, CannotHandOver, NotHandedOver
from events.history import add_step
from events.models import EventPage, Handover, Registration, SessionPlace
from events.rules import can_hand_over, can_take_handover
from members.models import User

State = Registration.State


@transaction.atomic
def hand_over(*, registration: Registration, colleague_email: str, actor: User, now: datetime) -> Handover:
    """Offer the place to whoever has this address, if they are a member of the same organisation.

    Nothing that comes back says whether they are: an account is nobody's business. An offer made before is
    withdrawn. Raises CannotHandOver or EventCancelled.
    """
    event, registration = line.lock_both(registration)
    checks.check_gives_places(event, now)
    if not can_hand_over(actor, registration, now):
        raise CannotHandOver
    withdraw_offers(registration, now)
    handover = Handover.objects.create(
        registration=registration,
        colleague_email=colleague_email.lower(),
        colleague=_colleague(registration, colleague_email),
        offered_at=now,
    )
    if handover.colleague is not None:
        mail.place_handed_over(handover, registration, event)
    checks.note("hand_over", registration, actor, now)
    return handover


@transaction.atomic
def take_handover(*, handover: Handover, actor: User, now: datetime) -> Registration:
    """Make the place the colleague's: one registration ends, theirs begins, with the sessions chosen.

    If they wait for a place themselves, that ends. Raises NotHandedOver, AlreadyRegistered or EventCancelled.
    """
    event, handover = _locked(handover)
    checks.check_gives_places(event, now)
    if not can_take_handover(actor, handover, now):
        raise NotHandedOver
    given = handover.registration
    if actor.organisation_id != given.organisation_id:
        raise NotHandedOver
    _leave_the_line(event, actor, now)
    line.end(given, State.CANCELLED, now)
    line.raise_sequence(event)
    taken = Registration.objects.create(
        event=event,
        member=actor,
        organisation_id=given.organisation_id,
        is_invited=given.is_invited,
        state=State.CONFIRMED,
        registered_at=now,
        confirmed_at=now,
    )
    SessionPlace.objects.filter(registration=given).update(registration=taken)
    _end(handover, Handover.State.TAKEN, now)
    mail.handover_taken(given, event, now=now)
    mail.place_booked(taken, event, now=now)
    add_step("pass_place_on", given, actor, now, to=str(taken.uuid))
    checks.note("take_handover", taken, actor, now)
    line.settle(event, now)
    return taken


@transaction.atomic
def decline_handover(*, handover: Handover, actor: User, now: datetime) -> None:
    """Leave the place with its holder, who is told. Raises NotHandedOver."""
    event, handover = _locked(handover)
    if handover.state != Handover.State.OFFERED or handover.colleague_id != actor.pk:
        raise NotHandedOver
    _end(handover, Handover.State.DECLINED, now)
    mail.handover_declined(handover, handover.registration, event)
    add_step("decline_handover", handover.registration, actor, now)


@transaction.atomic
def withdraw_handover(*, registration: Registration, actor: User, now: datetime) -> bool:
    """Keep the place after all; False if nothing was on offer any more."""
    _, registration = line.lock_both(registration)
    is_withdrawn = withdraw_offers(registration, now)
    if is_withdrawn:
        checks.note("withdraw_handover", registration, actor, now)
    return is_withdrawn


def withdraw_offers(registration: Registration, now: datetime) -> bool:
    """Take back what was offered of this place. Under the lock."""
    offered = registration.handovers.filter(state=Handover.State.OFFERED)
    return bool(offered.update(state=Handover.State.WITHDRAWN, ended_at=now))


def _locked(handover: Handover) -> tuple[EventPage, Handover]:
    event, registration = line.lock_both(handover.registration)
    fresh = Handover.objects.get(pk=handover.pk)
    fresh.registration = registration
    return event, fresh


def _end(handover: Handover, state: Handover.State, now: datetime) -> None:
    handover.state = state
    handover.ended_at = now
    handover.save(update_fields=["state", "ended_at"])


def _colleague(registration: Registration, address: str) -> User | None:
    colleagues = User.objects.approved().filter(organisation=registration.organisation_id)
    found: User | None = colleagues.filter(email=address.lower()).exclude(pk=registration.member_id).first()
    return found


def _leave_the_line(event: EventPage, member: User, now: datetime) -> None:
    own = event.registrations.active().filter(member=member).first()
    if own is None:
        return
    if own.state != State.WAITING:
        raise AlreadyRegistered(own)
    line.end(own, State.CANCELLED, now)
    checks.note("cancel_registration", own, member, now)
