"""Approval of registrations, by an organiser and by the line manager.

Whoever waits for approval holds no place. Approved, they get one or join the line: in the order of approval.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import transaction

from events import line, mail
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
    event, registration = _awaiting(registration, now)
    registration.approved_at = now
    registration.save(update_fields=["approved_at"])
    if not event.needs_approval or is_approved(registration, event):
        go_on(event, registration, now)
    checks.note("approve_registration", registration, actor, now)
    return registration


@transaction.atomic
def decline_registration(
    *, registration: Registration, actor: User, reason: str, now: datetime
) -> Registration:
    """Decline as an organiser, and tell the member why. Raises NotAwaitingApproval or EventCancelled."""
    event, registration = _awaiting(registration, now, gives_places=False)
    _decline(event, registration, reason, now, by_manager=False)
    checks.note("decline_registration", registration, actor, now)
    return registration


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
    """Ask a line manager, or somebody else instead: the link that was sent before ends.

    Raises OwnManager, ManagerAnswered, NotAwaitingApproval, EventCancelled or TooLate.
    """
    event, registration = _awaiting(registration, now)
    asked = ManagerApproval.objects.filter(registration=registration).first()
    if asked is not None and asked.answer:
        raise ManagerAnswered
    _ask_manager(registration, event, manager_email, now)
    checks.note("ask_manager", registration, actor, now)


def manager_approval(key: UUID) -> ManagerApproval | None:
    """What a link asks; None if somebody else was asked since."""
    asked = ManagerApproval.objects.select_related("registration__event", "registration__member")
    return asked.filter(key=key).first()


@transaction.atomic
def answer_as_manager(
    *, key: UUID, approves: bool, reason: str, visitor: User | None, now: datetime
) -> Registration:
    """Approve or decline with the link from the letter, once.

    `visitor` is whoever is signed in, if anybody: it must not be the member. Raises LinkEnded, LinkUsed,
    OwnRegistration, EventCancelled or TooLate.
    """
    asked = manager_approval(key)
    if asked is None:
        raise LinkEnded
    event, registration = line.lock_both(asked.registration)
    asked = ManagerApproval.objects.filter(key=key).first()  # as it is since the lock
    if asked is None:
        raise LinkEnded
    if asked.answer:
        raise LinkUsed
    if registration.state != State.AWAITING_APPROVAL or registration.member is None:
        raise LinkEnded
    if visitor is not None and visitor.pk == registration.member_id:
        raise OwnRegistration
    checks.check_gives_places(event, now)
    asked.answer = Answer.APPROVED if approves else Answer.DECLINED
    asked.answered_at = now
    asked.reason = reason
    asked.save(update_fields=["answer", "answered_at", "reason"])
    if not approves:
        _decline(event, registration, reason, now, by_manager=True)
    elif is_approved(registration, event):
        go_on(event, registration, now)
    checks.note("approve_as_manager" if approves else "decline_as_manager", registration, None, now)
    return registration


def ask(registration: Registration, event: EventPage, manager_email: str, now: datetime) -> None:
    """Of a new registration: ask whom the event says, and tell the member. Raises NoManager or OwnManager."""
    if event.needs_manager:
        _ask_manager(registration, event, manager_email, now)
    mail.approval_awaited(registration, event, manager_email=manager_email if event.needs_manager else "")


def ask_anew(registration: Registration, event: EventPage, now: datetime) -> None:
    """An answer that matters changed: all that was approved has to be approved again."""
    if registration.state == State.AWAITING_APPROVAL and registration.approved_at is None:
        has_answer = ManagerApproval.objects.filter(registration=registration).exclude(answer="").exists()
        if not has_answer:
            return
    if registration.state == State.CONFIRMED:
        line.raise_sequence(event)
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
    mail.approval_awaited(registration, event, manager_email=manager_email, again_at=now)
    checks.note("ask_for_approval", registration, registration.member, now)


def release_approved(event: EventPage, now: datetime) -> None:
    """After a publication: let those go on who lack nothing, since the event asks for less. Under the lock."""
    for registration in (
        event.registrations.filter(state=State.AWAITING_APPROVAL)
        .select_related("member")
        .order_by("registered_at", "pk")
    ):
        if is_approved(registration, event):
            registration.event = event
            go_on(event, registration, now)
            checks.note("release_registration", registration, None, now)


def is_approved(registration: Registration, event: EventPage) -> bool:
    """Whether all have approved whom the event asks. One query where that is the manager."""
    if event.needs_approval and registration.approved_at is None:
        return False
    return (
        not event.needs_manager
        or ManagerApproval.objects.filter(registration=registration, answer=Answer.APPROVED).exists()
    )


def go_on(event: EventPage, registration: Registration, now: datetime) -> None:
    """From approval to a place, or to the end of the line, also where the event keeps none for others."""
    if line.settle(event, now).is_full_for(registration.claim):
        line.join(registration, event)
        line.settle_and_tell_position(event, registration, now)
        return
    missed = line.seat([registration])
    line.confirm(event, registration, now, missed=missed.get(registration.pk, ()))


def _awaiting(
    registration: Registration, now: datetime, *, gives_places: bool = True
) -> tuple[EventPage, Registration]:
    event, registration = line.lock_both(registration)
    if registration.state != State.AWAITING_APPROVAL:
        raise NotAwaitingApproval
    if gives_places:
        checks.check_gives_places(event, now)
    return event, registration


def _decline(
    event: EventPage, registration: Registration, reason: str, now: datetime, *, by_manager: bool
) -> None:
    registration.declined_reason = reason
    registration.save(update_fields=["declined_reason"])
    line.end(registration, State.DECLINED, now)
    mail.registration_declined(registration, event, by_manager=by_manager)


def _ask_manager(registration: Registration, event: EventPage, manager_email: str, now: datetime) -> None:
    if not manager_email:
        raise NoManager
    if registration.member is not None and _is_own_address(registration.member, manager_email):
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


def _is_own_address(member: User, address: str) -> bool:
    """Also one that they proved to be theirs, and one that differs by what stands after a plus."""
    own = {member.email, *EmailAddress.objects.filter(user=member).values_list("email", flat=True)}
    return _mailbox(address) in {_mailbox(one) for one in own}


def _mailbox(address: str) -> str:
    name, _, domain = address.strip().casefold().rpartition("@")
    return f"{name.partition('+')[0]}@{domain}"
