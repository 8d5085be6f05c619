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

a_member = st.integers(min_value=0, max_value=NUMBER_OF_MEMBERS - 1)
a_step = st.one_of(
    st.tuples(st.sampled_from(["book", "wait", "cancel", "take", "decline"]), a_member),
    st.tuples(st.sampled_from(["cancel", "take"]), a_member),
    st.tuples(st.just("sweep"), st.just(0)),
    st.tuples(st.just("let hours pass"), st.sampled_from([1, 47, 48, 49])),
    st.tuples(st.just("add places"), st.integers(min_value=1, max_value=2)),
)


@dataclass
class World:
    """One event, its members and the clock; and the line as the test itself keeps it."""

    event: EventPage
    members: list[User]
    now: datetime = START
    line: list[int] = field(default_factory=list)

    def do(self, verb: str, number: int) -> None:
        """One step, and what must hold after it. A refusal must have changed nothing."""
        before = self.rows()
        try:
            self.STEPS[verb](self, number)
        except ActionError:
            assert self.rows() == before
        else:
            self.check(verb)

    def book(self, number: int) -> None:
        member = self.members[number]
        actions.book_place(event=self.event, member=member, actor=member, now=self.now)

    def wait(self, number: int) -> None:
        member = self.members[number]
        actions.join_waiting_list(event=self.event, member=member, actor=member, now=self.now)

    def cancel(self, number: int) -> None:
        actions.cancel_registration(**self.latest_of(number))

    def take(self, number: int) -> None:
        actions.take_place(**self.latest_of(number))

    def decline(self, number: int) -> None:
        actions.decline_place(**self.latest_of(number))

    def sweep(self, _: int) -> None:
        actions.expire_offers(now=self.now)

    def let_hours_pass(self, number: int) -> None:
        self.now += timedelta(hours=number)

    def add_places(self, number: int) -> None:
        event = EventPage.objects.get(pk=self.event.pk).specific
        event.capacity += number
        event.save()
        actions.announce_changes(event=event, now=self.now)

    STEPS = {  # noqa: RUF012
        "book": book,
        "wait": wait,
        "cancel": cancel,
        "take": take,
        "decline": decline,
        "sweep": sweep,
        "let hours pass": let_hours_pass,
        "add places": add_places,
    }

    def latest_of(self, number: int) -> dict:
        member = self.members[number]
        latest = self.event.registrations.filter(member=member).order_by("pk").last()
        if latest is None:
            raise ActionError
        return {"registration": latest, "actor": member, "now": self.now}

    def rows(self) -> list[tuple]:
        return list(
            self.event.registrations.order_by("pk").values_list(
                "pk", "member", "state", "waiting_number", "offer_expires_at"
            )
        )

    def check(self, verb: str) -> None:
        capacity = EventPage.objects.get(pk=self.event.pk).capacity
        rows = self.rows()
        by_state = {state: [pk for pk, _, found, *_ in rows if found == state] for state in State.values}
        held = by_state["confirmed"] + by_state["offered"]
        waiting = set(by_state["waiting"])

        assert len(held) <= capacity, "above the capacity"

        active = [member for _, member, state, *_ in rows if state in Registration.ACTIVE]
        assert len(active) == len(set(active)), "two active registrations"

        kept = [pk for pk in self.line if pk in waiting]
        for pk in set(self.line) & set(held):
            ahead = self.line[: self.line.index(pk)]
            assert not set(ahead) & waiting, "called before somebody who was ahead"

        joined = sorted(waiting - set(self.line))
        self.line = kept + joined
        numbers = {pk: number for pk, _, _, number, _ in rows}
        assert [numbers[pk] for pk in self.line] == sorted(numbers[pk] for pk in self.line), "order lost"

        if verb != "let hours pass":
            overdue = [pk for pk, *_, expires in rows if expires is not None and expires <= self.now]
            # Taking one's own offer in time frees nothing, so it leaves the others' to the sweep.
            assert overdue == [] or verb == "take", "an offer outlasts its time"
            gives_places = self.now + line.SHORTEST_OFFER <= self.event.gives_places_until
            assert not (gives_places and waiting and len(held) < capacity), "a place lies idle"


@pytest.mark.django_db
@settings(
    max_examples=40, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(capacity=st.integers(min_value=1, max_value=3), steps=st.lists(a_step, min_size=5, max_size=20))
def test_places_and_line_hold_whatever_happens(make_event, make_members, capacity, steps):
    """Everybody comes first, so that there is a line; then anything may happen."""
    event = make_event(capacity=capacity, starts_at=START + timedelta(days=60))
    world = World(event, make_members(NUMBER_OF_MEMBERS))

    for number in range(NUMBER_OF_MEMBERS):
        world.do("book" if number < capacity else "wait", number)
    for verb, number in steps:
        world.do(verb, number)
