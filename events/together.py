"""Registrations that stand or fall together: one member's for all dates of a course.

What holds a place may end by date; what only hopes for one (asked, waits, is offered) is for all dates or none.
"""

from collections.abc import Collection
from datetime import datetime

from events import line
from events.models import EventPage, Registration


def lock(
    registration: Registration, now: datetime, *, states: Collection[str] | None = None
) -> list[Registration]:
    """The registration as it is now, and behind it those that were made with it, are in `states` and still ahead.

    Without `states`, in the same state as the first. Each comes with its event, which is held; everybody holds
    them in the order of their keys, so that no two wait for each other.
    """
    if registration.booked_together is None:
        _, fresh = line.lock_both(registration)
        return [fresh]
    made_at_once = Registration.objects.filter(
        booked_together=registration.booked_together, member=registration.member_id
    )
    numbers = made_at_once.order_by("event").values_list("event", flat=True)
    events = {number: line.lock(number) for number in numbers}
    rows = list(made_at_once.select_related("member").order_by("event"))
    for row in rows:
        row.event = events[row.event_id]
    first = next(row for row in rows if row.pk == registration.pk)
    wanted = states or {first.state}
    others = [row for row in rows if row is not first and row.state in wanted and is_ahead(row.event, now)]
    return [first, *others]


def to_come(
    registration: Registration, now: datetime, *, states: Collection[str] | None = None
) -> list[Registration]:
    """As `lock`, to read: those alone that are in the states, in the order of their dates. One query at most."""
    wanted = states or {registration.state}
    if registration.booked_together is None:
        return [registration] if registration.state in wanted else []
    made_at_once = Registration.objects.filter(
        booked_together=registration.booked_together, member=registration.member_id, state__in=wanted
    )
    in_order = (
        made_at_once.select_related("member", "event").defer("event__body").order_by("event__starts_at")
    )
    return [found for found in in_order if is_ahead(found.event, now)]


def is_ahead(event: EventPage, now: datetime) -> bool:
    """Whether a date of a course still counts: places are given and passed on for it."""
    return not event.is_cancelled and now < event.gives_places_until


def join_line(parts: list[Registration], now: datetime) -> None:
    """Put all at the end of the line of their dates, and write to the member once."""
    first, *others = parts
    for part in others:
        line.join(part, part.event)
    line.join(first, first.event)
    line.settle_and_tell_position(first.event, first, now)
