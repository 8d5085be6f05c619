"""What people answer, without a database: what applies, what changed, how it reads."""

import uuid
from datetime import UTC, datetime, timedelta
from zlib import crc32

import pytest

from events import answers
from events.answers import Answers
from events.models import Question, Session

NINE = datetime(2027, 3, 25, 9, tzinfo=UTC)
Kind = Question.Kind


def question(label: str, kind: str = Kind.TEXT, **fields) -> Question:
    return Question(
        pk=crc32(label.encode()), key=uuid.uuid5(uuid.NAMESPACE_OID, label), label=label, kind=kind, **fields
    )


def given(**by_label) -> dict:
    return {str(uuid.uuid5(uuid.NAMESPACE_OID, label)): value for label, value in by_label.items()}


def session(title: str, start: int, end: int) -> Session:
    """From so many minutes after nine to so many."""
    return Session(
        pk=crc32(title.encode()),
        title=title,
        starts_at=NINE + timedelta(minutes=start),
        ends_at=NINE + timedelta(minutes=end),
    )


NEEDS = question("Needs", Kind.YES_NO)
WHICH = question("Which", Kind.CHOICES, options="Ramp\nLoop\nOther", shown_if="Needs", shown_if_answer="Yes")
MORE = question("More", shown_if="which ", shown_if_answer="other")


@pytest.mark.parametrize(
    ("answered", "labels"),
    [
        (given(), ["Needs"]),
        (given(Needs=False), ["Needs"]),
        (given(Needs=True), ["Needs", "Which"]),
        (given(Needs=True, Which=["Ramp"]), ["Needs", "Which"]),
        (given(Needs=True, Which=["Ramp", "Other"]), ["Needs", "Which", "More"]),
        (given(Needs=False, Which=["Other"]), ["Needs"]),  # what depends on what does not apply
    ],
)
def test_shown_follows_the_conditions(answered, labels):
    assert [found.label for found in answers.shown([NEEDS, WHICH, MORE], answered)] == labels


@pytest.mark.parametrize(
    ("before", "after", "labels"),
    [
        (given(), given(), []),
        (given(Needs=True), given(Needs=True), []),
        (given(Needs=True), given(Needs=False), ["Needs"]),
        (given(), given(Needs=False), ["Needs"]),
        (given(Which=["Ramp"]), given(Which=["Ramp", "Loop"]), ["Which"]),
        (given(Which=["Ramp"]), given(), ["Which"]),
        (given(More=""), given(), []),
    ],
)
def test_changed_names_what_is_answered_otherwise(before, after, labels):
    assert [found.label for found in answers.changed([NEEDS, WHICH, MORE], before, after)] == labels


@pytest.mark.parametrize(
    ("kind", "answer", "words"),
    [
        (Kind.TEXT, "Kent", "Kent"),
        (Kind.TEXT, None, ""),
        (Kind.YES_NO, True, "Yes"),
        (Kind.YES_NO, False, "No"),
        (Kind.CONSENT, True, "Yes"),
        (Kind.CHOICES, ["Ramp", "Loop"], "Ramp, Loop"),
        (Kind.CHOICES, [], ""),
        (Kind.NUMBER, "0.1", "0.1"),
        (Kind.DATE, "2026-12-03", "Thursday 3 December 2026"),
        (Kind.DATE, "next week", "next week"),  # it was a text once
    ],
)
def test_in_words_reads_as_people_write(kind, answer, words):
    assert answers.in_words(question("Any", kind), answer) == words


def test_answered_leaves_out_what_is_empty():
    sensitive = question("Diet", is_sensitive=True)

    found = answers.answered([NEEDS, MORE, sensitive], given(Needs=True, Diet="No nuts"))

    assert found == [("Needs", "Yes", False), ("Diet", "No nuts", True)]


@pytest.mark.parametrize(
    ("sessions", "clash"),
    [
        ([], None),
        ([session("A", 0, 60)], None),
        ([session("A", 0, 60), session("B", 60, 120)], None),
        ([session("B", 60, 120), session("A", 0, 61)], ["A", "B"]),
        ([session("Long", 0, 180), session("A", 0, 60), session("B", 60, 120)], ["A", "Long"]),
    ],
)
def test_overlapping_finds_two_that_nobody_can_be_in(sessions, clash):
    found = answers.overlapping(sessions)

    assert (found and [one.title for one in found]) == clash


def test_only_for_keeps_what_belongs_to_one_event():
    first, second = session("A", 0, 60), session("B", 0, 60)
    both = Answers(
        plain=given(Needs=True, More="x"),
        sensitive=given(Diet="y"),
        sessions=frozenset({first.pk, second.pk}),
        manager_email="manager@force.example",
    )

    assert both.only_for([NEEDS], [second]) == Answers(
        plain=given(Needs=True),
        sensitive={},
        sessions=frozenset({second.pk}),
        manager_email="manager@force.example",
    )
