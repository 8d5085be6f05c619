"""Where somebody stands with an event: the one thing they can do, or why they can do nothing.

Pure: an event, a registration, the places and the clock go in, one word comes out. The event's page, the
form and the rules all ask here, so they can never disagree.
"""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from events.places import Places

if TYPE_CHECKING:
    from events.models import EventPage, Registration


class Standing(StrEnum):
    """What an event is to somebody at one moment."""

    CANCELLED = "cancelled"
    OVER = "over"
    REGISTERED = "registered"
    AWAITING_APPROVAL = "awaiting approval"
    WAITING = "waiting"
    OFFERED = "offered"
    NOT_OPEN_YET = "not open yet"
    CLOSED = "closed"
    FULL = "full"
    SIGN_IN = "sign in"
    NOT_APPROVED = "not approved"
    NOT_FOR_YOU = "not for you"
    NEEDS_INVITATION = "needs invitation"
    MAY_WAIT = "may wait"
    MAY_BOOK = "may book"

    @property
    def is_open(self) -> bool:
        """Registration is open; what stands in the way, if anything, is on the visitor's side."""
        return self in {Standing.SIGN_IN, Standing.NOT_APPROVED, Standing.MAY_WAIT, Standing.MAY_BOOK}

    @property
    def shows_places(self) -> bool:
        """How many places are left matters to somebody who might still want one."""
        return self.is_open or self in {Standing.NOT_OPEN_YET, Standing.FULL}

    @property
    def may_register(self) -> bool:
        """A form is there to fill in."""
        return self in {Standing.MAY_WAIT, Standing.MAY_BOOK}


class Visitor(StrEnum):
    """Who is looking: what of a person matters for registering."""

    NOBODY = "nobody"
    NOT_APPROVED = "not approved"
    # A member, but the event is for others.
    STRANGER = "stranger"
    UNINVITED = "uninvited"
    MEMBER = "member"


def standing(
    event: "EventPage",
    *,
    places: Places,
    registration: "Registration | None",
    visitor: Visitor,
    now: datetime,
) -> Standing:
    """The first that holds, the most final first. `registration` is the visitor's active one, if any."""
    in_order = (
        (event.is_cancelled, Standing.CANCELLED),
        (event.is_over(now), Standing.OVER),
        (registration is not None, _of_registration(registration)),
        (event.opens_after(now), Standing.NOT_OPEN_YET),
        (event.is_closed(now), Standing.CLOSED),
        (places.is_full and not event.has_waiting_list, Standing.FULL),
        (visitor is Visitor.NOBODY, Standing.SIGN_IN),
        (visitor is Visitor.NOT_APPROVED, Standing.NOT_APPROVED),
        (visitor is Visitor.STRANGER, Standing.NOT_FOR_YOU),
        (visitor is Visitor.UNINVITED, Standing.NEEDS_INVITATION),
        (places.is_full, Standing.MAY_WAIT),
        (True, Standing.MAY_BOOK),
    )
    return next(found for holds, found in in_order if holds)


# What one date says counts for the course: first what somebody has already, then what stands in the way.
_OF_COURSE = (
    Standing.OFFERED,
    Standing.AWAITING_APPROVAL,
    Standing.WAITING,
    Standing.REGISTERED,
    Standing.NOT_OPEN_YET,
    Standing.CLOSED,
    Standing.FULL,
    Standing.SIGN_IN,
    Standing.NOT_APPROVED,
    Standing.NOT_FOR_YOU,
    Standing.NEEDS_INVITATION,
    Standing.MAY_WAIT,
    Standing.MAY_BOOK,
)


def standing_of_course(by_date: Collection[Standing], *, is_full: bool, has_line: bool) -> Standing:
    """Where somebody stands with all dates to come, which go together. They are neither over nor cancelled.

    `is_full` says that a date has no place for them, `has_line` that every date keeps a waiting list.
    """
    all_of_it = {*by_date, Standing.FULL} if is_full and not has_line else by_date
    return next(found for found in _OF_COURSE if found in all_of_it)


def _of_registration(registration: "Registration | None") -> Standing:
    if registration is None:
        return Standing.MAY_BOOK
    state = registration.State
    return {
        state.CONFIRMED: Standing.REGISTERED,
        state.WAITING: Standing.WAITING,
        state.SET_ASIDE: Standing.WAITING,
        state.OFFERED: Standing.OFFERED,
        state.AWAITING_APPROVAL: Standing.AWAITING_APPROVAL,
    }[state(registration.state)]
