"""Whatever members do, in whatever order, and however the clock runs: what always holds of places and line."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import ClassVar

import pytest
from django.db.models import QuerySet
from hypothesis import given
from hypothesis import strategies as st

from events import actions, line
from events.answers import Answers
from events.models import (
    EventPage,
    Handover,
    Invitation,
    Question,
    Registration,
    Session,
    SessionPlace,
)
from events.places import Claim
from members.models import Organisation, OrganisationKind, User
from pages.errors import ActionError
from tests.events.worlds import START, World, examples

State = Registration.State
NUMBER_OF_MEMBERS = 6

a_member = st.integers(min_value=0, max_value=NUMBER_OF_MEMBERS - 1)
a_step = st.one_of(
    st.tuples(st.sampled_from(["book", "wait", "cancel", "take", "decline"]), a_member),
    st.tuples(st.sampled_from(["cancel", "take"]), a_member),
    st.tuples(st.just("sweep"), st.just(0)),
    st.tuples(st.just("let hours pass"), st.sampled_from([1, 47, 48, 49])),
    st.tuples(st.just("add places"), st.integers(min_value=1, max_value=2)),
)


@dataclass(kw_only=True)
class OneEvent(World):
    """One event; and the line as the test itself keeps it."""

    event: EventPage
    line: list[int] = field(default_factory=list)

    def book(self, number: int) -> None:
        member = self.members[number]
        actions.book_place(event=self.event, member=member, actor=member, now=self.now)

    def wait(self, number: int) -> None:
        member = self.members[number]
        actions.join_waiting_list(event=self.event, member=member, actor=member, now=self.now)

    def sweep(self, _: int) -> None:
        actions.expire_offers(now=self.now)

    def add_places(self, number: int) -> None:
        self.add_places_to(self.event, number)

    STEPS: ClassVar = {
        **World.STEPS,
        "book": book,
        "wait": wait,
        "sweep": sweep,
        "add places": add_places,
    }

    def of(self, member: User) -> QuerySet[Registration]:
        return self.event.registrations.filter(member=member)

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
@examples(40)
@given(capacity=st.integers(min_value=1, max_value=3), steps=st.lists(a_step, min_size=5, max_size=20))
def test_places_and_line_hold_whatever_happens(make_event, make_members, capacity, steps):
    """Everybody comes first, so that there is a line; then anything may happen."""
    event = make_event(capacity=capacity, starts_at=START + timedelta(days=60))
    world = OneEvent(event=event, members=make_members(NUMBER_OF_MEMBERS))

    for number in range(NUMBER_OF_MEMBERS):
        world.do("book" if number < capacity else "wait", number)
    world.do_all(steps)


# --- With everything an event can ask -----------------------------------------------------------------------

CAPACITY, CAP, RESERVED, IN_SESSION = 4, 2, 1, 1
KEPT_UNTIL = START + timedelta(days=6)

NUMBER_IN_ALL = 9

one_of_all = st.integers(min_value=0, max_value=NUMBER_IN_ALL - 1)
a_step_of_anything = st.one_of(
    st.tuples(st.sampled_from(["book", "wait", "approve", "cancel", "take"]), one_of_all),
    st.tuples(st.sampled_from(["decline", "decline registration", "change answer"]), one_of_all),
    st.tuples(st.sampled_from(["change sessions", "hand over", "suspend or lift"]), one_of_all),
    st.tuples(st.sampled_from(["sweep", "take handover"]), st.just(0)),
    st.tuples(st.just("let hours pass"), st.sampled_from([1, 47, 49, 120])),
    st.tuples(st.just("add places"), st.integers(min_value=1, max_value=2)),
    st.tuples(st.sampled_from(["need approval", "need none"]), st.just(0)),
)


@dataclass(kw_only=True)
class WholeEvent(OneEvent):
    """An event with approval, kept places, a cap for each organisation, and a session with one place.

    Even members belong to one organisation, odd ones to another; the last two are invited.
    """

    session: Session | None = None
    key: str = ""
    answered: int = 0

    def answers(self, number: int) -> Answers:
        wanted = frozenset({self.session.pk}) if number % 3 == 0 else frozenset()
        return Answers(plain={self.key: "as before"}, sessions=wanted)

    def book(self, number: int) -> None:
        member = self._who_can_sign_in(number)
        actions.book_place(
            event=self.event, member=member, actor=member, now=self.now, answers=self.answers(number)
        )

    def wait(self, number: int) -> None:
        member = self._who_can_sign_in(number)
        actions.join_waiting_list(
            event=self.event, member=member, actor=member, now=self.now, answers=self.answers(number)
        )

    def _who_can_sign_in(self, number: int) -> User:
        member = self.members[number]
        if member.state == User.State.SUSPENDED:
            raise ActionError
        return member

    def suspend_or_lift(self, number: int) -> None:
        """And what the clock does within the minute."""
        member = self.members[number]
        is_lifted = member.state == User.State.SUSPENDED
        member.state = User.State.APPROVED if is_lifted else User.State.SUSPENDED
        member.is_active = is_lifted
        member.save(update_fields=["state", "is_active"])
        actions.follow_suspensions(now=self.now)
        actions.expire_offers(now=self.now)
        if is_lifted:  # back where they stood, before some who came later
            self.line = list(self.event.registrations.waiting().values_list("pk", flat=True))

    def approve(self, number: int) -> None:
        actions.approve_registration(**self.latest_of(number))

    def decline_registration(self, number: int) -> None:
        actions.decline_registration(**self.latest_of(number), reason="Another time.")

    def change_answer(self, number: int) -> None:
        """One that matters: where registrations are approved, it has to be approved again."""
        found = self.latest_of(number)
        self.answered += 1
        sessions = frozenset(found["registration"].session_places.values_list("session", flat=True))
        answers = Answers(plain={self.key: f"answer {self.answered}"}, sessions=sessions)
        actions.change_answers(**found, answers=answers)

    def change_sessions(self, number: int) -> None:
        """In or out, whichever it is not."""
        found = self.latest_of(number)
        has = found["registration"].session_places.exists()
        sessions = frozenset() if has else frozenset({self.session.pk})
        answers = Answers(plain=found["registration"].answers, sessions=sessions)
        actions.change_answers(**found, answers=answers)

    def hand_over(self, number: int) -> None:
        """Somebody who has a place, to a colleague who has none."""
        confirmed = list(self.event.registrations.confirmed().order_by("pk"))
        holding = set(self.event.registrations.holding_a_place().values_list("member", flat=True))
        if not confirmed:
            raise ActionError
        given = confirmed[number % len(confirmed)]
        colleagues = [
            member
            for member in self.members
            if member.organisation_id == given.organisation_id and member.pk not in holding
        ]
        if not colleagues:
            raise ActionError
        actions.hand_over(
            registration=given,
            colleague_email=colleagues[number % len(colleagues)].email,
            actor=given.member,
            now=self.now,
        )

    def take_handover(self, _: int) -> None:
        """Whatever is on offer."""
        on_offer = Handover.objects.filter(registration__event=self.event, state="offered")
        offered = on_offer.filter(colleague__isnull=False).first()
        if offered is None:
            raise ActionError
        taken = actions.take_handover(handover=offered, actor=offered.colleague, now=self.now)
        # Not called: a place that is passed on goes to whom its holder chose.
        self.line = [pk for pk in self.line if pk != taken.pk]

    def need_approval(self, _: int) -> None:
        self.publish(self.event, needs_approval=True)

    def need_none(self, _: int) -> None:
        self.publish(self.event, needs_approval=False)

    STEPS: ClassVar = {
        **OneEvent.STEPS,
        "book": book,
        "wait": wait,
        "approve": approve,
        "decline registration": decline_registration,
        "change answer": change_answer,
        "change sessions": change_sessions,
        "hand over": hand_over,
        "suspend or lift": suspend_or_lift,
        "take handover": take_handover,
        "need approval": need_approval,
        "need none": need_none,
    }

    def check(self, verb: str) -> None:
        event = EventPage.objects.get(pk=self.event.pk)
        registrations = list(event.registrations.order_by("pk"))
        held = [found for found in registrations if found.holds_a_place]
        waiting = [found for found in registrations if found.state == State.WAITING]

        assert len(held) <= event.capacity, "above the capacity"
        by_force = Counter(found.organisation_id for found in held)
        assert max(by_force.values(), default=0) <= CAP, "above the cap of an organisation"
        assert SessionPlace.objects.taken().filter(session=self.session).count() <= IN_SESSION, (
            "above the places of the session"
        )
        self._check_kept_places(event, held)
        self._check_card(event)

        active = [found.member_id for found in registrations if found.is_active]
        assert len(active) == len(set(active)), "two active registrations"
        self._check_order(held, waiting)
        shut_out = {member.pk for member in self.members if member.state == User.State.SUSPENDED}
        hoping = [found for found in [*held, *waiting] if found.state != State.CONFIRMED]
        assert not [found for found in hoping if found.member_id in shut_out], (
            "somebody suspended is waited for"
        )
        for handover in Handover.objects.filter(registration__event=event, state="accepted"):
            kept = (handover.registration.state, handover.taken_as.state)
            assert kept == ("confirmed", "awaiting approval"), "a place on its way is lost, or given twice"

        overdue = [one for one in held if one.offer_expires_at and one.offer_expires_at <= self.now]
        if verb in self.SETTLES and not overdue:
            self._check_nothing_lies_idle(event, waiting)

    def _check_card(self, event: EventPage) -> None:
        """A list counts in the database what the event's own page counts from who has which place."""
        card = EventPage.objects.with_places_left(self.now).get(pk=event.pk)
        assert card.places == Registration.objects.room_of(event, self.now).places_for(Claim())

    def _check_kept_places(self, event: EventPage, held: list[Registration]) -> None:
        """Who is not invited never has what is kept, as long as it is kept."""
        invited = sum(found.is_invited for found in held)
        others = len(held) - invited
        if event.places_reserved(self.now):
            assert others + max(RESERVED, invited) <= event.capacity, "a kept place went to others"

    def _check_order(self, held: list[Registration], waiting: list[Registration]) -> None:
        """Whoever was called had nobody ahead with the same claim: from one force, and invited or not alike."""
        still = {found.pk: found for found in waiting}
        in_line = [pk for pk in self.line if pk in still]
        called = {found.pk: found for found in held if found.pk in self.line}
        for pk, found in called.items():
            ahead = [still[one] for one in self.line[: self.line.index(pk)] if one in still]
            assert not [one for one in ahead if one.claim == found.claim], "called before somebody ahead"
        joined = sorted(
            (found for found in waiting if found.pk not in in_line), key=lambda one: one.waiting_number
        )
        self.line = in_line + [found.pk for found in joined]
        numbers = [still[pk].waiting_number for pk in self.line]
        assert numbers == sorted(numbers), "order lost"

    # What ends with settling the line. The others leave overdue offers to the sweep.
    SETTLES = frozenset(
        {
            "cancel",
            "decline",
            "sweep",
            "add places",
            "need approval",
            "need none",
            "take handover",
            "suspend or lift",
        }
    )

    def _check_nothing_lies_idle(self, event: EventPage, waiting: list[Registration]) -> None:
        if self.now + line.SHORTEST_OFFER > event.gives_places_until:
            return
        room = Registration.objects.room_of(event, self.now)
        assert not [one for one in waiting if room.has_a_place_for(one.claim)], "a place lies idle"


@pytest.mark.django_db
@examples(60)
@given(
    needs_approval=st.booleans(),
    keeps_places=st.booleans(),
    steps=st.lists(a_step_of_anything, min_size=10, max_size=30),
)
def test_everything_holds_whatever_happens(
    make_event, make_members, make_session, other_force, needs_approval, keeps_places, steps
):
    """Places, caps, kept places, sessions, approval, handovers: in any order, however the clock runs."""
    event = make_event(
        capacity=CAPACITY,
        places_per_organisation=CAP,
        reserved_places=RESERVED if keeps_places else 0,
        reserved_until=KEPT_UNTIL,
        needs_approval=needs_approval,
        starts_at=START + timedelta(days=60),
    )
    session = make_session(event, "Case clinic", hours=3, capacity=IN_SESSION)
    question = Question.objects.create(event=event, label="Role", needs_new_approval=True)
    members = make_members(NUMBER_IN_ALL)
    for member in members[1::2]:
        member.organisation = other_force
        member.save()
    for member in members[-2:]:
        Invitation.objects.create(event=event, email=member.email, invited_at=START)
    world = WholeEvent(event=event, members=members, session=session, key=str(question.key))

    for number in range(NUMBER_IN_ALL):
        world.do("book", number)
        world.do("wait", number)
    world.do_all(steps)


@pytest.fixture
def other_force(db) -> Organisation:
    return Organisation.objects.create(name="Another Police", kind=OrganisationKind.POLICE_FORCE)
