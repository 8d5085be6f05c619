"""Where somebody stands with an event, and what they may do: truth tables, most of them without a database."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from events import rules
from events.models import EventPage, Registration
from events.places import Places
from events.standing import Standing, Visitor, standing, standing_of_course
from members.models import User

NOW = datetime(2027, 1, 14, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)

FREE = Places(capacity=10, taken=9)
FULL = Places(capacity=10, taken=10)
WITH_LINE = Places(capacity=10, taken=9, waiting=1)
NO_LIMIT = Places(capacity=None, taken=900)

State = Registration.State


def event(**fields) -> EventPage:
    """An event tomorrow, open for registration; whatever is named differs.

    With a content type, so that Wagtail does not look one up: no database is needed.
    """
    return EventPage(
        **{"content_type_id": 1, "starts_at": NOW + 24 * HOUR, "ends_at": NOW + 27 * HOUR, **fields}
    )


OPEN = event()
CANCELLED = event(cancelled_at=NOW - HOUR)
OVER = event(starts_at=NOW - 5 * HOUR, ends_at=NOW - HOUR)
ENDING = event(starts_at=NOW - 5 * HOUR, ends_at=NOW)
UNDER_WAY = event(starts_at=NOW - HOUR, ends_at=NOW + HOUR)
STARTING = event(starts_at=NOW, ends_at=NOW + HOUR)
OPENS_LATER = event(registration_opens_at=NOW + HOUR)
OPENS_NOW = event(registration_opens_at=NOW)
CLOSED = event(registration_closes_at=NOW - HOUR)
CLOSES_NOW = event(registration_closes_at=NOW)
CLOSES_LATER = event(registration_closes_at=NOW + HOUR)
OPEN_TO_THE_END = event(starts_at=NOW - HOUR, ends_at=NOW + HOUR, registration_closes_at=NOW + HOUR)
NO_LIST = event(has_waiting_list=False)


# --- Standing ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("which", "places", "visitor", "expected"),
    [
        (OPEN, FREE, Visitor.MEMBER, Standing.MAY_BOOK),
        (OPEN, NO_LIMIT, Visitor.MEMBER, Standing.MAY_BOOK),
        (OPEN, FULL, Visitor.MEMBER, Standing.MAY_WAIT),
        (OPEN, WITH_LINE, Visitor.MEMBER, Standing.MAY_WAIT),  # those who wait come first
        (OPEN, FREE, Visitor.NOBODY, Standing.SIGN_IN),
        (OPEN, FULL, Visitor.NOBODY, Standing.SIGN_IN),
        (OPEN, FREE, Visitor.NOT_APPROVED, Standing.NOT_APPROVED),
        (OPEN, FREE, Visitor.STRANGER, Standing.NOT_FOR_YOU),
        (OPEN, FULL, Visitor.STRANGER, Standing.NOT_FOR_YOU),
        (CLOSED, FREE, Visitor.STRANGER, Standing.CLOSED),
        (OPEN, FREE, Visitor.UNINVITED, Standing.NEEDS_INVITATION),
        (NO_LIST, FULL, Visitor.UNINVITED, Standing.FULL),
        (OPEN, FULL, Visitor.NOT_APPROVED, Standing.NOT_APPROVED),
        (NO_LIST, FREE, Visitor.MEMBER, Standing.MAY_BOOK),
        (NO_LIST, FULL, Visitor.MEMBER, Standing.FULL),
        (NO_LIST, FULL, Visitor.NOBODY, Standing.FULL),
        (OPENS_LATER, FREE, Visitor.MEMBER, Standing.NOT_OPEN_YET),
        (OPENS_LATER, FREE, Visitor.NOBODY, Standing.NOT_OPEN_YET),
        (OPENS_NOW, FREE, Visitor.MEMBER, Standing.MAY_BOOK),
        (CLOSED, FREE, Visitor.MEMBER, Standing.CLOSED),
        (CLOSES_NOW, FREE, Visitor.MEMBER, Standing.CLOSED),
        (CLOSES_LATER, FREE, Visitor.MEMBER, Standing.MAY_BOOK),
        (STARTING, FREE, Visitor.MEMBER, Standing.CLOSED),
        (UNDER_WAY, FREE, Visitor.NOBODY, Standing.CLOSED),
        (OPEN_TO_THE_END, FREE, Visitor.MEMBER, Standing.MAY_BOOK),
        (ENDING, FREE, Visitor.MEMBER, Standing.CLOSED),
        (OVER, FREE, Visitor.MEMBER, Standing.OVER),
        (OVER, FREE, Visitor.NOBODY, Standing.OVER),
        (CANCELLED, FREE, Visitor.MEMBER, Standing.CANCELLED),
        (CANCELLED, FULL, Visitor.NOBODY, Standing.CANCELLED),
    ],
)
def test_standing_of_somebody_without_a_registration(which, places, visitor, expected):
    assert standing(which, places=places, registration=None, visitor=visitor, now=NOW) is expected


@pytest.mark.parametrize(
    ("which", "state", "expected"),
    [
        (OPEN, State.CONFIRMED, Standing.REGISTERED),
        (OPEN, State.WAITING, Standing.WAITING),
        (OPEN, State.OFFERED, Standing.OFFERED),
        (OPEN, State.AWAITING_APPROVAL, Standing.AWAITING_APPROVAL),
        (CLOSED, State.CONFIRMED, Standing.REGISTERED),
        (OPENS_LATER, State.OFFERED, Standing.OFFERED),
        (UNDER_WAY, State.CONFIRMED, Standing.REGISTERED),
        (OVER, State.CONFIRMED, Standing.OVER),
        (CANCELLED, State.CONFIRMED, Standing.CANCELLED),
        (CANCELLED, State.OFFERED, Standing.CANCELLED),
    ],
)
@pytest.mark.parametrize("places", [FREE, FULL])
def test_standing_of_somebody_registered(which, state, expected, places):
    registration = Registration(state=state)

    found = standing(which, places=places, registration=registration, visitor=Visitor.MEMBER, now=NOW)

    assert found is expected


S = Standing


@pytest.mark.parametrize(
    ("by_date", "is_full", "has_line", "expected"),
    [
        ([S.MAY_BOOK, S.MAY_BOOK], False, True, S.MAY_BOOK),
        ([S.MAY_BOOK, S.MAY_BOOK], False, False, S.MAY_BOOK),
        ([S.MAY_BOOK, S.MAY_WAIT], True, True, S.MAY_WAIT),
        ([S.MAY_BOOK, S.MAY_WAIT], True, False, S.FULL),  # the date that has room keeps no list
        ([S.MAY_BOOK, S.FULL], True, False, S.FULL),
        ([S.SIGN_IN, S.SIGN_IN], False, True, S.SIGN_IN),
        ([S.SIGN_IN, S.SIGN_IN], True, True, S.SIGN_IN),
        ([S.SIGN_IN, S.SIGN_IN], True, False, S.FULL),
        ([S.NOT_APPROVED, S.MAY_BOOK], False, True, S.NOT_APPROVED),
        ([S.MAY_BOOK, S.NOT_FOR_YOU], False, True, S.NOT_FOR_YOU),
        ([S.NEEDS_INVITATION, S.MAY_WAIT], True, True, S.NEEDS_INVITATION),
        ([S.MAY_BOOK, S.CLOSED], False, True, S.CLOSED),
        ([S.MAY_WAIT, S.NOT_OPEN_YET], True, False, S.NOT_OPEN_YET),
        ([S.NOT_OPEN_YET, S.CLOSED], False, True, S.NOT_OPEN_YET),
        ([S.REGISTERED, S.REGISTERED], True, False, S.REGISTERED),
        ([S.REGISTERED, S.MAY_BOOK], False, True, S.REGISTERED),
        ([S.REGISTERED, S.CLOSED], False, True, S.REGISTERED),
        ([S.WAITING, S.WAITING], True, True, S.WAITING),
        ([S.REGISTERED, S.WAITING], True, True, S.WAITING),
        ([S.AWAITING_APPROVAL, S.WAITING], True, True, S.AWAITING_APPROVAL),
        ([S.REGISTERED, S.OFFERED], True, True, S.OFFERED),
    ],
)
def test_standing_of_course_is_what_counts_most_of_its_dates(by_date, is_full, has_line, expected):
    assert standing_of_course(by_date, is_full=is_full, has_line=has_line) is expected
    assert standing_of_course(by_date[::-1], is_full=is_full, has_line=has_line) is expected


@pytest.mark.parametrize(
    ("found", "is_open", "shows_places"),
    [
        (Standing.CANCELLED, False, False),
        (Standing.OVER, False, False),
        (Standing.REGISTERED, False, False),
        (Standing.AWAITING_APPROVAL, False, False),
        (Standing.WAITING, False, False),
        (Standing.OFFERED, False, False),
        (Standing.NOT_OPEN_YET, False, True),
        (Standing.CLOSED, False, False),
        (Standing.FULL, False, True),
        (Standing.SIGN_IN, True, True),
        (Standing.NOT_APPROVED, True, True),
        (Standing.NOT_FOR_YOU, False, False),
        (Standing.NEEDS_INVITATION, False, False),
        (Standing.MAY_WAIT, True, True),
        (Standing.MAY_BOOK, True, True),
    ],
)
def test_standing_says_whether_registration_is_open(found, is_open, shows_places):
    assert (found.is_open, found.shows_places) == (is_open, shows_places)


def test_every_standing_is_in_the_tables():
    assert len(Standing) == 15


# --- Places --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("places", "left", "is_full", "percent"),
    [
        (Places(capacity=60, taken=41), 19, False, "68.3%"),
        (Places(capacity=60, taken=0), 60, False, "0.0%"),
        (Places(capacity=60, taken=60), 0, True, "100.0%"),
        (Places(capacity=60, taken=61), 0, True, "100.0%"),  # capacity lowered while someone booked
        (Places(capacity=60, taken=59, waiting=1), 1, True, "98.3%"),
        (Places(capacity=None, taken=5), None, False, "0%"),
        (Places(capacity=None, taken=5, waiting=3), None, False, "0%"),
    ],
)
def test_places(places, left, is_full, percent):
    assert (places.left, places.is_full, places.percent_taken) == (left, is_full, percent)


# --- Who may -------------------------------------------------------------------------------------------------


def person(state: str = "approved", **fields) -> User:
    """Number 7, without a role: Django looks up no permissions where it has done so before."""
    user = User(**{"pk": 7, "state": state, "is_active": state not in {"suspended", "left"}, **fields})
    user._perm_cache = set()
    return user


MEMBER = person()
PENDING = person("pending")
DECLINED = person("declined")
SUSPENDED = person("suspended")
NOBODY = AnonymousUser()
ADMINISTRATOR = person(is_superuser=True)
PEOPLE = [MEMBER, PENDING, DECLINED, SUSPENDED, NOBODY]


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        (OPEN, True),
        (OPENS_NOW, True),
        (CLOSES_LATER, True),
        (OPEN_TO_THE_END, True),
        (NO_LIST, True),
        (OPENS_LATER, False),
        (CLOSED, False),
        (CLOSES_NOW, False),
        (STARTING, False),
        (UNDER_WAY, False),
        (OVER, False),
        (CANCELLED, False),
    ],
)
def test_can_book_place_while_registration_is_open(which, expected):
    assert rules.is_open_for_registration(which, NOW) is expected
    assert rules.can_book_place(MEMBER, which, NOW) is expected


def test_can_book_place_only_as_an_approved_member():
    assert [rules.can_book_place(who, OPEN, NOW) for who in PEOPLE] == [True, False, False, False, False]


def test_can_join_waiting_list_only_where_there_is_one():
    assert [rules.can_join_waiting_list(who, OPEN, NOW) for who in PEOPLE] == [
        True,
        False,
        False,
        False,
        False,
    ]
    assert rules.can_join_waiting_list(MEMBER, NO_LIST, NOW) is False
    assert rules.can_join_waiting_list(MEMBER, CLOSED, NOW) is False


def registration(state: str, which: EventPage = OPEN, member: int | None = 7) -> Registration:
    return Registration(state=state, event=which, member_id=member)


@pytest.mark.parametrize(
    ("state", "cancel", "take", "decline"),
    [
        (State.AWAITING_APPROVAL, True, False, False),
        (State.CONFIRMED, True, False, False),
        (State.WAITING, True, False, False),
        (State.OFFERED, True, True, True),
        (State.EXPIRED, False, True, False),
        (State.DECLINED, False, False, False),
        (State.CANCELLED, False, False, False),
    ],
)
def test_what_a_member_may_do_with_a_registration(state, cancel, take, decline):
    own = registration(state)

    assert rules.can_cancel_registration(MEMBER, own, NOW) is cancel
    assert rules.can_take_place(MEMBER, own, NOW) is take
    assert rules.can_decline_place(MEMBER, own, NOW) is decline


@pytest.mark.parametrize("state", State.values)
@pytest.mark.parametrize("stranger", [person(), NOBODY])
def test_nobody_else_may_do_anything_with_a_registration(state, stranger):
    theirs = registration(state, member=8)

    assert not rules.can_cancel_registration(stranger, theirs, NOW)
    assert not rules.can_take_place(stranger, theirs, NOW)
    assert not rules.can_decline_place(stranger, theirs, NOW)


def test_nobody_is_the_owner_of_a_registration_without_a_member():
    left = registration(State.CONFIRMED, member=None)

    assert rules.can_cancel_registration(NOBODY, left, NOW) is False
    assert rules.can_cancel_registration(person(pk=None), left, NOW) is False


@pytest.mark.parametrize(
    ("which", "cancel", "take", "decline"),
    [
        (OPEN, True, True, True),
        (CLOSED, True, True, True),  # an offer made in time may be taken after closing
        (STARTING, True, False, False),
        (UNDER_WAY, True, False, False),
        (OPEN_TO_THE_END, True, True, True),
        (ENDING, True, False, False),
        (OVER, False, False, False),
        (CANCELLED, False, False, False),
    ],
)
def test_what_may_be_done_with_an_offer_over_time(which, cancel, take, decline):
    own = registration(State.OFFERED, which)

    assert rules.can_cancel_registration(MEMBER, own, NOW) is cancel
    assert rules.can_take_place(MEMBER, own, NOW) is take
    assert rules.can_decline_place(MEMBER, own, NOW) is decline


def test_a_member_who_was_suspended_can_give_up_a_place_but_not_take_one():
    own = registration(State.OFFERED)

    assert rules.can_take_place(SUSPENDED, own, NOW) is False
    assert rules.can_decline_place(SUSPENDED, own, NOW) is True


@pytest.mark.parametrize(
    ("which", "expected"), [(OPEN, True), (UNDER_WAY, True), (OVER, False), (CANCELLED, False)]
)
def test_can_cancel_event_until_it_is_over(which, expected):
    assert rules.can_cancel_event(ADMINISTRATOR, which, NOW) is expected


def test_organisers_alone_manage_registrations(organiser, member):
    theirs = registration(State.CONFIRMED, member=12345)

    assert [rules.can_manage_registrations(who, OPEN) for who in (organiser, member, NOBODY)] == [
        True,
        False,
        False,
    ]
    assert [rules.can_cancel_event(who, OPEN, NOW) for who in (organiser, member, NOBODY)] == [
        True,
        False,
        False,
    ]
    assert rules.can_cancel_registration(organiser, theirs, NOW) is True
    assert rules.can_cancel_registration(organiser, registration(State.CONFIRMED, OVER, 12345), NOW) is False
