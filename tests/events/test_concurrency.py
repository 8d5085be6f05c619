"""Several transactions at once, on PostgreSQL: the last place, the order of the line, a place that comes free.

Each claim has its counter-test with the lock taken away, which must fail where the lock matters.
"""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection

from events import actions, line
from events.models import EventPage, EventQuerySet, Registration
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
    next_number = line.next_number

    def note(event: EventPage) -> int:
        number = next_number(event)
        in_order.append(threading.get_ident())
        time.sleep(0.02)
        return number

    monkeypatch.setattr(line, "next_number", note)

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
