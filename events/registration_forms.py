"""The registration form that an organiser put together, as one form: questions, sessions, line manager.

What depends on another answer stands in the page without JavaScript too, and says on what it depends; what
does not apply is dropped here, whatever was sent.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from django import forms
from django.core.validators import BaseValidator, MaxValueValidator, MinValueValidator
from django.forms.boundfield import BoundField

from events import answers, session_fields, wording
from events.answers import Answers
from events.models import EventPage, Question, Session
from events.models.questions import DECIMALS, DIGITS
from events.session_fields import About, Upset, followed, slots_of
from members.forms import LineField
from members.lines import validate_text
from members.models import User
from pages.forms import DayField, DayMonthYearInput, OneErrorField

Options = list[tuple[str, str]]

LONGEST_LINE, LONGEST_TEXT = 250, 4000


@dataclass(frozen=True)
class Part:
    """Fields that stand together: always, or only when `field` is answered with `value`."""

    fields: list[BoundField]
    condition: str = ""
    field: str = ""
    value: str = ""


class RegistrationForm(forms.Form):
    """Answers and sessions for one event, or for all dates of a course."""

    def __init__(
        self,
        *args: Any,
        event: EventPage,
        questions: Iterable[Question] = (),
        sessions: Iterable[Session] = (),
        about: About | None = None,
        member: User | None = None,
        asks_manager: bool = False,
        warns: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.event = event
        self.member = member
        self.questions = list(questions)
        self.slots = slots_of(sessions)
        self.upsets: list[Upset] = []
        if self.is_bound:
            self.data, self.upsets = followed(self.data, self.slots, event.time_zone)
        self.conditions = {
            name_of(question): (question.shown_if, question.shown_if_answer)
            for question in self.questions
            if question.shown_if
        }
        for slot in self.slots:
            self.fields[slot.name] = session_fields.field_of(event, slot, about or About())
        for question in self.questions:
            self.fields[name_of(question)] = self._field_of(question, warns=warns)
        if asks_manager:
            self.fields["manager_email"] = forms.EmailField(
                label="Your line manager’s e-mail address",
                help_text=(
                    "We write to them with a link to approve your registration. They need no account."
                ),
            )

    @property
    def parts(self) -> Iterator[Part]:
        """The fields in their order; neighbours that depend on the same answer together."""
        for condition, names in groupby(self.fields, key=self.conditions.get):
            fields = [self[name] for name in names]
            yield self._part(fields, *condition) if condition else Part(fields)

    def _part(self, fields: list[BoundField], label: str, answer: str) -> Part:
        for question in self.questions:
            if answers.same(question.label) == answers.same(label):
                words = f"Only if you answered “{answer}” to “{question.label}”"
                return Part(fields, words, name_of(question), _as_sent(answer, question))
        return Part(fields)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        self._drop_what_does_not_apply()
        for upset in self.upsets:
            self.add_error(upset.name, upset.message)
        self._check_sessions()
        self._check_manager()
        return cleaned

    def answers(self) -> Answers:
        """What was answered. Only of a form that is valid."""
        plain: dict[str, Any] = {}
        sensitive: dict[str, Any] = {}
        for question in self.questions:
            value = _as_kept(self.cleaned_data.get(name_of(question)), question)
            if value is not None:
                (sensitive if question.is_sensitive else plain)[str(question.key)] = value
        return Answers(
            plain=plain,
            sensitive=sensitive,
            sessions=frozenset(session.pk for session in self._chosen().values()),
            manager_email=self.cleaned_data.get("manager_email", ""),
        )

    def refuse_sessions(self, sessions: Iterable[Session], message: str) -> None:
        """Put what was found out too late to be seen in the form at the fields it is about."""
        self.full_clean()
        refused = {session.pk for session in sessions}
        for slot in self.slots:
            if refused & {session.pk for session in slot.sessions}:
                self.add_error(slot.name, message)

    def _drop_what_does_not_apply(self) -> None:
        """Nothing is missing from a question that is not shown, and nothing wrong with it."""
        given = {
            str(question.key): _as_kept(self.cleaned_data.get(name_of(question)), question)
            for question in self.questions
        }
        applying = {question.pk for question in answers.shown(self.questions, given)}
        for question in self.questions:
            name = name_of(question)
            if question.pk not in applying:
                self.cleaned_data[name] = None
                self.errors.pop(name, None)

    def _check_sessions(self) -> None:
        chosen = self._chosen()
        clash = answers.overlapping(chosen.values())
        if clash:
            first, second = clash
            name = next(name for name, session in chosen.items() if session.pk == second.pk)
            self.add_error(
                name,
                f"“{second.title}” overlaps “{first.title}”, {_times(self.event, first)}. "
                "Choose one of them, or none of these",
            )

    def _check_manager(self) -> None:
        address = self.cleaned_data.get("manager_email", "")
        if self.member is not None and address.casefold() == self.member.email.casefold():
            self.add_error("manager_email", "This is your own address. Give the address of your line manager")

    def _chosen(self) -> dict[str, Session]:
        chosen = {}
        for slot in self.slots:
            value = self.cleaned_data.get(slot.name)
            for session in slot.sessions:
                if value == str(session.pk):
                    chosen[slot.name] = session
        return chosen

    def _field_of(self, question: Question, *, warns: bool) -> forms.Field:
        """Required or not as the organiser says: what does not apply loses its errors later."""
        field = _FIELDS[Question.Kind(question.kind)](_choices(question))
        if isinstance(field, forms.DecimalField):
            field.validators += _bounds(question)
        # Where it is a setting, a box that stays empty is no answer left out: only here is it one, so only here it says so.
        is_box = question.kind == Question.Kind.CONSENT and not question.is_required
        field.label = f"{question.label} (optional)" if is_box else question.label
        field.required = question.is_required
        field.help_text = _in_sentences(_hints(question, self.event, warns=warns))
        return field


def name_of(question: Question) -> str:
    return f"question-{question.key.hex}"


def _times(event: EventPage, session: Session) -> str:
    return wording.hours(session.starts_at, session.ends_at, event.time_zone)


def _options(question: Question) -> Options:
    """What there is to choose, as it is sent and in words."""
    if question.kind == Question.Kind.YES_NO:
        return [("yes", answers.YES), ("no", answers.NO)]
    return [(option, option) for option in question.choices]


def _choices(question: Question) -> Options:
    """What there is to choose in the form: a radio that may stay empty needs one to empty it again."""
    is_radio = question.kind in {Question.Kind.YES_NO, Question.Kind.CHOICE}
    no_answer = [("", "No answer")] if is_radio and not question.is_required else []
    return [*_options(question), *no_answer]


def _as_sent(answer: str, question: Question) -> str:
    """What the browser sends for an answer that an organiser wrote."""
    if question.kind == Question.Kind.CONSENT:
        return "on"
    sent = (value for value, words in _options(question) if answers.same(words) == answers.same(answer))
    return next(sent, "")


def _bounds(question: Question) -> Iterator[BaseValidator]:
    """What a number must be between, as the organiser wrote it: 0, not 0.0000."""
    if question.smallest is not None:
        yield MinValueValidator(_plain(question.smallest))
    if question.largest is not None:
        yield MaxValueValidator(_plain(question.largest))


def _one_of(options: Options) -> forms.Field:
    return forms.ChoiceField(choices=options, widget=forms.RadioSelect)


def _any_of(options: Options) -> forms.Field:
    return forms.MultipleChoiceField(choices=options, widget=forms.CheckboxSelectMultiple)


def _long_text(_: Options) -> forms.Field:
    area = forms.Textarea(attrs={"rows": 4})
    return OneErrorField(max_length=LONGEST_TEXT, widget=area, validators=[validate_text])


_FIELDS: dict[Question.Kind, Callable[[Options], forms.Field]] = {
    Question.Kind.TEXT: lambda _: LineField(max_length=LONGEST_LINE),
    Question.Kind.LONG_TEXT: _long_text,
    Question.Kind.YES_NO: _one_of,
    Question.Kind.CHOICE: _one_of,
    Question.Kind.CHOICES: _any_of,
    Question.Kind.NUMBER: lambda _: forms.DecimalField(max_digits=DIGITS, decimal_places=DECIMALS),
    Question.Kind.DATE: lambda _: DayField(widget=DayMonthYearInput),
    Question.Kind.CONSENT: lambda _: forms.BooleanField(),
}


def _hints(question: Question, event: EventPage, *, warns: bool) -> Iterator[str]:
    if question.help_text:
        yield question.help_text
    if question.is_sensitive:
        days = event.days_to_keep_sensitive_answers
        after = "1 day" if days == 1 else f"{days} days"
        yield f"Only organisers who are named for it see this. It is erased {after} after the event."
    if warns and question.needs_new_approval:
        yield (
            "If you change this, your registration has to be approved again. Until then it holds no place."
        )


def _in_sentences(hints: Iterable[str]) -> str:
    """One after the other: what an organiser wrote may end without a full stop."""
    *first, last = [hint.strip() for hint in hints] or [""]
    return " ".join([*(hint if hint[-1:] in ".?!:;…" else f"{hint}." for hint in first), last])


def _plain(number: Decimal) -> Decimal:
    """Without zeros that say nothing, and without an exponent."""
    return Decimal(format(number.normalize(), "f"))


def _as_kept(value: Any, question: Question) -> Any:
    """A cleaned value as JSON keeps it; None where nothing was answered."""
    if question.kind == Question.Kind.CONSENT:
        return True if value else None
    if value is None or value in ("", []):
        return None
    if question.kind == Question.Kind.YES_NO:
        return value == "yes"
    if isinstance(value, Decimal):
        return str(_plain(value))
    return value.isoformat() if isinstance(value, date) else value
