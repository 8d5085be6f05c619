"""Passing a place to a colleague, or a whole course. The place never comes free in between, so the line does not move."""

import uuid
from datetime import datetime

from django.db import transaction

from events import handovers, line, mail, together
from events.actions import answering, approving, checks
from events.actions.errors import (
    AlreadyRegistered,
    CannotHandOver,
    ColleagueTookIt,
    NotAColleague,
    NotHandedOver,
    OwnPlace,
)
from events.answers import Answers
from events.history import add_step
from events.models import Handover, Invitation, Registration
from events.rules import can_hand_over, can_take_handover
from members.domains import domain_of
from members.models import User

State = Registration.State


@transaction.atomic
def hand_over(*, registration: Registration, colleague_email: str, actor: User, now: datetime) -> Handover:
    """Offer the place to whoever has this address, if they are a member of the same organisation.

    Of a course, every date that is still to come goes along. Nothing that comes back says whether there is such a
    colleague: an account is nobody's business. What is refused depends on the domain of the address alone.
    An offer made before is withdrawn, unless a colleague took it and waits to be approved.
    Raises OwnPlace, NotAColleague, CannotHandOver, ColleagueTookIt, EventCancelled or TooLate.
    """
    parts = together.lock(registration, now, states=Registration.ACTIVE)
    registration = parts[0]
    for part in parts:
        checks.check_gives_places(part.event, now)
        if not can_hand_over(actor, part, now):
            raise CannotHandOver
    _check_address(registration, actor, colleague_email)
    before = handovers.open_of(registration)
    if before is not None and before.is_accepted:
        raise ColleagueTookIt
    handovers.withdraw(parts, now)
    handover = Handover.objects.create(
        registration=registration,
        colleague_email=colleague_email.lower(),
        colleague=_colleague(registration, colleague_email),
        offered_at=now,
    )
    if handover.colleague is not None:
        mail.place_handed_over(handover, registration, registration.event)
    checks.note("hand_over", registration, actor, now)
    return handover


@transaction.atomic
def take_handover(
    *, handover: Handover, actor: User, now: datetime, answers: Answers | None = None
) -> Registration:
    """Make the place the colleague's: one registration ends, theirs begins.

    Where approval is asked, theirs waits for it first, and the place stays with its holder until then. Whoever
    asked for a place already keeps that registration; approved before, they get the place at once.
    `answers` are to the questions of all dates together. Without them, the sessions that were chosen go along.
    Raises NotHandedOver, AlreadyRegistered, what `book_place` raises of sessions and managers, EventCancelled
    or TooLate.
    """
    given, handover = _lock(handover, now)
    for part in given:
        checks.check_gives_places(part.event, now)
    is_theirs = can_take_handover(actor, handover, now)
    if not is_theirs or actor.organisation_id != given[0].organisation_id:
        raise NotHandedOver
    asks = any(part.event.needs_any_approval for part in given)
    taken = _ask(handover, given, actor, now, answers) if asks else _take(given, actor, now, answers)
    if taken[0].state != State.AWAITING_APPROVAL:
        handovers.end(handover, Handover.State.TAKEN, now)
    for part in given:
        line.settle(part.event, now)
    for registration in taken:
        checks.note("take_handover", registration, actor, now)
    return taken[0]


@transaction.atomic
def decline_handover(*, handover: Handover, actor: User, now: datetime) -> None:
    """Leave the place with its holder, who is told. Raises NotHandedOver."""
    given, handover = _lock(handover, now)
    if handover.state != Handover.State.OFFERED or handover.colleague_id != actor.pk:
        raise NotHandedOver
    handovers.end(handover, Handover.State.DECLINED, now)
    mail.handover_declined(handover, given[0], given[0].event)
    add_step("decline_handover", given[0], actor, now)


@transaction.atomic
def withdraw_handover(*, registration: Registration, actor: User, now: datetime) -> bool:
    """Keep the place after all; False if nothing was on offer any more, or the colleague said yes."""
    parts = together.lock(registration, now)
    handover = handovers.open_of(parts[0])
    if handover is None or handover.state != Handover.State.OFFERED:
        return False
    handovers.end(handover, Handover.State.WITHDRAWN, now)
    checks.note("withdraw_handover", handover.registration, actor, now)
    return True


def _lock(handover: Handover, now: datetime) -> tuple[list[Registration], Handover]:
    """What is given, under the lock, and the handover as it is since."""
    given = together.lock(handover.registration, now)
    fresh = Handover.objects.get(pk=handover.pk)
    fresh.registration = given[0]
    return given, fresh


def _check_address(registration: Registration, giver: User, address: str) -> None:
    """Raise OwnPlace or NotAColleague: a colleague's address is at a domain where the organisation has its own.

    One that is known to be the organisation's, or one where some of its members have their addresses.
    """
    if checks.is_own_address(giver, address):
        raise OwnPlace
    organisation, domain = registration.organisation, domain_of(address)
    assert organisation is not None  # or it could not be passed on  # noqa: S101
    known = list(organisation.domains.values_list("domain", flat=True))
    if domain in known:
        return
    members = User.objects.approved().filter(organisation=organisation)
    if domain is None or not members.filter(email__endswith=f"@{domain}").exists():
        raise NotAColleague(organisation.name, known or [giver.email.rpartition("@")[2]])


def _colleague(registration: Registration, address: str) -> User | None:
    colleagues = User.objects.approved().filter(organisation=registration.organisation_id)
    found: User | None = colleagues.filter(email=address.lower()).exclude(pk=registration.member_id).first()
    return found


def _take(
    given: list[Registration], colleague: User, now: datetime, answers: Answers | None
) -> list[Registration]:
    """Where nobody is asked: a new registration has what the old one had."""
    taken = _new(given, colleague, now)
    for part, new in zip(given, taken, strict=True):
        _leave_the_line(part, colleague, now)
        part_answers = _answers_for(part, answers)
        handovers.release(part, new, now)
        new.is_invited = new.is_invited or part.is_invited
        new.state = State.CONFIRMED
        new.confirmed_at = now
        answering.save_with_answers(new, part.event, part_answers, now)
        mail.place_booked(new, part.event, sessions=new.chosen_sessions(), now=now)
    return taken


def _ask(
    handover: Handover,
    given: list[Registration],
    colleague: User,
    now: datetime,
    answers: Answers | None,
) -> list[Registration]:
    """Where approval is asked: a registration that waits for it, their own if they asked before."""
    own = _own(given, colleague)
    if own is not None and own.state == State.WAITING:  # approved, or nobody would let them wait
        handovers.release(given[0], own, now)
        handovers.take(own, given[0], now)
        return [own]
    taken = _new(given, colleague, now) if own is None else [own]
    if own is None:
        for part, new in zip(given, taken, strict=True):
            part_answers = _answers_for(part, answers)
            new.state = State.AWAITING_APPROVAL
            answering.save_with_answers(new, part.event, part_answers, now)
        manager_email = answers.manager_email if answers is not None else ""
        for new in taken:  # once all are there: a letter names every date
            approving.ask(new, new.event, manager_email, now, is_kept=True)
    handover.state = Handover.State.ACCEPTED
    handover.taken_as = taken[0]
    handover.save(update_fields=["state", "taken_as"])
    return taken


def _new(given: list[Registration], colleague: User, now: datetime) -> list[Registration]:
    """One for each, not saved. They count for places kept for invited people if the colleague was invited."""
    at_once = uuid.uuid4() if given[0].booked_together is not None else None
    return [
        Registration(
            event=part.event,
            member=colleague,
            organisation_id=part.organisation_id,
            is_invited=Invitation.objects.invited_as(part.event_id, colleague, now).keeps_place,
            registered_at=now,
            booked_together=at_once,
        )
        for part in given
    ]


def _answers_for(part: Registration, answers: Answers | None) -> Answers:
    event = part.event
    if answers is not None:
        return answers.only_for(event.questions.all(), event.sessions.all())
    chosen = part.session_places.filter(session__is_chosen=True, session__is_cancelled=False)
    return Answers(sessions=frozenset(chosen.values_list("session", flat=True)))


def _own(given: list[Registration], colleague: User) -> Registration | None:
    """What the colleague has asked for already.

    Raises AlreadyRegistered where they have more than that, or it is tied to something else: a course, or another
    colleague's place.
    """
    found = Registration.objects.active().filter(
        event__in=[part.event_id for part in given], member=colleague
    )
    own = found.select_related("member").first()
    if own is None:
        return None
    is_tied = len(given) > 1 or own.booked_together is not None or handovers.accepted_for([own]) is not None
    if is_tied or own.state not in {State.WAITING, State.AWAITING_APPROVAL}:
        raise AlreadyRegistered(own)
    own.event = given[0].event
    return own


def _leave_the_line(given: Registration, colleague: User, now: datetime) -> None:
    own = given.event.registrations.active().filter(member=colleague).first()
    if own is None:
        return
    if own.state not in {State.WAITING, State.AWAITING_APPROVAL}:
        raise AlreadyRegistered(own)
    line.end(own, State.CANCELLED, now)
    checks.note("cancel_registration", own, colleague, now)
