"""How a registration ended, what can be done after that, and what becomes of a place that is given up."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest

from events import line
from events.models import Registration
from members.models import User

State = Registration.State

# States after which somebody may want a place again, and what led there.
ENDED = frozenset({State.CANCELLED, State.DECLINED})
ENDINGS = ("cancel_registration", "decline_place", "pass_place_on")


def shown_with(registration: Registration, member: User, now: datetime) -> dict[str, Any]:
    """`ended_by`, the verb of what ended it, and `again`: where they stand with the event now.

    Of one that has not ended: nothing, and no query.
    """
    if registration.state not in ENDED:
        return {}
    event = registration.event
    endings = registration.steps.filter(verb__in=ENDINGS).order_by("-pk")
    is_on = not event.is_cancelled and not event.is_over(now)
    return {
        "ended_by": endings.values_list("verb", flat=True).first(),
        "again": event.standing_of(member, now) if is_on else None,
    }


def what_becomes_of_place(registration: Registration, now: datetime) -> dict[str, bool]:
    """`goes_on`: whether somebody who waits is offered the place at once. A query only where there is one."""
    # Who waits for a course needs a place on all its dates, so nobody knows yet whether this one helps them.
    if not registration.holds_a_place or registration.booked_together is not None:
        return {"goes_on": False}
    room = Registration.objects.room_of(registration.event, now)
    room.give_back(registration.claim)
    return {"goes_on": line.can_offer(registration.event, room, now)}


def say_that_nothing_changed(
    request: HttpRequest, registration: Registration, nothing: str, now: datetime
) -> None:
    """To somebody who pressed a button on a page that is out of date: what was not done, and why."""
    if registration.event.is_cancelled:
        why = "this event will not take place"
    elif registration.event.is_over(now):
        why = "this event is over"
    else:
        why = _WHY.get(registration.state, "it was too late for that")
    messages.info(request, f"{nothing}: {why}.")


_WHY: Mapping[str, str] = {
    State.CONFIRMED: "you took this place before. To give it up, cancel your registration",
    State.WAITING: "you are on the waiting list, and no place is offered to you",
    State.EXPIRED: "the offer had ended",
    State.DECLINED: "this registration was declined before",
    State.CANCELLED: "this registration had ended before",
}
