"""Approval of registrations, by an organiser and by the line manager.

Whoever waits for approval holds no place. Approved, they get one or join the line: in the order of approval. All
dates of a course go on together, once each is approved; declining one declines all.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from events import handovers, line, mail, together
from events.actions import checks
from events.actions.errors import (
    LinkEnded,
    LinkUsed,
    ManagerAnswered,
    NoManager,
    NotAwaitingApproval,
    OwnManager,
    OwnRegistration,
)
from events.actions.several import Outcome, one_by_one
from events.models import EventPage, ManagerApproval, Registration
from members.models import User

State, Answer = Registration.State, ManagerApproval.Answer


@transaction.atomic
def approve_registration(*, registration: Registration, actor: User, now: datetime) -> Registration:
    """Approve as an organiser. With the manager's approval too, where the event asks for that, it goes on.

    Where the event asks for the manager alone, the organiser approves in the manager's place.
    Raises NotAwaitingApproval, EventCancelled or TooLate.
    """
    parts = _awaiting(registration, now)
    registration = parts[0]
    registration.approved_at = now
    registration.save(update_fields=["approved_at"])
    _go_on_if_approved(parts, now)
    checks.note("approve_registration", registration, actor, now)
    return registration


@transaction.atomic
def decline_registration(
    *, registration: Registration, actor: User, reason: str, now: datetime
) -> Registration:
    """Decline as an organiser, and tell the member why. Raises NotAwaitingApproval or EventCancelled."""
    parts = _awaiting(registration, now, gives_places=False)
    _decline(parts, reason, now, by_manager=False)
    for part in parts:
        checks.note("decline_registration", part, actor, now)
    return parts[0]


def approve_registrations(*, registrations: Iterable[Registration], actor: User, now: datetime) -> Outcome:
    """Approve each on its own, those who registered first before the others."""
    return one_by_one(
        registrations, lambda found: approve_registration(registration=found, actor=actor, now=now)
    )


def decline_registrations(
    *, registrations: Iterable[Registration], actor: User, reason: str, now: datetime
) -> Outcome:
    """Decline each on its own, for the same reason."""
    return one_by_one(
        registrations,
        lambda found: decline_registration(registration=found, actor=actor, reason=reason, now=now),
    )


@transaction.atomic
def ask_manager(*, registration: Registration, manager_email: str, actor: User, now: datetime) -> None:
    """Ask a line manager, or somebody else instead, for all dates of a course: the link that was sent before ends.

    Raises OwnManager, ManagerAnswered, NotAwaitingApproval, EventCancelled or TooLate.
    """
    parts = _awaiting(registration, now)
    answered = ManagerApproval.objects.filter(registration__in=parts).exclude(answer="")
    has_answer = set(answered.values_list("registration", flat=True))
    if parts[0].pk in has_answer:
        raise ManagerAnswered
    for part in parts:
        if part.event.needs_manager and part.pk not in has_answer:
            _ask_manager(part, part.event, manager_email, now)
            checks.note("ask_manager", part, actor, now)


def manager_approval(key: UUID) -> ManagerApproval | None:
    """What a link asks; None if somebody else was asked since."""
    asked = ManagerApproval.objects.select_related("registration__event", "registration__member")
    return asked.filter(key=key).first()


@transaction.atomic
def answer_as_manager(
    *, key: UUID, approves: bool, reason: str, visitor: User | None, now: datetime
) -> Registration:
    """Approve or decline with the link from the letter, once; for all dates of a course that they were asked about.

    `visitor` is whoever is signed in, if anybody: it must not be the member. Raises LinkEnded, LinkUsed,
    OwnRegistration, EventCancelled or TooLate.
    """
    asked = manager_approval(key)
    if asked is None:
        raise LinkEnded
    parts = together.lock(asked.registration, now)
    registration = parts[0]
    asked = ManagerApproval.objects.filter(key=key).first()  # as it is since the lock
    if asked is None:
        raise LinkEnded
    if asked.answer:
        raise LinkUsed
    if registration.state != State.AWAITING_APPROVAL or registration.member is None:
        raise LinkEnded
    if visitor is not None and visitor.pk == registration.member_id:
        raise OwnRegistration
    checks.check_gives_places(registration.event, now)
    same = ManagerApproval.objects.filter(
        registration__in=parts, manager_email=asked.manager_email, answer=""
    )
    answered = set(same.values_list("registration", flat=True))
    same.update(answer=Answer.APPROVED if approves else Answer.DECLINED, answered_at=now, reason=reason)
    if approves:
        _go_on_if_approved(parts, now)
    else:
        _decline(parts, reason, now, by_manager=True)
    for part in parts:
        if part.pk in answered:
            checks.note("approve_as_manager" if approves else "decline_as_manager", part, None, now)
    return registration


def ask(
    registration: Registration, event: EventPage, manager_email: str, now: datetime, *, is_kept: bool = False
) -> None:
    """Of a new registration: ask whom the event says, and tell the member. Raises NoManager or OwnManager.

    `is_kept` says that a colleague keeps their place for it.
    """
    if event.needs_manager:
        _ask_manager(registration, event, manager_email, now)
    asked = manager_email if event.needs_manager else ""
    mail.approval_awaited(registration, event, manager_email=asked, is_kept=is_kept, now=now)


def ask_anew(registration: Registration, event: EventPage, now: datetime) -> None:
    """An answer that matters changed: all that was approved has to be approved again."""
    if registration.state == State.AWAITING_APPROVAL and registration.approved_at is None:
        has_answer = ManagerApproval.objects.filter(registration=registration).exclude(answer="").exists()
        if not has_answer:
            return
    had_place = registration.state == State.CONFIRMED
    if had_place:
        line.raise_sequence(event)
        handovers.withdraw([registration], now)
    registration.state = State.AWAITING_APPROVAL
    registration.approved_at = None
    registration.confirmed_at = None
    registration.offer_expires_at = None
    registration.save(update_fields=["state", "approved_at", "confirmed_at", "offer_expires_at"])
    manager_email = ""
    if event.needs_manager:
        asked = ManagerApproval.objects.filter(registration=registration).first()
        if asked is not None:
            manager_email = asked.manager_email
            _ask_manager(registration, event, manager_email, now)
    mail.approval_awaited(
        registration, event, manager_email=manager_email, is_again=True, had_place=had_place, now=now
    )
    if had_place:  # the file that brings the event back has to be newer than the one that took it out
        line.raise_sequence(event)
    checks.note("ask_for_approval", registration, registration.member, now)


def release_approved(event: EventPage, now: datetime) -> None:
    """After a publication: let those go on who lack nothing, since the event asks for less. Under the lock.

    Not dates of a course: other events have to be held for those, so `release_courses` does it.
    """
    awaiting = event.registrations.filter(state=State.AWAITING_APPROVAL, booked_together__isnull=True)
    for registration in awaiting.select_related("member").order_by("registered_at", "pk"):
        if is_approved(registration, event):
            registration.event = event
            go_on([registration], now)
            checks.note("release_registration", registration, None, now)


def courses_to_release(now: datetime) -> list[Registration]:
    """Of each course that somebody waits to be approved for and lacks nothing any more, one registration."""
    awaiting = Registration.objects.filter(
        state=State.AWAITING_APPROVAL,
        booked_together__isnull=False,
        event__cancelled_at__isnull=True,
        event__starts_at__gt=now,
    ).order_by()
    is_through = (Q(event__needs_approval=False) | Q(approved_at__isnull=False)) & (
        Q(event__needs_manager=False) | Q(manager_approval__answer=Answer.APPROVED)
    )
    lacking = awaiting.exclude(pk__in=awaiting.filter(is_through).values("pk"))
    ready = awaiting.exclude(booked_together__in=lacking.values("booked_together")).order_by(
        "approved_at", "pk"
    )
    return list({found.booked_together: found for found in ready}.values())


def release_courses(now: datetime) -> int:
    """As `release_approved`, of courses, each in a transaction of its own. Returns how many it let go on."""
    released = 0
    for registration in courses_to_release(now):
        with transaction.atomic():
            parts = together.lock(registration, now)
            if parts[0].state == State.AWAITING_APPROVAL and all(
                is_approved(part, part.event) for part in parts
            ):
                go_on(parts, now)
                for part in parts:
                    checks.note("release_registration", part, None, now)
                released += 1
    return released


def is_approved(registration: Registration, event: EventPage) -> bool:
    """Whether all have approved whom the event asks. One query where that is the manager."""
    if event.needs_approval and registration.approved_at is None:
        return False
    return (
        not event.needs_manager
        or ManagerApproval.objects.filter(registration=registration, answer=Answer.APPROVED).exists()
    )


def go_on(parts: list[Registration], now: datetime) -> None:
    """From approval to a place, or to the end of the line, also where the event keeps none for others.

    A place that a colleague passed on is theirs whoever waits. Of a course, all dates or none. Whoever was suspended
    meanwhile is set aside, at the end of the line.
    """
    if handovers.pass_accepted_on(parts, now):
        return
    if parts[0].is_suspended:
        for part in parts:
            line.join(part, part.event)
            line.set_aside(part, now)
        return
    rooms = [(part, line.settle(part.event, now)) for part in parts]
    if any(room.is_full_for(part.claim) for part, room in rooms):
        together.join_line(parts, now)
        return
    missed = line.seat(parts)
    for part in parts:
        line.confirm(part.event, part, now, missed=missed.get(part.pk, ()))


def _go_on_if_approved(parts: list[Registration], now: datetime) -> None:
    """Of a course, once every date is approved. Where the manager alone is asked, an organiser counts too."""
    for part in parts:
        stands_in = part.approved_at is not None and not part.event.needs_approval
        if not stands_in and not is_approved(part, part.event):
            return
    go_on(parts, now)


def _awaiting(registration: Registration, now: datetime, *, gives_places: bool = True) -> list[Registration]:
    """What waits for approval, with the other dates of a course, under the lock."""
    parts = together.lock(registration, now)
    if parts[0].state != State.AWAITING_APPROVAL:
        raise NotAwaitingApproval
    if gives_places:
        checks.check_gives_places(parts[0].event, now)
    return parts


def _decline(parts: list[Registration], reason: str, now: datetime, *, by_manager: bool) -> None:
    handovers.refuse(parts, now, is_declined=True)
    for part in parts:
        part.declined_reason = reason
        part.save(update_fields=["declined_reason"])
        line.end(part, State.DECLINED, now)
    mail.registration_declined(parts[0], parts[0].event, by_manager=by_manager, now=now)


def _ask_manager(registration: Registration, event: EventPage, manager_email: str, now: datetime) -> None:
    if not manager_email:
        raise NoManager
    if registration.member is not None and checks.is_own_address(registration.member, manager_email):
        raise OwnManager
    asked, _ = ManagerApproval.objects.update_or_create(
        registration=registration,
        defaults={
            "key": uuid.uuid4(),
            "manager_email": manager_email,
            "asked_at": now,
            "answer": "",
            "answered_at": None,
            "reason": "",
        },
    )
    mail.manager_asked(asked, registration, event)
