"""Offers of a place: taken, declined, too late, and what the clock does with them."""

from datetime import timedelta

import pytest

from events import actions, line
from events.models import Registration
from tests.events.outcomes import letters, states

State = Registration.State
HOUR = timedelta(hours=1)


# --- take_place and decline_place ----------------------------------------------------------------------------


def test_take_place_makes_the_offer_a_place(small, offered, now):
    taken = actions.take_place(registration=offered, actor=offered.member, now=now + 47 * HOUR)

    assert (taken.state, taken.confirmed_at, taken.offer_expires_at) == (
        State.CONFIRMED,
        now + 47 * HOUR,
        None,
    )
    assert states(small)[1:] == [("member-1", "confirmed"), ("member-2", "waiting")]
    assert letters() == [("place_booked", "member-1")]


def test_take_place_twice_changes_nothing(small, offered, now):
    actions.take_place(registration=offered, actor=offered.member, now=now)

    again = actions.take_place(registration=offered, actor=offered.member, now=now + HOUR)

    assert (again.state, again.confirmed_at) == (State.CONFIRMED, now)
    assert letters() == [("place_booked", "member-1")]


@pytest.mark.parametrize("sweeps_first", [True, False])
def test_take_place_too_late_goes_back_to_the_end_of_the_line(small, offered, now, sweeps_first):
    late = now + 48 * HOUR
    if sweeps_first:
        actions.expire_offers(now=late)

    returned = actions.take_place(registration=offered, actor=offered.member, now=late)

    assert returned.state == State.WAITING
    assert returned.waiting_number == 3
    assert states(small)[1:] == [("member-1", "waiting"), ("member-2", "offered")]
    assert letters()[-1] == ("waiting_list_joined", "member-1")
    assert ("place_offered", "member-2") in letters()


def test_take_place_too_late_gives_the_place_after_all_if_nobody_waits(small, offered, now):
    actions.cancel_registration(
        registration=small.registrations.get(state=State.WAITING), actor=offered.member, now=now
    )

    taken = actions.take_place(registration=offered, actor=offered.member, now=now + 50 * HOUR)

    assert (taken.state, taken.confirmed_at) == (State.CONFIRMED, now + 50 * HOUR)
    assert letters()[-1] == ("place_booked", "member-1")
    assert ("place_offered", "member-1") not in letters()


def test_take_place_too_late_by_somebody_who_has_registered_since(small, offered, now, wait):
    actions.expire_offers(now=now + 48 * HOUR)
    anew = wait(small, offered.member, now + 49 * HOUR)

    with pytest.raises(actions.AlreadyRegistered) as refusal:
        actions.take_place(registration=offered, actor=offered.member, now=now + 50 * HOUR)

    assert refusal.value.registration == anew


def test_take_place_is_refused_where_nothing_is_on_offer(small, offered, now):
    waiting = small.registrations.get(state=State.WAITING)

    with pytest.raises(actions.NothingOffered):
        actions.take_place(registration=waiting, actor=waiting.member, now=now)


def test_take_place_is_refused_once_the_event_has_started(small, offered):
    with pytest.raises(actions.TooLate):
        actions.take_place(registration=offered, actor=offered.member, now=small.starts_at)


def test_decline_place_passes_it_on(small, offered, now):
    declined = actions.decline_place(registration=offered, actor=offered.member, now=now + HOUR)

    assert (declined.state, declined.cancelled_at) == (State.CANCELLED, now + HOUR)
    assert states(small)[1:] == [("member-1", "cancelled"), ("member-2", "offered")]
    assert letters() == [("place_offered", "member-2")]


def test_decline_place_is_refused_where_nothing_is_on_offer(event, member, book, now):
    registration = book(event, member)

    with pytest.raises(actions.NothingOffered):
        actions.decline_place(registration=registration, actor=member, now=now)


def test_offers_are_refused_when_the_event_is_cancelled(small, offered, organiser, now):
    actions.cancel_event(event=small, reason="The trainer is ill.", actor=organiser, now=now)

    with pytest.raises(actions.EventCancelled):
        actions.take_place(registration=offered, actor=offered.member, now=now)
    with pytest.raises(actions.EventCancelled):
        actions.decline_place(registration=offered, actor=offered.member, now=now)


@pytest.mark.parametrize(
    ("hours_before_start", "hours_of_offer"),
    [(100, 48), (48, 48), (20, 20), (1, 1), (0.5, None)],
)
def test_an_offer_never_outlasts_the_start_and_none_is_too_short(
    make_event, member, wait, now, hours_before_start, hours_of_offer
):
    event = make_event(capacity=1, starts_at=now + hours_before_start * HOUR)

    registration = wait(event, member)

    if hours_of_offer is None:
        assert (registration.state, letters()) == (State.WAITING, [("waiting_list_joined", "practitioner")])
    else:
        assert registration.offer_expires_at == now + hours_of_offer * HOUR


def test_an_offer_may_outlast_the_start_where_registration_does(make_event, member, wait, now):
    event = make_event(
        capacity=1,
        starts_at=now + HOUR,
        ends_at=now + 30 * HOUR,
        registration_closes_at=now + 25 * HOUR,
    )

    assert wait(event, member).offer_expires_at == now + 25 * HOUR


def test_many_free_places_are_offered_in_steps(make_event, fill, now, monkeypatch):
    monkeypatch.setattr(line, "OFFERS_AT_ONCE", 2)
    event = make_event(capacity=3)
    fill(event, 4, "waiting")

    counts = []
    for _ in range(3):
        actions.expire_offers(now=now)
        counts.append(event.registrations.filter(state=State.OFFERED).count())

    assert counts == [2, 3, 3]


# --- expire_offers -------------------------------------------------------------------------------------------


def test_expire_offers_ends_what_is_overdue_and_offers_it_on(small, offered, now):
    assert actions.expire_offers(now=now + 47 * HOUR) == 0
    assert actions.expire_offers(now=now + 48 * HOUR) == 1

    assert states(small)[1:] == [("member-1", "expired"), ("member-2", "offered")]
    assert small.registrations.get(state=State.OFFERED).offer_expires_at == now + 96 * HOUR
    assert letters() == [("offer_expired", "member-1"), ("place_offered", "member-2")]


def test_expire_offers_again_changes_nothing(small, offered, now):
    actions.expire_offers(now=now + 48 * HOUR)
    before = list(Registration.objects.order_by("pk").values())

    assert actions.expire_offers(now=now + 48 * HOUR) == 0

    assert list(Registration.objects.order_by("pk").values()) == before


def test_expire_offers_finds_free_places_that_nobody_offered(make_event, fill, now):
    """As after a crash between a publication and what follows from it."""
    event = make_event(capacity=5)
    fill(event, 2)
    fill(event, 1, "waiting")

    assert actions.expire_offers(now=now) == 1

    assert [state for _, state in states(event)] == ["confirmed", "confirmed", "offered"]


@pytest.mark.parametrize(
    "fields",
    [{"cancelled_at": -HOUR}, {"starts_at": -5 * HOUR}, {"starts_at": HOUR / 2}],
)
def test_expire_offers_leaves_alone_events_that_give_no_more_places(make_event, fill, now, fields):
    event = make_event(capacity=5, **{name: now + offset for name, offset in fields.items()})
    fill(event, 1, "waiting")

    assert actions.expire_offers(now=now) == 0

    assert [state for _, state in states(event)] == ["waiting"]


def test_expire_offers_asks_the_same_number_of_questions_for_many_waiting(
    make_event, fill, now, django_assert_num_queries
):
    for number in (1, 3, 200):
        fill(make_event(capacity=1), number)

    with django_assert_num_queries(1):
        actions.expire_offers(now=now)
