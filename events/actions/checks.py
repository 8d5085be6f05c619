"""What every action checks before it changes anything, and what it writes down afterwards."""

import logging
from datetime import datetime

from allauth.account.models import EmailAddress
from wagtail.log_actions import log

from events import line
from events.actions.errors import (
    AlreadyRegistered,
    BookedAsOne,
    EventCancelled,
    EventOver,
    MemberSuspended,
    NeedsInvitation,
    NotAMember,
    NotForYou,
    NotOpenYet,
    RegistrationClosed,
    TooLate,
)
from events.history import add_step
from events.models import Audience, EventPage, Registration, RegistrationStep
from members.models import User

logger = logging.getLogger("events.actions")


def check_on(event: EventPage, now: datetime) -> None:
    if event.is_cancelled:
        raise EventCancelled
    if event.is_over(now):
        raise EventOver


def check_open(event: EventPage, now: datetime) -> None:
    check_on(event, now)
    if event.opens_after(now):
        raise NotOpenYet(event)
    if event.is_closed(now):
        raise RegistrationClosed(event)


def check_for_them(event: EventPage, member: User, *, is_invited: bool) -> None:
    """Raise NeedsInvitation or NotForYou where the event is for others."""
    if is_invited or event.admits(member):
        return
    raise NeedsInvitation if event.audience == Audience.INVITED else NotForYou(event)


def check_single(event: EventPage) -> None:
    """Raise BookedAsOne for a date of a course: of an event that came from `line.lock`."""
    if event.is_date_of_course:
        raise BookedAsOne


def check_gives_places(event: EventPage, now: datetime) -> None:
    if event.is_cancelled:
        raise EventCancelled
    if now >= event.gives_places_until:
        raise TooLate


def check_first(event: EventPage, member: User) -> None:
    """Raise AlreadyRegistered. Somebody who comes back needs a file newer than the one that took it away."""
    earlier = list(event.registrations.filter(member=member))
    for registration in earlier:
        if registration.is_active:
            raise AlreadyRegistered(registration)
    if earlier:
        line.raise_sequence(event)


def approved_member(address: str) -> User:
    """Whoever has an address and may come to events. Raises MemberSuspended or NotAMember."""
    found: User | None = User.objects.filter(email=address.lower()).first()
    if found is not None and found.state == User.State.SUSPENDED:
        raise MemberSuspended
    if found is None or not found.is_approved:
        raise NotAMember
    return found


def is_overdue(registration: Registration, now: datetime) -> bool:
    return registration.offer_expires_at is not None and registration.offer_expires_at <= now


def is_own_address(member: User, address: str) -> bool:
    """Also one that they proved to be theirs, and one that differs by what stands after a plus."""
    own = {member.email, *EmailAddress.objects.filter(user=member).values_list("email", flat=True)}
    return _mailbox(address) in {_mailbox(one) for one in own}


def note(
    verb: str, registration: Registration, actor: User | None, now: datetime, **detail: object
) -> RegistrationStep:
    """Add a line to the registration's history; see `history.add_step`.

    The log gets ids only. What staff did for somebody else also goes into the history of the page.
    """
    acted = None if actor is None else actor.pk
    logger.info("%s: registration %s, actor %s", verb, registration.pk, acted)
    if actor is not None and acted != registration.member_id:
        log(
            instance=registration.event.specific,
            action=f"events.{verb}",
            user=actor,
            data={"registration": str(registration.uuid)},
        )
    return add_step(verb, registration, actor, now, **detail)


def _mailbox(address: str) -> str:
    name, _, domain = address.strip().casefold().rpartition("@")
    return f"{name.partition('+')[0]}@{domain}"
