"""The registration form of one event or of a course: empty, as a registration stands, or for a place passed on."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.dateparse import parse_date

from events import answers
from events.models import (
    EventPage,
    Question,
    Registration,
    SensitiveAnswers,
    Session,
    SessionPlace,
    SessionSpeaker,
)
from events.models.programme import names_by_session
from events.registration_forms import RegistrationForm, name_of
from events.session_fields import NONE_OF_THESE, About, name_of_slot
from members.models import User


def form_for(
    data: Any,
    event: EventPage,
    member: User | None,
    *,
    registration: Registration | None = None,
    with_sensitive: bool = True,
) -> RegistrationForm:
    """The form of one event, empty or as the registration stands. Asks for nothing where nothing is asked.

    The event comes `with_form`. None to five queries.
    """
    questions = list(event.questions.all()) if event.number_of_questions else []
    if not with_sensitive:
        questions = answers.without_sensitive(questions)
    sessions = (
        list(Session.objects.filter(event=event).to_choose().in_order()) if event.number_to_choose else []
    )
    kept = frozenset(
        registration.session_places.values_list("session", flat=True) if registration and sessions else ()
    )
    initial = _initial_of(registration, questions, sessions, kept) if registration else {}
    return RegistrationForm(
        data,
        initial=initial,
        event=event,
        questions=questions,
        sessions=sessions,
        about=_about(sessions, [event], _taken(sessions), kept),
        member=member,
        asks_manager=event.needs_manager and registration is None,
        warns=registration is not None and event.needs_any_approval,
    )


def form_for_dates(
    data: Any, dates: list[EventPage], member: User, *, passed_on: Sequence[Registration] = ()
) -> RegistrationForm:
    """One form for all dates of a course: each question once, the sessions of every date.

    `passed_on` are registrations whose places go over: their sessions are chosen to begin with, and have room.
    """
    questions: dict[Any, Question] = {}
    for question in Question.objects.filter(event__in=dates).order_by("event__starts_at", "sort_order", "pk"):
        questions.setdefault(question.key, question)
    sessions = list(Session.objects.filter(event__in=dates).to_choose().in_order())
    places = SessionPlace.objects.filter(registration__in=passed_on) if passed_on and sessions else []
    given = {place.session_id for place in places}
    return RegistrationForm(
        data,
        initial=_initial_sessions(session for session in sessions if session.pk in given),
        event=dates[0],
        questions=questions.values(),
        sessions=sessions,
        about=_about(sessions, dates, Counter(_taken(sessions)) - Counter(given)),
        member=member,
        asks_manager=any(date.needs_manager for date in dates),
    )


def _about(
    sessions: list[Session],
    events: Sequence[EventPage],
    taken: Mapping[int, int],
    kept: frozenset[int] = frozenset(),
) -> About:
    """One query, where there is something to choose."""
    if not sessions:
        return About()
    url_of = {event.pk: event.session_url for event in events}
    return About(
        taken=taken,
        speakers=names_by_session(SessionSpeaker.objects.filter(session__in=sessions)),
        urls={session.pk: url_of[session.event_id](session) for session in sessions},
        kept=kept,
    )


def _taken(sessions: list[Session]) -> dict[int, int]:
    limited = [session.pk for session in sessions if session.capacity is not None]
    if not limited:
        return {}
    return SessionPlace.objects.taken().filter(session__in=limited).count_by_session()


def _initial_of(
    registration: Registration,
    questions: list[Question],
    sessions: list[Session],
    kept: frozenset[int],
) -> dict[str, Any]:
    given = dict(registration.answers)
    if any(question.is_sensitive for question in questions):
        sensitive = SensitiveAnswers.objects.filter(registration=registration).first()
        given |= sensitive.answers if sensitive else {}
    initial = {name_of(question): _as_typed(given.get(str(question.key)), question) for question in questions}
    # Whoever answered and chose nothing at a time chose “None of these” there.
    none = {name_of_slot(session): NONE_OF_THESE for session in sessions} if registration.answered_at else {}
    # One that was cancelled is there to choose no more: that time is asked for again.
    chosen = registration.event.sessions.filter(pk__in=kept) if kept else []
    return initial | none | _initial_sessions(chosen)


def _initial_sessions(sessions: Iterable[Session]) -> dict[str, Any]:
    return {name_of_slot(session): str(session.pk) for session in sessions}


def _as_typed(value: Any, question: Question) -> Any:
    """What is kept, as the field of the question takes it; nothing where the question became another."""
    kind = question.kind
    if kind == Question.Kind.CONSENT:
        return value is True
    if kind == Question.Kind.YES_NO:
        return ("yes" if value else "no") if isinstance(value, bool) else None
    if kind == Question.Kind.CHOICES:
        return value if isinstance(value, list) else []
    if kind == Question.Kind.DATE and isinstance(value, str):
        return parse_date(value) if len(value) == len("2026-12-03") else None
    return None if isinstance(value, (bool, list)) else value
