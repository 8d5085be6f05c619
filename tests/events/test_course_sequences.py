"""Whatever members do with a course, in whatever order, and however the clock runs: all its dates or none."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar
from uuid import uuid4

import pytest
from django.db.models import QuerySet
from hypothesis import given
from hypothesis import strategies as st

from events import actions
from events.models import EventPage, Handover, Registration, SeriesPage
from members.models import User
from pages.errors import ActionError
from tests.events.worlds import START, World, examples

State = Registration.State

one_of_few = st.integers(min_value=0, max_value=3)
a_step_of_a_course = st.one_of(
    st.tuples(st.sampled_from(["book", "wait", "cancel", "cancel all", "take", "decline"]), one_of_few),
    st.tuples(st.sampled_from(["approve", "approve", "decline registration", "hand over"]), one_of_few),
    st.tuples(st.sampled_from(["sweep", "sweep", "take handover"]), st.just(0)),
    st.tuples(st.just("let hours pass"), st.sampled_from([1, 49])),
    st.tuples(st.just("add places"), st.integers(min_value=0, max_value=1)),
)


@dataclass(kw_only=True)
class Course(World):
    """A course of two dates with room for few. What hopes for a place does so for both dates or none."""

    course: SeriesPage
    dates: list[EventPage]
    organiser: User

    def book(self, number: int) -> None:
        member = self.members[number]
        actions.book_series(series=self.course, member=member, actor=member, now=self.now)

    def wait(self, number: int) -> None:
        member = self.members[number]
        actions.join_series_waiting_list(series=self.course, member=member, actor=member, now=self.now)

    def cancel_all(self, number: int) -> None:
        actions.cancel_registration(**self.latest_of(number), all_dates=True)

    def approve(self, number: int) -> None:
        """One date, the one that is not approved yet if there is one."""
        awaiting = (
            self.of(self.members[number]).filter(state=State.AWAITING_APPROVAL).order_by("approved_at", "pk")
        )
        if not awaiting:
            raise ActionError
        actions.approve_registration(registration=awaiting[0], actor=self.organiser, now=self.now)

    def decline_registration(self, number: int) -> None:
        found = self.latest_of(number) | {"actor": self.organiser}
        actions.decline_registration(**found, reason="Another time.")

    def hand_over(self, number: int) -> None:
        colleague = self.members[(number + 1) % len(self.members)]
        actions.hand_over(**self.latest_of(number), colleague_email=colleague.email)

    def take_handover(self, _: int) -> None:
        on_offer = Handover.objects.filter(state="offered", registration__event__in=self.dates)
        offered = on_offer.order_by("pk").first()
        if offered is None:
            raise ActionError
        actions.take_handover(handover=offered, actor=offered.colleague, now=self.now)

    def sweep(self, _: int) -> None:
        actions.expire_offers(now=self.now)
        actions.settle_courses(now=self.now)

    def add_places(self, number: int) -> None:
        self.add_places_to(self.dates[number], 1)

    STEPS: ClassVar = {
        **World.STEPS,
        "book": book,
        "wait": wait,
        "cancel all": cancel_all,
        "approve": approve,
        "decline registration": decline_registration,
        "hand over": hand_over,
        "take handover": take_handover,
        "sweep": sweep,
        "add places": add_places,
    }

    def of(self, member: User) -> QuerySet[Registration]:
        return self.registrations.filter(member=member)

    @property
    def registrations(self):
        """Of this course: what earlier sequences left behind is still in the database."""
        return Registration.objects.filter(event__in=self.dates)

    def rows(self) -> list[tuple]:
        return list(self.registrations.order_by("pk").values_list("pk", "state", "waiting_number"))

    def check(self, verb: str) -> None:
        for date in self.dates:
            held = date.registrations.holding_a_place().count()
            assert held <= EventPage.objects.get(pk=date.pk).capacity, "above the capacity"
            active = list(date.registrations.active().values_list("member", flat=True))
            assert len(active) == len(set(active)), "two active registrations"
        for handover in Handover.objects.filter(state="accepted", registration__event__in=self.dates):
            kept = (handover.registration.state, handover.taken_as.state)
            assert kept == ("confirmed", "awaiting approval"), "a place on its way is lost, or given twice"
        self._check_whole()
        if verb == "sweep":
            self._check_nobody_is_forgotten()

    def _check_whole(self) -> None:
        """Who asked, waits or was offered does so for both dates. Offers whose time is up end one by one."""
        hoping = self.registrations.filter(state__in=["awaiting approval", "waiting", "offered"]).exclude(
            offer_expires_at__lte=self.now
        )
        by_course: dict[object, set[str]] = {}
        numbers = Counter()
        for found in hoping:
            by_course.setdefault(found.booked_together, set()).add(found.state)
            numbers[found.booked_together] += 1
        assert [states for states in by_course.values() if len(states) > 1] == [], "half a course"
        assert set(numbers.values()) <= {len(self.dates)}, "half a course"

    def _check_nobody_is_forgotten(self) -> None:
        """Whoever waits cannot have both dates."""
        if self.registrations.waiting().exists():
            rooms = [Registration.objects.room_of(date, self.now) for date in self.fresh()]
            assert any(room.left == 0 for room in rooms), "a course lies idle"

    def fresh(self) -> list[EventPage]:
        return list(EventPage.objects.filter(pk__in=[date.pk for date in self.dates]))


@pytest.mark.django_db
@examples(30)
@given(needs_approval=st.booleans(), steps=st.lists(a_step_of_a_course, min_size=8, max_size=25))
def test_a_course_is_whole_whatever_happens(
    index, make_event, make_members, organiser, needs_approval, steps
):
    course = index.add_child(
        instance=SeriesPage(title="Supervising well", slug=f"course-{uuid4()}", is_booked_as_one=True)
    )
    starts_at = START + timedelta(days=60)
    dates = [
        make_event(series=course, capacity=capacity, starts_at=starts_at, needs_approval=needs_approval)
        for capacity in (1, 2)
    ]
    world = Course(course=course, dates=dates, members=make_members(4), organiser=organiser)

    for number in range(4):
        world.do("book", number)
        world.do("wait", number)
    world.do_all(steps)
