"""What people answer when they register, and which sessions they choose."""

from datetime import datetime

from django.db import transaction

from events import line
from events.actions import approving, checks
from events.actions.errors import (
    AnswersFinal,
    RegistrationEnded,
    SessionGone,
    SessionsFull,
    SessionsOverlap,
)
from events.answers import NO_ANSWERS, Answers, changed, overlapping
from events.models import EventPage, Question, Registration, SensitiveAnswers, SessionPlace
from members.models import User

State = Registration.State


def save_with_answers(new: Registration, event: EventPage, answers: Answers, now: datetime) -> None:
    """Save a new registration with all that the form brought in. Raises what `choose_sessions` raises."""
    if answers is not NO_ANSWERS:
        new.answers = dict(answers.plain)
        new.answered_at = now
    new.save()
    if answers.sensitive:
        SensitiveAnswers.objects.create(registration=new, answers=dict(answers.sensitive))
    if answers.sessions:
        choose_sessions(new, event, answers.sessions, now)


def choose_sessions(
    registration: Registration, event: EventPage, wanted: frozenset[int], now: datetime
) -> bool:
    """Make these the sessions somebody chose; whether that changed anything. With the event's row held.

    Places in sessions are counted for those who hold a place; whoever waits may choose a full one, and is
    told when their turn comes. Raises SessionGone, SessionsOverlap or SessionsFull.
    """
    had = set(registration.session_places.values_list("session", flat=True))
    added = wanted - had
    dropped = had - wanted
    if not added and not dropped:
        return False
    sessions = {session.pk: session for session in event.sessions.filter(pk__in=wanted)}
    if len(sessions) < len(wanted) or not all(
        session.is_chosen and not session.is_cancelled for pk, session in sessions.items() if pk in added
    ):
        raise SessionGone
    if clash := overlapping(sessions.values()):
        raise SessionsOverlap(*clash)
    if registration.holds_a_place and added:
        taken = SessionPlace.objects.taken().filter(session__in=added).count_by_session()
        full = [sessions[pk] for pk in sorted(added) if sessions[pk].is_full(taken.get(pk, 0))]
        if full:
            raise SessionsFull(full)
    if dropped:
        registration.session_places.filter(session__in=dropped).delete()
    SessionPlace.objects.bulk_create(
        SessionPlace(registration=registration, session_id=pk, chosen_at=now) for pk in sorted(added)
    )
    return True


@transaction.atomic
def change_answers(
    *, registration: Registration, answers: Answers, actor: User, now: datetime
) -> Registration:
    """Put new answers in the place of the old ones, and change the sessions.

    Where the event approves registrations and an answer that matters changed, it waits for approval again;
    until then it holds no place. Not when an organiser changes it: they know.
    Raises RegistrationEnded, AnswersFinal, EventCancelled, EventOver, or what `book_place` raises of sessions.
    """
    event, registration = line.lock_both(registration)
    checks.check_on(event, now)
    if not registration.is_active:
        raise RegistrationEnded
    is_own = actor.pk == registration.member_id
    if is_own and now >= event.answers_final_at:
        raise AnswersFinal(event)
    altered = _altered(event, registration, answers)
    has_other_sessions = choose_sessions(registration, event, answers.sessions, now)
    _keep(registration, answers, now)
    checks.note(
        "change_answers",
        registration,
        actor,
        now,
        questions=[str(question.key) for question in altered],
        sessions_changed=has_other_sessions,
    )
    if is_own and event.needs_any_approval and any(question.needs_new_approval for question in altered):
        approving.ask_anew(registration, event, now)
        line.settle(event, now)
    return registration


def _altered(event: EventPage, registration: Registration, answers: Answers) -> list[Question]:
    """The questions that are answered otherwise now."""
    sensitive = SensitiveAnswers.objects.filter(registration=registration).first()
    before = {**registration.answers, **(sensitive.answers if sensitive else {})}
    return changed(event.questions.all(), before, {**answers.plain, **answers.sensitive})


def _keep(registration: Registration, answers: Answers, now: datetime) -> None:
    registration.answers = dict(answers.plain)
    registration.answered_at = now
    registration.save(update_fields=["answers", "answered_at"])
    if answers.sensitive:
        SensitiveAnswers.objects.update_or_create(
            registration=registration, defaults={"answers": dict(answers.sensitive)}
        )
    else:
        SensitiveAnswers.objects.filter(registration=registration).delete()
