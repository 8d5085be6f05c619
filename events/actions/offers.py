"""Places that are offered to those who wait."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from events import line, together
from events.actions import checks
from events.actions.errors import AlreadyRegistered, EventCancelled, NothingOffered
from events.models import EventPage, Registration
from events.places import Room
from members.models import User

State = Registration.State


@transaction.atomic
def take_place(*, registration: Registration, actor: User, now: datetime) -> Registration:
    """Turn an offer into a place, one of a course into a place on every date. Doing it twice changes nothing.

    When the offer has ended, the member goes back to the end of the waiting list; if then nobody is ahead
    and a place is free, it is theirs after all. The state of what comes back says which.
    Raises NothingOffered, EventCancelled, TooLate or AlreadyRegistered (anew, since the offer ended).
    """
    parts = together.lock(registration, now, states={State.OFFERED, State.EXPIRED})
    registration = parts[0]
    if registration.state == State.CONFIRMED:
        return registration
    checks.check_gives_places(registration.event, now)
    if registration.state not in {State.OFFERED, State.EXPIRED}:
        raise NothingOffered
    if all(part.state == State.OFFERED and not checks.is_overdue(part, now) for part in parts):
        for part in parts:
            line.confirm(part.event, part, now)
    else:
        _return_to_line(parts, now)
    for part in parts:
        checks.note("take_place", part, actor, now)
    return registration


@transaction.atomic
def decline_place(*, registration: Registration, actor: User, now: datetime) -> Registration:
    """Give an offered place back, or a whole course; it is offered to the next.

    Raises NothingOffered or EventCancelled.
    """
    parts = together.lock(registration, now)
    if parts[0].event.is_cancelled:
        raise EventCancelled
    if parts[0].state != State.OFFERED:
        raise NothingOffered
    for part in parts:
        line.end(part, State.CANCELLED, now)
        line.settle(part.event, now)
        checks.note("decline_place", part, actor, now)
    return parts[0]


def events_to_settle(now: datetime) -> list[EventPage]:
    """Events with offers that ended, or with people waiting although a place is free for them."""
    # Who waits for a course is called by `settle_courses`.
    in_line = Registration.objects.waiting().filter(booked_together__isnull=True).order_by().values("event")
    overdue = Registration.objects.overdue(now).order_by().values("event")
    events = (
        EventPage.objects.filter(Q(pk__in=in_line) | Q(pk__in=overdue))
        .filter(cancelled_at__isnull=True, ends_at__gte=now)
        .with_places()
        .annotate(has_overdue=Exists(Registration.objects.overdue(now).filter(event=OuterRef("pk"))))
        .defer_streamfields()
        .order_by("pk")
    )
    return [event for event in events if event.has_overdue or line.can_offer(event, _room(event, now), now)]


def expire_offers(*, now: datetime) -> int:
    """End the offers whose time is up and offer every free place on. Returns how many events it changed.

    One transaction an event: what fails in one leaves the others done.
    """
    events = events_to_settle(now)
    for event in events:
        with transaction.atomic():
            line.settle(line.lock(event.pk), now)
    return len(events)


def _room(event: EventPage, now: datetime) -> Room:
    """Of an event that came `with_places`: a query only where it matters who has them."""
    if event.asks_who_comes(now):
        return Registration.objects.room_of(event, now)
    return Room(event.capacity, taken=event.places_taken, waiting=event.number_waiting)


def _return_to_line(parts: list[Registration], now: datetime) -> None:
    for part in parts:
        since = part.event.registrations.active().filter(member=part.member_id).exclude(pk=part.pk)
        if anew := since.first():
            raise AlreadyRegistered(anew)
    if len(parts) > 1:  # called for all dates at once, when they have room
        together.join_line(parts, now)
        return
    [registration] = parts
    line.join(registration, registration.event)
    line.settle_and_tell_position(registration.event, registration, now, asking=registration)
