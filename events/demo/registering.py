"""What the made-up events ask, who is registered for them, who waits, and for what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from events import actions
from events.answers import overlapping
from events.history import add_step
from events.models import EventPage, Question, Registration, SensitiveAnswers, Session, SessionPlace
from members.models import User

PRACTITIONER = "practitioner@force.example"

State, Kind = Registration.State, Question.Kind

# What people did to get into each state, for the history of their registrations.
VERBS = {
    State.CONFIRMED: "book_place",
    State.WAITING: "join_waiting_list",
    State.AWAITING_APPROVAL: "ask_for_approval",
}


@dataclass(frozen=True)
class _People:
    """Demo members by their addresses, each list in the order in which they came."""

    confirmed: Sequence[str]
    waiting: Sequence[str] = ()
    awaiting: Sequence[str] = ()


REGISTERED = {
    "rating-the-hardest-factors": _People(
        confirmed=(
            "offender.manager@essex.example",
            "analyst@norfolk.example",
            "trainer@college.example",
            "probation.officer@london.example",
            "caseworker@charity.example",
        ),
    ),
    "hostile-to-assessment": _People(
        confirmed=(
            "offender.manager@essex.example",
            "sergeant@kent.example",
            "analyst@norfolk.example",
            "probation.officer@london.example",
            "psychologist@prisons.example",
            "caseworker@charity.example",
        ),
        waiting=("trainer@college.example", "researcher@university.example"),
        awaiting=("moderator@portal.example",),
    ),
    "managing-risk-together": _People(
        confirmed=(
            "sergeant@kent.example",
            "trainer@college.example",
            "psychologist@prisons.example",
            "researcher@university.example",
        ),
    ),
}


@dataclass(frozen=True)
class _Asks:
    """What an event asks those who register, and who approves."""

    questions: Sequence[dict[str, object]]
    needs_approval: bool = False


NEEDS = "Do you need anything to take part?"
ASKED = {
    "managing-risk-together": _Asks(
        questions=(
            {
                "label": NEEDS,
                "kind": Kind.YES_NO,
                "help_text": "For example step-free access, a hearing loop or a diet.",
                "is_required": True,
                "is_sensitive": True,
            },
            {
                "label": "What do you need?",
                "kind": Kind.LONG_TEXT,
                "is_required": True,
                "is_sensitive": True,
                "shown_if": NEEDS,
                "shown_if_answer": "Yes",
            },
            {
                "label": "Which factor do you find hardest to rate?",
                "kind": Kind.CHOICE,
                "options": (
                    "Sexual preoccupation\nOffence-related interests\nEmotional intimacy\n"
                    "Emotional congruence\nAnother"
                ),
            },
            {
                "label": "My name and organisation may stand on the list that everybody gets",
                "kind": Kind.CONSENT,
            },
        ),
    ),
    "hostile-to-assessment": _Asks(
        questions=(
            {
                "label": "What is your part in the case you bring?",
                "kind": Kind.CHOICE,
                "options": "I manage it\nI supervise who manages it\nI bring none",
                "help_text": "Write nothing here that tells who the case is about.",
                "is_required": True,
                "needs_new_approval": True,
            },
        ),
        needs_approval=True,
    ),
}


def load(events: Sequence[EventPage], now: datetime) -> None:
    """Let the events that are theirs ask, and register the demo's members for them."""
    members = {member.email: member for member in User.objects.filter(email__endswith=".example")}
    for event in events:
        if event.slug in ASKED:
            _publish(event.specific_class.objects.get(pk=event.pk), ASKED[event.slug])
            event.refresh_from_db()
        if event.slug in REGISTERED:
            _register(REGISTERED[event.slug], event, members, now)


def _publish(page: EventPage, asks: _Asks) -> None:
    page.needs_approval = asks.needs_approval
    page.questions.set(
        [Question(sort_order=position, **question) for position, question in enumerate(asks.questions)]
    )
    page.save_revision().publish()


def _register(people: _People, event: EventPage, members: dict[str, User], now: datetime) -> None:
    """The others past the actions, without letters: nobody reads their post. The practitioner gets one."""
    registered_at = now - timedelta(days=14)
    states = {
        **dict.fromkeys(people.confirmed, State.CONFIRMED),
        **dict.fromkeys(people.waiting, State.WAITING),
        **dict.fromkeys(people.awaiting, State.AWAITING_APPROVAL),
    }
    asked = _Asked.of(event)
    for position, (address, state) in enumerate(states.items()):
        member = members.get(address)
        if member is None:
            continue
        at = registered_at + timedelta(hours=position)
        registration = Registration.objects.create(
            event=event,
            member=member,
            organisation_id=member.organisation_id,
            state=state,
            registered_at=at,
            confirmed_at=at if state == State.CONFIRMED else None,
            approved_at=at if event.needs_approval and state != State.AWAITING_APPROVAL else None,
            waiting_number=people.waiting.index(address) + 1 if state == State.WAITING else None,
        )
        asked.answer(registration, position, at)
        add_step(VERBS[state], registration, member, at)
    if event.kind == EventPage.Kind.WORKSHOP and PRACTITIONER in members:
        practitioner = members[PRACTITIONER]
        actions.book_place(event=event, member=practitioner, actor=practitioner, now=now)


@dataclass(frozen=True)
class _Asked:
    """Questions of an event and the sessions that start together."""

    questions: list[Question]
    slots: list[list[Session]]

    @classmethod
    def of(cls, event: EventPage) -> "_Asked":
        sessions = Session.objects.filter(event=event).to_choose().in_order()
        return cls(
            list(event.questions.all()),
            [list(slot) for _, slot in groupby(sessions, key=lambda session: session.starts_at)],
        )

    def answer(self, registration: Registration, position: int, at: datetime) -> None:
        """Something different for each: options and sessions in turn; the second needs something."""
        needs = position == 1
        given: dict[str, object] = {}
        sensitive: dict[str, object] = {}
        for question in self.questions:
            if question.shown_if and not needs:
                continue
            answers = {
                Kind.YES_NO: needs,
                Kind.LONG_TEXT: "A seat near the door, and no nuts.",
                Kind.CONSENT: True,
            }
            choices = question.choices or [""]
            answer = answers.get(Kind(question.kind), choices[position % len(choices)])
            (sensitive if question.is_sensitive else given)[str(question.key)] = answer
        if given or sensitive:
            registration.answers, registration.answered_at = given, at
            registration.save(update_fields=["answers", "answered_at"])
        if sensitive:
            SensitiveAnswers.objects.create(registration=registration, answers=sensitive)
        chosen: list[Session] = []
        for slot in self.slots:
            session = slot[position % len(slot)]
            if overlapping([*chosen, session]) is None:
                chosen.append(session)
                SessionPlace.objects.create(registration=registration, session=session, chosen_at=at)
