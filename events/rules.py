"""Who may do what with events and registrations. Whether there is room is the actions' business."""

from datetime import datetime

from django.contrib.auth.models import AnonymousUser

from events.models import EventPage, Registration
from members.models import User
from members.rules import is_approved_member

Person = User | AnonymousUser


def is_open_for_registration(event: EventPage, now: datetime) -> bool:
    return not (event.is_cancelled or event.is_over(now) or event.opens_after(now) or event.is_closed(now))


def can_book_place(user: Person, event: EventPage, now: datetime) -> bool:
    return is_approved_member(user) and is_open_for_registration(event, now)


def can_join_waiting_list(user: Person, event: EventPage, now: datetime) -> bool:
    return can_book_place(user, event, now) and event.has_waiting_list


def can_cancel_registration(user: Person, registration: Registration, now: datetime) -> bool:
    """One's own, or an organiser anyone's, until the event is over."""
    return (
        (_is_own(user, registration) or can_manage_registrations(user))
        and registration.is_active
        and not registration.event.is_cancelled
        and not registration.event.is_over(now)
    )


def can_take_place(user: Person, registration: Registration, now: datetime) -> bool:
    """An offer that ended may be asked for still: the answer is a new place in the line."""
    return (
        _is_own(user, registration)
        and is_approved_member(user)
        and registration.state in {Registration.State.OFFERED, Registration.State.EXPIRED}
        and _still_gives_places(registration.event, now)
    )


def can_decline_place(user: Person, registration: Registration, now: datetime) -> bool:
    return (
        _is_own(user, registration)
        and registration.state == Registration.State.OFFERED
        and _still_gives_places(registration.event, now)
    )


def can_manage_registrations(user: Person) -> bool:
    return user.is_active and user.has_perm("events.manage_registrations")


def can_cancel_event(user: Person, event: EventPage, now: datetime) -> bool:
    return can_manage_registrations(user) and not event.is_cancelled and not event.is_over(now)


def _is_own(user: Person, registration: Registration) -> bool:
    return user.pk is not None and registration.member_id == user.pk


def _still_gives_places(event: EventPage, now: datetime) -> bool:
    return not event.is_cancelled and now < event.gives_places_until
