"""Choosing among the registrations of an event: by state, organisation, session, answer and words."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar
from uuid import UUID

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Lower

from events.models import (
    Attendance,
    EventPage,
    Question,
    Registration,
    RegistrationQuerySet,
    SessionPlace,
)
from events.reach import is_reached

MOST_WORDS = 8


@dataclass(frozen=True)
class Selection:
    """What to look for. What is empty does not narrow anything down."""

    BY_NAME: ClassVar[str] = "name"

    words: str = ""
    states: Sequence[str] = ()
    organisation: int | None = None
    kind: str = ""
    session: int | None = None
    attended: bool | None = None
    # Whether letters arrive.
    reached: bool | None = None
    # By the key of a question: the option, or the words, that were answered.
    answers: Mapping[str, str] = field(default_factory=dict)
    order: str = ""

    @property
    def is_narrow(self) -> bool:
        return self != Selection(order=self.order)

    def of(self, event: EventPage, questions: Sequence[Question] = ()) -> RegistrationQuerySet:
        """The registrations of the event that fit, each once, in no order."""
        found: RegistrationQuerySet = Registration.objects.filter(event=event.pk).order_by()
        if self.states:
            found = found.filter(state__in=self.states)
        if self.organisation:
            found = found.filter(organisation=self.organisation)
        if self.kind:
            found = found.filter(organisation__kind=self.kind)
        if self.session:
            chosen = SessionPlace.objects.filter(registration=OuterRef("pk"), session=self.session)
            found = found.filter(Exists(chosen))
        if self.attended is not None:
            found = found.filter(was_there(self.attended))
        if self.reached is not None:
            found = found.filter(is_reached() if self.reached else ~is_reached())
        by_key = {str(question.key): question for question in questions}
        for key, wanted in self.answers.items():
            if key in by_key and not by_key[key].is_sensitive:
                found = found.filter(_answered(by_key[key], wanted))
        return found.filter(_with_words(self.words))


def was_there(attended: bool) -> Q:
    present = Attendance.objects.present().filter(registration=OuterRef("pk"))
    return Q(Exists(present)) if attended else ~Q(Exists(present))


def _with_words(words: str) -> Q:
    """Each word in the name, the address or the organisation."""
    found = Q()
    # SQLite and PostgreSQL do not agree on a zero byte; nobody's name holds one.
    for word in words.replace("\x00", " ").split()[:MOST_WORDS]:
        found &= (
            Q(member__first_name__icontains=word)
            | Q(member__last_name__icontains=word)
            | Q(member__email__icontains=word)
            | Q(organisation__name__icontains=word)
            | Q(guest_name__icontains=word)
            | Q(guest_email__icontains=word)
        )
    return found


def _answered(question: Question, wanted: str) -> Q:
    place = f"answers__{question.key}"
    wanted = wanted.replace("\x00", "")
    if question.kind in {Question.Kind.YES_NO, Question.Kind.CONSENT}:
        return Q(**{place: wanted == "yes"})
    if question.kind == Question.Kind.CHOICE:
        return Q(**{place: wanted})
    if question.kind == Question.Kind.CHOICES:
        # The list as text: SQLite keeps it as it was written, PostgreSQL with its letters as they are.
        ways = {json.dumps(wanted), json.dumps(wanted, ensure_ascii=False)}
        found = Q()
        for way in sorted(ways):
            found |= Q(**{f"{place}__icontains": way})
        return found
    return Q(**{f"{place}__icontains": wanted})


# --- Pages by key: the next one begins where the last one ended, however many come before ---------------------


@dataclass(frozen=True)
class PageOfRegistrations:
    """Some of a list, and the registrations that the pages beside it begin from, if there are such."""

    rows: list[Registration]
    before: UUID | None
    after: UUID | None


@dataclass(frozen=True)
class _Order:
    fields: tuple[str, ...]
    is_descending: bool


_LATEST = _Order(("registered_at", "pk"), is_descending=True)
_BY_NAME = _Order(("sort_last", "sort_first", "pk"), is_descending=False)


def page_of(
    event: EventPage,
    found: QuerySet[Registration],
    *,
    order: str = "",
    after: UUID | None = None,
    before: UUID | None = None,
    size: int = 50,
) -> PageOfRegistrations:
    """So many after (or before) a registration; the first page where that one is not of the event.

    The latest first, or by name. At most two queries.
    """
    by = _BY_NAME if order == Selection.BY_NAME else _LATEST
    keyed = _with_keys(found)
    asked = before or after
    anchor = None
    if asked is not None:
        # Among all of the event: it may not fit any more, and its place in the order is the same.
        anchors = _with_keys(event.registrations.order_by()).filter(uuid=asked)
        anchor = anchors.values_list(*by.fields).first()
    backwards = before is not None and anchor is not None
    is_descending = by.is_descending != backwards
    if anchor is not None:
        keyed = keyed.filter(_beyond(by.fields, anchor, is_descending=is_descending))
    sign = "-" if is_descending else ""
    rows = list(keyed.order_by(*(f"{sign}{name}" for name in by.fields))[: size + 1])
    has_more = len(rows) > size
    rows = rows[:size]
    if backwards:
        rows.reverse()
    if not rows:
        return PageOfRegistrations([], None, None)
    has_before = has_more if backwards else anchor is not None
    has_after = backwards or has_more
    return PageOfRegistrations(
        rows, rows[0].uuid if has_before else None, rows[-1].uuid if has_after else None
    )


def _with_keys(registrations: QuerySet[Registration]) -> QuerySet[Registration]:
    return registrations.annotate(
        sort_last=Lower(Coalesce(F("member__last_name"), F("guest_name"), output_field=CharField())),
        sort_first=Lower(Coalesce(F("member__first_name"), F("guest_name"), output_field=CharField())),
    )


def _beyond(fields: Sequence[str], anchor: Sequence[object], *, is_descending: bool) -> Q:
    """What comes after the anchor: further in the first field, or the same in it and further in the next."""
    comparison = "lt" if is_descending else "gt"
    found, same = Q(), Q()
    for name, value in zip(fields, anchor, strict=True):
        found |= same & Q(**{f"{name}__{comparison}": value})
        same &= Q(**{name: value})
    return found
