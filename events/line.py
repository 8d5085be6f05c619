"""The line of those who wait for a place, and what moves in it. Called with the event's row held.

The lock makes the order: who gets the row next stands behind everyone who had it before.
"""

from datetime import datetime, timedelta

from django.db.models import Max

from events import mail
from events.models import EventPage, Registration
from events.places import Places

State = Registration.State

# Nobody is offered a place that they would have to take within less time than this.
SHORTEST_OFFER = timedelta(hours=1)

# Never so many in one transaction that others wait long for the lock; the next minute goes on.
OFFERS_AT_ONCE = 100


def lock(event: int) -> EventPage:
    return EventPage.objects.locked().defer_streamfields().get(pk=event)


def lock_both(registration: Registration) -> tuple[EventPage, Registration]:
    """The event under the lock, and the registration as it is since: read before, it may be stale."""
    event = lock(registration.event_id)
    fresh = Registration.objects.select_related("member").get(pk=registration.pk)
    fresh.event = event
    return event, fresh


def settle(event: EventPage, now: datetime, *, asking: Registration | None = None) -> Places:
    """End overdue offers and offer what is free to those who wait longest; return the places after that.

    Counted after the lock, in a statement of its own: on PostgreSQL a count in the statement that waits
    for the lock would see the rows as they were before the wait. One query where there is nothing to do.
    `asking` has asked already and gets the place itself instead of an offer.
    """
    number = Registration.objects.filter(event=event).count_by_state()
    taken = number.get(State.CONFIRMED, 0) + number.get(State.OFFERED, 0)
    if number.get(State.OFFERED):
        taken -= _expire_overdue(event, now)
    places = Places(event.capacity, taken, number.get(State.WAITING, 0))
    if not can_offer(event, places, now):
        return places
    first = list(event.registrations.waiting().select_related("member")[: _number_to_offer(places)])
    for registration in first:
        if asking is not None and registration.pk == asking.pk:
            confirm(event, registration, now)
        else:
            _offer(event, registration, now)
    return Places(event.capacity, taken + len(first), places.waiting - len(first))


def can_offer(event: EventPage, places: Places, now: datetime) -> bool:
    in_time = now + SHORTEST_OFFER <= event.gives_places_until
    return in_time and places.waiting > 0 and places.left != 0


def _number_to_offer(places: Places) -> int:
    return min(OFFERS_AT_ONCE, places.waiting if places.left is None else places.left)


def _expire_overdue(event: EventPage, now: datetime) -> int:
    overdue = list(event.registrations.overdue(now).select_related("member").order_by("waiting_number"))
    for registration in overdue:
        until = registration.offer_expires_at
        end(registration, State.EXPIRED, now)
        mail.offer_expired(registration, event, until=until or now)
    return len(overdue)


def _offer(event: EventPage, registration: Registration, now: datetime) -> None:
    registration.state = State.OFFERED
    hours = timedelta(hours=event.hours_to_take_an_offer)
    registration.offer_expires_at = min(now + hours, event.gives_places_until)
    registration.save(update_fields=["state", "offer_expires_at"])
    mail.place_offered(registration, event)


def confirm(event: EventPage, registration: Registration, now: datetime) -> None:
    registration.state = State.CONFIRMED
    registration.confirmed_at = now
    registration.offer_expires_at = None
    registration.save(update_fields=["state", "confirmed_at", "offer_expires_at"])
    mail.place_booked(registration, event, now=now)


def end(registration: Registration, state: Registration.State, now: datetime) -> None:
    registration.state = state
    registration.offer_expires_at = None
    if state == State.CANCELLED:
        registration.cancelled_at = now
    registration.save(update_fields=["state", "offer_expires_at", "cancelled_at"])


def settle_and_tell_position(
    event: EventPage, registration: Registration, now: datetime, *, asking: Registration | None = None
) -> None:
    """Settle the line that a registration was just put at the end of; if it still waits, write to the member."""
    places = settle(event, now, asking=asking)
    if places.waiting:  # and this one is the last of them
        mail.waiting_list_joined(registration, event, ahead=places.waiting - 1)
    else:
        registration.refresh_from_db(fields=["state", "offer_expires_at", "confirmed_at"])


def next_number(event: EventPage) -> int:
    """Higher than any that was ever given, so that the line stands in the order of the lock."""
    last: int | None = event.registrations.aggregate(last=Max("waiting_number"))["last"]
    return (last or 0) + 1


def raise_sequence(event: EventPage) -> None:
    """Make the next calendar file count for more than those before."""
    write(event, calendar_sequence=event.calendar_sequence + 1)


def write(event: EventPage, **values: object) -> None:
    """Change what actions own of an event. Past Wagtail's `save`, whose indexes have no use for it."""
    for name, value in values.items():
        setattr(event, name, value)
    EventPage.objects.filter(pk=event.pk).update(**values)
