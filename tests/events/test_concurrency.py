"""Several transactions at once, on PostgreSQL: the last place, the order of the line, a place that comes free.

Each claim has its counter-test with the lock taken away, which must fail where the lock matters.
"""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection

from events import actions, line
from events.answers import Answers
from events.models import EventPage, EventQuerySet, Registration, SeriesPage, Session, SessionPlace
from events.models.registrations import Look, RegistrationQuerySet
from events.models.session_places import SessionPlaceQuerySet
from members.models import User
from pages.errors import ActionError

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

State = Registration.State


@pytest.fixture
def without_lock(monkeypatch) -> None:
    """The negative control: the row is read, but not held."""
    monkeypatch.setattr(EventQuerySet, "locked", lambda self: self)


@pytest.fixture
def counting_takes_time(monkeypatch) -> None:
    """Between counting and writing everybody waits, so that without a lock all have counted by then."""
    settle = line.settle

    def settle_slowly(*args: Any, **kwargs: Any) -> Any:
        places = settle(*args, **kwargs)
        time.sleep(0.1)
        return places

    monkeypatch.setattr(line, "settle", settle_slowly)


def at_once(act: Callable[[User], Any], members: list[User]) -> list[Any]:
    """Let every member act in a thread and a transaction of their own; return what came of it."""
    results: list[Any] = [None] * len(members)
    start = threading.Barrier(len(members))

    def run(position: int, member: User) -> None:
        try:
            start.wait()
            results[position] = act(member)
        except (ActionError, IntegrityError) as refusal:
            results[position] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(members)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def holding(event: EventPage) -> int:
    return event.registrations.holding_a_place().count()


def test_the_last_place_goes_to_one_member_only(make_event, make_members, book, counting_takes_time):
    event = make_event(capacity=1)

    results = at_once(lambda member: book(event, member), make_members(10))

    assert holding(event) == 1
    assert sum(isinstance(result, actions.EventFull) for result in results) == 9


def test_the_last_place_goes_to_several_without_the_lock(
    make_event, make_members, book, counting_takes_time, without_lock
):
    event = make_event(capacity=1)

    at_once(lambda member: book(event, member), make_members(10))

    assert holding(event) > 1


def test_the_line_stands_in_the_order_of_the_transactions(make_event, make_members, fill, wait, monkeypatch):
    """Noted while the lock is held, which is until the commit: so in the order of the commits."""
    event = make_event(capacity=1)
    fill(event, 1)
    in_order: list[int] = []
    look = RegistrationQuerySet.look

    def note(*asked: Any) -> Look:
        found = look(*asked)
        in_order.append(threading.get_ident())
        time.sleep(0.02)
        return found

    monkeypatch.setattr(RegistrationQuerySet, "look", note)

    results = at_once(
        lambda member: (threading.get_ident(), wait(event, member).waiting_number), make_members(10)
    )

    assert dict(results) == {thread: number for number, thread in enumerate(in_order, start=1)}


def test_the_line_breaks_without_the_lock(make_event, make_members, fill, wait, without_lock, monkeypatch):
    """Several are given the same number. The database refuses all but one."""
    event = make_event(capacity=1)
    fill(event, 1)
    next_number = line.next_number

    def wait_for_the_others(event: EventPage) -> int:
        number = next_number(event)
        time.sleep(0.1)
        return number

    monkeypatch.setattr(line, "next_number", wait_for_the_others)

    results = at_once(lambda member: wait(event, member), make_members(10))

    assert any(isinstance(result, IntegrityError) for result in results)


def test_a_place_that_comes_free_goes_to_the_line_and_to_nobody_else(
    make_event, make_members, fill, book, now, counting_takes_time
):
    event = make_event(capacity=3)
    held = fill(event, 3)
    fill(event, 3, "waiting")
    by_member = {registration.member: registration for registration in held}
    newcomers = make_members(6)

    def cancel_or_book(member: User) -> Registration:
        if member in by_member:
            return actions.cancel_registration(registration=by_member[member], actor=member, now=now)
        return book(event, member)

    results = at_once(cancel_or_book, [*by_member, *newcomers])

    assert sum(isinstance(result, actions.EventFull) for result in results) == len(newcomers)
    assert event.registrations.filter(state=State.OFFERED).count() == 3
    assert holding(event) == 3


def test_one_member_at_two_doors_gets_one_registration(make_event, member, book, counting_takes_time):
    event = make_event(capacity=5)

    results = at_once(lambda same: book(event, same), [member] * 4)

    assert event.registrations.active().count() == 1
    assert sum(isinstance(result, actions.AlreadyRegistered) for result in results) == 3


def test_taking_an_offer_and_ending_it_agree(make_event, fill, member, now):
    """Either the place is theirs, or they are back in the line: never both, and never an error."""
    event = make_event(capacity=1)
    [registration] = fill(event, 1, "waiting")
    actions.expire_offers(now=now)
    late = now + timedelta(hours=48)

    def take_or_sweep(who: User) -> Any:
        if who == member:
            return actions.expire_offers(now=late)
        return actions.take_place(registration=registration, actor=who, now=late)

    at_once(take_or_sweep, [registration.member, member])

    registration.refresh_from_db()
    assert registration.state == State.CONFIRMED
    assert holding(event) == 1


# --- The last place of a session ------------------------------------------------------------------------------


@pytest.fixture
def session(make_event, make_session) -> Session:
    """A session with one place, at an event with room for everybody."""
    event = make_event(capacity=500)
    return make_session(event, "Case clinic", hours=3, capacity=1)


@pytest.fixture
def choosing_takes_time(monkeypatch) -> None:
    """Between counting the places of a session and taking one everybody waits."""
    count = SessionPlaceQuerySet.count_by_session

    def count_slowly(self: SessionPlaceQuerySet) -> dict[int, int]:
        counted = count(self)
        time.sleep(0.02)
        return counted

    monkeypatch.setattr(SessionPlaceQuerySet, "count_by_session", count_slowly)


def choose(session: Session, now: datetime) -> Callable[[User], Any]:
    answers = Answers(sessions=frozenset({session.pk}))
    return lambda member: actions.book_place(
        event=session.event, member=member, actor=member, now=now, answers=answers
    )


def in_waves(act: Callable[[User], Any], members: list[User], size: int = 25) -> list[Any]:
    """So many at once as the database has connections for."""
    return [
        result
        for start in range(0, len(members), size)
        for result in at_once(act, members[start : start + size])
    ]


def test_the_last_place_of_a_session_goes_to_one_of_a_hundred(
    session, make_members, now, choosing_takes_time
):
    results = in_waves(choose(session, now), make_members(100))

    assert SessionPlace.objects.taken().count() == 1
    assert sum(isinstance(result, actions.SessionsFull) for result in results) == 99
    assert session.event.registrations.count() == 1  # nobody got the event without the session they chose


def test_the_last_place_of_a_session_goes_to_several_without_the_lock(
    session, make_members, now, choosing_takes_time, without_lock
):
    in_waves(choose(session, now), make_members(100))

    assert SessionPlace.objects.taken().count() > 1


def test_two_who_book_the_same_course_do_not_lock_each_other_out(
    index, make_event, make_members, now, counting_takes_time
):
    course = index.add_child(instance=SeriesPage(title="Course", slug="course", is_booked_as_one=True))
    for _ in range(3):
        make_event(series=course, capacity=1)

    results = at_once(
        lambda member: actions.book_series(series=course, member=member, actor=member, now=now),
        make_members(6),
    )

    assert sum(isinstance(result, actions.DateFull) for result in results) == 5
    assert Registration.objects.confirmed().count() == 3


def test_a_place_that_is_passed_on_and_cancelled_at_once_ends_up_once(
    make_event, member, other_member, book, now
):
    event = make_event(capacity=1)
    registration = book(event, member)
    handover = actions.hand_over(
        registration=registration, colleague_email=other_member.email, actor=member, now=now
    )

    def take_or_cancel(who: User) -> Any:
        if who == member:
            return actions.cancel_registration(registration=registration, actor=member, now=now)
        return actions.take_handover(handover=handover, actor=other_member, now=now)

    results = at_once(take_or_cancel, [member, other_member])

    assert sum(isinstance(result, ActionError) for result in results) == 1
    assert holding(event) == int(isinstance(results[0], ActionError))


def test_a_handover_that_is_approved_and_taken_back_at_once_leaves_one_place(
    make_event, member, other_member, organiser, now
):
    """Approved for the colleague, or cancelled by its holder: whichever comes second finds what the first left."""
    event = make_event(capacity=1, needs_approval=True)
    registration = actions.book_place(event=event, member=member, actor=organiser, now=now)
    handover = actions.hand_over(
        registration=registration, colleague_email=other_member.email, actor=member, now=now
    )
    taken = actions.take_handover(handover=handover, actor=other_member, now=now)

    def approve_or_cancel(who: User) -> Any:
        if who == member:
            return actions.cancel_registration(registration=registration, actor=member, now=now)
        return actions.approve_registration(registration=taken, actor=organiser, now=now)

    results = at_once(approve_or_cancel, [member, other_member])

    assert [result for result in results if isinstance(result, IntegrityError)] == []
    taken.refresh_from_db()
    assert taken.state == State.CONFIRMED
    assert holding(event) == 1


def test_a_course_that_many_touch_at_once_locks_nobody_out(
    index, make_event, make_members, organiser, now, counting_takes_time
):
    """Cancelling a date, cancelling all, waiting and being called: in whatever order, nobody waits for ever."""
    course = index.add_child(instance=SeriesPage(title="Course", slug="course", is_booked_as_one=True))
    dates = [make_event(series=course, capacity=2) for _ in range(3)]
    first, second, third, fourth, fifth = make_members(5)
    booked = {
        member.pk: actions.book_series(series=course, member=member, actor=member, now=now)
        for member in (first, second)
    }
    actions.join_series_waiting_list(series=course, member=third, actor=third, now=now)

    def act(who: User) -> Any:
        if who == first:
            return actions.cancel_registration(
                registration=booked[first.pk][2], actor=first, now=now, all_dates=True
            )
        if who == second:
            return actions.cancel_registration(registration=booked[second.pk][1], actor=second, now=now)
        if who == fourth:
            return actions.join_series_waiting_list(series=course, member=fourth, actor=fourth, now=now)
        return actions.settle_courses(now=now)

    results = at_once(act, [first, second, fourth, fifth])
    actions.settle_courses(now=now)

    assert [result for result in results if isinstance(result, Exception)] == []
    assert set(Registration.objects.filter(member=third).values_list("state", flat=True)) == {State.OFFERED}
    assert max(holding(date) for date in dates) == 2
    assert set(Registration.objects.filter(member=fourth).values_list("state", flat=True)) == {State.WAITING}


def test_whoever_only_reads_the_event_waits_for_nobody(make_event, book, member, other_member):
    """The lock is on the event's row, not on its key: a new row that refers to it is not held up."""
    from django.db import transaction

    event = make_event()
    with transaction.atomic():
        EventPage.objects.locked().get(pk=event.pk)
        done = threading.Event()

        def refer() -> None:
            try:
                Registration.objects.create(
                    event=event, member=other_member, state=State.CANCELLED, registered_at=event.starts_at
                )
                done.set()
            finally:
                connection.close()

        thread = threading.Thread(target=refer)
        thread.start()
        assert done.wait(timeout=5)
    thread.join()
