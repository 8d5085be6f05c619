"""Whatever members do, in whatever order, and however the clock runs: what always holds of places and line."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events import actions, line
from events.models import EventPage, Registration
from members.models import User
from pages.errors import ActionError

State = Registration.State
START = datetime(2027, 1, 14, 9, 30, tzinfo=UTC)
NUMBER_OF_MEMBERS = 6

members_number = st.integers(min_value=0, max_value=NUMBER_OF_MEMBERS - 1)
steps = st.one_of(
    st.tuples(st.sampled_from(["book", "book", "wait", "wait", "cancel", "take", "decline"]), members_number),
    st.tuples(st.just("sweep"), st.just(0)),
    st.tuples(st.just("hours"), st.sampled_from([1, 12, 47, 48, 49])),
    st.tuples(st.just("raise"), st.integers(min_value=1, max_value=2)),
)


@dataclass
class World:
    """One event, its members and the clock."""

    event: EventPage
    members: list[User]
    now: datetime = START
    offers: set[int] = field(default_factory=set)

    def do(self, verb: str, number: int) -> None:
        """One step. A refusal is an answer like any other; it must have changed nothing."""
        before = self.snapshot()
        try:
            getattr(self, verb)(number)
        except ActionError:
            assert self.snapshot() == before

    def book(self, number: int) -> None:
        member = self.members[number]
        actions.book_place(event=self.event, member=member, actor=member, now=self.now)

    def wait(self, number: int) -> None:
        member = self.members[number]
        actions.join_waiting_list(event=self.event, member=member, actor=member, now=self.now)

    def cancel(self, number: int) -> None:
        self._with_latest(number, actions.cancel_registration)

    def take(self, number: int) -> None:
        self._with_latest(number, actions.take_place)

    def decline(self, number: int) -> None:
        self._with_latest(number, actions.decline_place)

    def sweep(self, _: int) -> None:
        actions.expire_offers(now=self.now)

    def hours(self, number: int) -> None:
        self.now += timedelta(hours=number)

    def raise_(self, number: int) -> None:
        event = EventPage.objects.get(pk=self.event.pk).specific
        event.capacity += number
        event.save()
        actions.announce_changes(event=event, now=self.now)

    def _with_latest(self, number: int, act) -> None:
        member = self.members[number]
        latest = self.event.registrations.filter(member=member).order_by("pk").last()
        if latest is not None:
            act(registration=latest, actor=member, now=self.now)

    def snapshot(self) -> list[tuple]:
        return list(
            self.event.registrations.order_by("pk").values_list(
                "pk", "state", "waiting_number", "offer_expires_at"
            )
        )

    def line(self) -> list[int]:
        return list(self.event.registrations.waiting().values_list("pk", flat=True))


setattr(World, "raise", World.raise_)


@pytest.mark.django_db
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)
@given(capacity=st.integers(min_value=1, max_value=3), steps=st.lists(steps, min_size=8, max_size=30))
def test_places_and_line_hold_whatever_happens(make_event, make_members, capacity, steps):
    event = make_event(capacity=capacity, starts_at=START + timedelta(days=60))
    world = World(event, make_members(NUMBER_OF_MEMBERS))

    for verb, number in steps:
        line_before = world.line()
        world.do(verb, number)
        check(world, line_before, verb)


def check(world: World, line_before: list[int], verb: str) -> None:
    event = EventPage.objects.get(pk=world.event.pk)
    registrations = list(event.registrations.all())
    holding = [one for one in registrations if one.state in Registration.HOLDING_A_PLACE]
    waiting = world.line()

    assert len(holding) <= event.capacity, "never above the capacity"

    active = [one.member_id for one in registrations if one.is_active]
    assert len(active) == len(set(active)), "never two active registrations"

    still_waiting = [one for one in line_before if one in waiting]
    assert [one for one in waiting if one in still_waiting] == still_waiting or verb == "take", "order kept"

    left = {one.pk: one.state for one in registrations if one.pk in line_before and one.pk not in waiting}
    called = [pk for pk, state in left.items() if state in Registration.HOLDING_A_PLACE]
    for pk in called:
        ahead = line_before[: line_before.index(pk)]
        assert not set(ahead) & set(waiting), "nobody is called before those ahead"

    if verb != "hours" and world.now + line.SHORTEST_OFFER <= event.gives_places_until:
        overdue = [one for one in holding if one.offer_expires_at and one.offer_expires_at <= world.now]
        if not overdue:
            assert not (waiting and len(holding) < event.capacity), "no place lies idle while someone waits"
