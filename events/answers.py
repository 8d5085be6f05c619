"""What people answer when they register: which questions apply, what changed, and how an answer reads. Pure.

An answer is kept as JSON has it, under its question's key: text and options as text, several options as a
list, yes or no and consent as a truth value, a number as text (so that 0.1 stays 0.1), a date as in ISO 8601.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from pages import dates

if TYPE_CHECKING:
    from events.models import Question, Session

YES, NO = "Yes", "No"

Given = Mapping[str, Any]


@dataclass(frozen=True)
class Answers:
    """All that a registration form brings in. `sessions` are the keys of the database."""

    plain: Given = field(default_factory=dict)
    sensitive: Given = field(default_factory=dict)
    sessions: frozenset[int] = frozenset()
    manager_email: str = ""

    def only_for(self, questions: Iterable["Question"], sessions: Iterable["Session"]) -> "Answers":
        """The part of them that belongs to one event, where a form was for several."""
        keys = {str(question.key) for question in questions}
        return Answers(
            plain={key: value for key, value in self.plain.items() if key in keys},
            sensitive={key: value for key, value in self.sensitive.items() if key in keys},
            sessions=self.sessions & {session.pk for session in sessions},
            manager_email=self.manager_email,
        )


NO_ANSWERS = Answers()


class Answered(NamedTuple):
    """A question and its answer, in words."""

    label: str
    words: str
    is_sensitive: bool


def shown(questions: Iterable["Question"], given: Given) -> Iterator["Question"]:
    """Those that apply, in their order: without a condition, or with one that an earlier answer meets.

    What depends on a question that does not apply does not apply either.
    """
    so_far: dict[str, set[str]] = {}
    for question in questions:
        if question.shown_if and same(question.shown_if_answer) not in so_far.get(
            same(question.shown_if), set()
        ):
            continue
        yield question
        chosen = chosen_options(given.get(str(question.key)))
        so_far[same(question.label)] = {same(option) for option in chosen}


def without_sensitive(questions: Iterable["Question"]) -> list["Question"]:
    """What somebody may fill in who may not see sensitive answers: nothing sensitive, nor what depends on it."""
    left: list[Question] = []
    hidden: set[str] = set()
    for question in questions:
        if question.is_sensitive or same(question.shown_if) in hidden:
            hidden.add(same(question.label))
        else:
            left.append(question)
    return left


def chosen_options(answer: Any) -> list[str]:
    """An answer as the options that a condition can name."""
    if answer is None or answer == "":
        return []
    if isinstance(answer, bool):
        return [YES if answer else NO]
    if isinstance(answer, list):
        return [str(option) for option in answer]
    return [str(answer)]


def options_of(question: "Question") -> list[str] | None:
    """What can be answered, or None where anything can be written."""
    if question.kind in {question.Kind.YES_NO, question.Kind.CONSENT}:
        return [YES, NO]
    return question.choices if question.kind in question.WITH_OPTIONS else None


def changed(questions: Iterable["Question"], before: Given, after: Given) -> list["Question"]:
    """Those answered otherwise than before."""
    return [
        question
        for question in questions
        if chosen_options(before.get(str(question.key))) != chosen_options(after.get(str(question.key)))
    ]


def in_words(question: "Question", answer: Any) -> str:
    """For a list to check; empty where nothing was answered."""
    if question.kind == question.Kind.DATE and isinstance(answer, str) and answer:
        try:
            return dates.day_date(date.fromisoformat(answer))
        except ValueError:  # the question was a text when it was answered
            return answer
    return ", ".join(chosen_options(answer))


def answered(questions: Iterable["Question"], given: Given) -> list[Answered]:
    """What was answered, in the order of the questions; nothing for those left empty."""
    worded = ((question, in_words(question, given.get(str(question.key)))) for question in questions)
    return [Answered(question.label, words, question.is_sensitive) for question, words in worded if words]


def overlapping(sessions: Iterable["Session"]) -> tuple["Session", "Session"] | None:
    """Two that nobody can be in both of, if there are such."""
    in_order = sorted(sessions, key=lambda session: (session.starts_at, session.ends_at, session.pk))
    for position, session in enumerate(in_order):
        for later in in_order[position + 1 :]:
            if session.overlaps(later):
                return session, later
    return None


def same(words: str) -> str:
    """For comparing what organisers write twice."""
    return words.strip().casefold()
