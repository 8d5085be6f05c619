"""The registrations of an event as rows of a table, read a batch at a time."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from events import answers
from events.models import Attendance, EventPage, Question, Registration, SensitiveAnswers, SessionPlace
from events.spreadsheets import Cell
from members.models import OrganisationKind

BATCH = 1000

_FIELDS = (
    "pk", "member__first_name", "member__last_name", "member__email", "guest_name", "guest_email",
    "guest_organisation", "organisation__name", "organisation__kind", "state", "registered_at", "confirmed_at",
    "cancelled_at", "is_walk_in", "answers",
)  # fmt: skip
_HEADER = (
    "First name", "Last name", "Address", "Organisation", "Kind of organisation", "State", "Asked for a place",
    "Got a place", "Cancelled", "Walk-in", "Sessions", "Attended",
)  # fmt: skip
_STATES = dict(Registration.State.choices)
_KINDS = dict(OrganisationKind.choices)


def questions_to_export(event: EventPage, *, with_sensitive: bool) -> list[Question]:
    """Those that become columns, in their order."""
    questions = event.questions.all()
    return [question for question in questions if with_sensitive or not question.is_sensitive]


def header(questions: Sequence[Question]) -> list[str]:
    """The names of the columns."""
    return [*_HEADER, *(question.label for question in questions)]


def rows(
    event: EventPage, registrations: QuerySet[Registration], questions: Sequence[Question]
) -> Iterator[list[Cell]]:
    """One row a registration, in the order in which they came; times as the clock at the event shows them.

    Three or four queries for each batch, and never more than one batch in memory. Sensitive answers are read
    where `questions` holds sensitive ones.
    """
    zone = ZoneInfo(event.time_zone)
    reads_sensitive = any(question.is_sensitive for question in questions)
    last = 0
    while batch := list(registrations.filter(pk__gt=last).order_by("pk").values_list(*_FIELDS)[:BATCH]):
        first, last = batch[0][0], batch[-1][0]
        span = {"registration__event": event.pk, "registration__gte": first, "registration__lte": last}
        sessions = _sessions(span)
        present = set(Attendance.objects.present().filter(**span).values_list("registration", flat=True))
        sensitive = _sensitive_answers(span) if reads_sensitive else {}
        for row in batch:
            key, given = row[0], {**row[-1], **sensitive.get(row[0], {})}
            yield [
                *_facts(row, zone),
                "; ".join(sessions.get(key, ())),
                key in present,
                *(_answer(question, given.get(str(question.key))) for question in questions),
            ]


def _facts(row: Sequence[Any], zone: ZoneInfo) -> list[Cell]:
    (
        _, first_name, last_name, email, guest_name, guest_email, guest_organisation, organisation, kind, state,
        registered_at, confirmed_at, cancelled_at, is_walk_in, _,
    ) = row  # fmt: skip
    return [
        first_name or "",
        last_name or guest_name,
        email or guest_email,
        organisation or guest_organisation,
        _KINDS.get(kind, ""),
        _STATES[state],
        _local(registered_at, zone),
        _local(confirmed_at, zone),
        _local(cancelled_at, zone),
        is_walk_in,
    ]


def _local(at: datetime | None, zone: ZoneInfo) -> datetime | None:
    """Without its zone: a cell has none."""
    return None if at is None else at.astimezone(zone).replace(tzinfo=None)


def _answer(question: Question, answer: Any) -> Cell:
    """Numbers and dates as what they are, so that they can be sorted and counted."""
    if isinstance(answer, str):
        try:
            if question.kind == Question.Kind.NUMBER:
                number = Decimal(answer)
                return number if number.is_finite() else answer
            if question.kind == Question.Kind.DATE:
                return date.fromisoformat(answer)
        except (InvalidOperation, ValueError):  # the question was a text when it was answered
            return answer
    return answers.in_words(question, answer)


def _sessions(span: dict[str, Any]) -> dict[int, list[str]]:
    """The titles of the sessions that each chose, as they happen."""
    chosen = SessionPlace.objects.filter(**span).order_by("session__starts_at", "session__sort_order")
    found: dict[int, list[str]] = defaultdict(list)
    for key, title in chosen.values_list("registration", "session__title"):
        found[key].append(title)
    return found


def _sensitive_answers(span: dict[str, Any]) -> dict[int, dict[str, Any]]:
    return dict(SensitiveAnswers.objects.filter(**span).values_list("registration", "answers"))
