"""The line of those who wait for a place, and what moves in it. Called with the event's row held.

The lock makes the order: who gets the row next stands behind everyone who had it before.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Max

from events import mail
from events.history import add_step
from events.models import EventPage, Registration, Session, SessionPlace
from events.models.event_queries import EventQuerySet
from events.places import Room
from members.models import User

State = Registration.State

# Nobody is offered a place that they would have to take within less time than this.
SHORTEST_OFFER = timedelta(hours=1)

# Never so many in one transaction that others wait long for the lock; the next minute goes on.
OFFERS_AT_ONCE = 100


def lock(event: int) -> EventPage:
    """The event, held until the transaction ends, with what letters and checks ask of it."""
    return _to_hold().defer_streamfields().get(pk=event)


def lock_places(event: int) -> EventPage:
    """As `lock`, with no more of it than giving a place asks: when registration opens, everybody waits for this."""
    return _to_hold().for_places().get(pk=event)


def _to_hold() -> EventQuerySet:
    return EventPage.objects.locked().with_course().select_related("venue")


def lock_both(registration: Registration) -> tuple[EventPage, Registration]:
    """The event under the lock, and the registration as it is since: read before, it may be stale."""
    event = lock(registration.event_id)
    fresh = Registration.objects.select_related("member").get(pk=registration.pk)
    fresh.event = event
    return event, fresh


def settle(
    event: EventPage, now: datetime, *, room: Room | None = None, asking: Registration | None = None
) -> Room:
    """End overdue offers and offer what is free to those who wait longest; return the room after that.

    Counted after the lock, in a statement of its own: on PostgreSQL a count in the statement that waits
    for the lock would see the rows as they were before the wait. One query where there is nothing to do.
    `room` was counted already, under the same lock. `asking` has asked already and gets the place itself
    instead of an offer.
    """
    if room is None:
        room = Registration.objects.room_of(event, now)
    if room.offered:
        _expire_overdue(event, room, now)
    if not can_offer(event, room, now):
        return room
    called = _call(event, room)
    missed = seat(called)
    for registration in called:
        if asking is not None and registration.pk == asking.pk:
            confirm(event, registration, now, missed=missed.get(registration.pk, ()))
        else:
            _offer(event, registration, now, missed=missed.get(registration.pk, ()))
    return room


def can_offer(event: EventPage, room: Room, now: datetime) -> bool:
    return is_in_time(event, now) and room.has_an_offer_to_make()


def is_in_time(event: EventPage, now: datetime) -> bool:
    """Whether whoever is offered a place now can be sure to see the letter."""
    return now + SHORTEST_OFFER <= event.gives_places_until


def _call(event: EventPage, room: Room) -> list[Registration]:
    """Those whose turn it is, counted into the room. Whoever cannot have what is free is passed over."""
    # Who waits for a course is called for all its dates at once: see `actions.settle_courses`.
    in_line = event.registrations.waiting().filter(booked_together__isnull=True).select_related("member")
    # Suspended a moment ago, and not set aside yet.
    in_line = in_line.exclude(member__state=User.State.SUSPENDED)
    if not room.asks_who:
        in_line = in_line[: min(OFFERS_AT_ONCE, room.waiting if room.left is None else room.left)]
    called: list[Registration] = []
    for registration in in_line:
        if len(called) == OFFERS_AT_ONCE:
            break
        if room.has_a_place_for(registration.claim):
            room.stop_waiting(registration.claim)
            room.take(registration.claim)
            called.append(registration)
    return called


def _expire_overdue(event: EventPage, room: Room, now: datetime) -> None:
    overdue = list(event.registrations.overdue(now).select_related("member").order_by("waiting_number"))
    for registration in overdue:
        until = registration.offer_expires_at
        end(registration, State.EXPIRED, now)
        room.give_back(registration.claim)
        mail.offer_expired(registration, event, until=until or now)
        add_step("expire_offer", registration, None, now)


def _offer(
    event: EventPage, registration: Registration, now: datetime, *, missed: Sequence[Session] = ()
) -> None:
    offer(registration, now, until=offer_ends_at(event, now), missed=missed)
    mail.place_offered(registration, event, missed=missed, now=now)


def offer_ends_at(event: EventPage, now: datetime) -> datetime:
    """Until when a place that is offered now can be taken."""
    return min(now + timedelta(hours=event.hours_to_take_an_offer), event.gives_places_until)


def offer(
    registration: Registration, now: datetime, *, until: datetime, missed: Sequence[Session] = ()
) -> None:
    """Hold a place for somebody who waits, without a letter."""
    registration.state = State.OFFERED
    registration.offer_expires_at = until
    registration.save(update_fields=["state", "offer_expires_at"])
    add_step("offer_place", registration, None, now, **_missed_detail(missed))


def confirm(
    event: EventPage, registration: Registration, now: datetime, *, missed: Sequence[Session] = ()
) -> None:
    """The place is theirs. `missed` are the chosen sessions that filled up before it was."""
    registration.state = State.CONFIRMED
    registration.confirmed_at = now
    registration.offer_expires_at = None
    registration.save(update_fields=["state", "confirmed_at", "offer_expires_at"])
    mail.place_booked(registration, event, sessions=registration.chosen_sessions(), missed=missed, now=now)
    if missed:
        add_step("miss_sessions", registration, None, now, **_missed_detail(missed))


def seat(registrations: Sequence[Registration]) -> dict[int, list[Session]]:
    """Give those who are about to hold a place their chosen sessions, in their order.

    Chosen while they waited, a session may be full or cancelled by now: then the choice is dropped, and
    what is returned says which, by registration.
    """
    chosen: defaultdict[int, list[SessionPlace]] = defaultdict(list)
    places = SessionPlace.objects.filter(registration__in=registrations).select_related("session")
    for place in places.order_by("session__starts_at", "pk"):
        chosen[place.registration_id].append(place)
    if not chosen:
        return {}
    sessions = {place.session_id for places in chosen.values() for place in places}
    taken = SessionPlace.objects.taken().filter(session__in=sessions).count_by_session()
    missed: defaultdict[int, list[SessionPlace]] = defaultdict(list)
    for registration in registrations:
        for place in chosen[registration.pk]:
            number = taken.get(place.session_id, 0)
            if place.session.is_cancelled or place.session.is_full(number):
                missed[registration.pk].append(place)
            else:
                taken[place.session_id] = number + 1
    gone = [place.pk for places in missed.values() for place in places]
    if gone:
        SessionPlace.objects.filter(pk__in=gone).delete()
    return {number: [place.session for place in places] for number, places in missed.items()}


def end(registration: Registration, state: Registration.State, now: datetime) -> None:
    registration.state = state
    registration.offer_expires_at = None
    if state == State.CANCELLED:
        registration.cancelled_at = now
    registration.save(update_fields=["state", "offer_expires_at", "cancelled_at"])


def join(registration: Registration, event: EventPage) -> None:
    """Put a registration at the end of the line."""
    registration.state = State.WAITING
    registration.offer_expires_at = None
    registration.waiting_number = next_number(event)
    registration.save(update_fields=["state", "offer_expires_at", "waiting_number"])


def settle_and_tell_position(
    event: EventPage,
    registration: Registration,
    now: datetime,
    *,
    room: Room | None = None,
    asking: Registration | None = None,
) -> None:
    """Settle the line that a registration was just put at the end of; if it still waits, write to the member."""
    room = settle(event, now, room=room, asking=asking)
    if room.asks_who or not room.waiting:
        registration.refresh_from_db(fields=["state", "offer_expires_at", "confirmed_at"])
    if registration.state == State.WAITING:  # and is the last of them
        ahead = room.number_ahead_of(registration.claim) - 1
        is_capped = room.is_capped(registration.claim)
        mail.waiting_list_joined(registration, event, ahead=ahead, is_capped=is_capped, now=now)


def set_aside(registration: Registration, now: datetime) -> None:
    """Take somebody who was suspended out of the line. They keep their number, for when that is lifted."""
    registration.state = State.SET_ASIDE
    registration.offer_expires_at = None
    registration.save(update_fields=["state", "offer_expires_at"])
    add_step("set_aside", registration, None, now)


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


def _missed_detail(sessions: Sequence[Session]) -> dict[str, object]:
    return {"missed_sessions": [str(session.key) for session in sessions]} if sessions else {}
