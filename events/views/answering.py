"""Answers and sessions of one's registration: reading and changing them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from events import actions, handovers, rules
from events.answers import answered
from events.form_filling import form_for
from events.missed import missed_by
from events.models import EventPage, ManagerApproval, Registration, SensitiveAnswers, Session
from events.views import shared
from members.models import User
from pages.errors import ActionError


@require_http_methods(shared.GET_AND_POST)
def change_answers(request: HttpRequest, registration: UUID) -> HttpResponse:
    member = shared.member_of(request)
    found = shared.own_registration(request, registration)
    now = timezone.now()
    found.event = event = _with_form(found.event)
    if not rules.can_change_answers(member, found, now) or not _asks_anything(event):
        return redirect("events:registration", found.uuid)  # which says what can be done
    form = form_for(request.POST if request.method == "POST" else None, event, member, registration=found)
    status = 200
    if form.is_valid():
        try:
            changed = actions.change_answers(
                registration=found, answers=form.answers(), actor=member, now=now
            )
        except (actions.SessionsFull, actions.SessionsOverlap) as refusal:
            form = form_for(request.POST, event, member, registration=found)
            form.refuse_sessions(refusal.sessions, refusal.message)
            status = 409
        except ActionError as refusal:
            form.add_error(None, refusal.message)
            status = 409
        else:
            _say_what_came_of_it(request, found, changed)
            return redirect("events:registration", found.uuid)
    context = {
        "event": event,
        "registration": found,
        "form": form,
        "crumbs": shared.crumbs_of(event),
    }
    return render(request, "events/change_answers.html", context, status=status)


def shown_with(registration: Registration, member: User, now: datetime) -> dict[str, Any]:
    """What one's registration shows beside its state: answers, sessions, approval, a place on offer.

    Queries only for what the event asks.
    """
    event = _with_form(registration.event)
    return {
        "answers": _answers_of(registration, event) if event.number_of_questions else [],
        "sessions": _sessions_of(registration) if event.number_to_choose else [],
        "missed": _missed_by(registration) if event.number_to_choose else [],
        "asks_anything": _asks_anything(event),
        "can_change": _asks_anything(event) and rules.can_change_answers(member, registration, now),
        "can_ask_manager": rules.can_ask_manager(member, registration, now),
        "manager": (
            ManagerApproval.objects.filter(registration=registration).first() if event.needs_manager else None
        ),
        **_passing_on(registration, member, now),
    }


def _passing_on(registration: Registration, member: User, now: datetime) -> dict[str, Any]:
    """Whether a place can go to a colleague, is on its way to one, or is kept by one for this registration."""
    can_hand_over = rules.can_hand_over(member, registration, now)
    handed_over = handovers.open_of(registration) if can_hand_over else None
    is_awaiting = registration.state == Registration.State.AWAITING_APPROVAL
    return {
        "can_hand_over": can_hand_over and (handed_over is None or not handed_over.is_accepted),
        "handed_over": handed_over,
        "is_kept_by_colleague": is_awaiting and handovers.is_accepted_for(registration),
    }


def _with_form(event: EventPage) -> EventPage:
    """The same event, counted with what its form needs. One query, if it was not counted yet."""
    if hasattr(event, "number_of_questions"):
        return event
    numbers = EventPage.objects.filter(pk=event.pk).with_form()
    event.number_of_questions, event.number_to_choose = numbers.values_list(
        "number_of_questions", "number_to_choose"
    ).get()
    return event


def _asks_anything(event: EventPage) -> bool:
    return bool(event.number_of_questions or event.number_to_choose)


def _answers_of(registration: Registration, event: EventPage) -> list[Any]:
    questions = list(event.questions.all())
    given = dict(registration.answers)
    if any(question.is_sensitive for question in questions):
        sensitive = SensitiveAnswers.objects.filter(registration=registration).first()
        given |= sensitive.answers if sensitive else {}
    return answered(questions, given)


def _sessions_of(registration: Registration) -> list[Any]:
    places = registration.session_places.select_related("session")
    return [place.session for place in places.order_by("session__starts_at", "session__stream", "pk")]


def _missed_by(registration: Registration) -> list[Session]:
    """Whose time is empty, of a registration that holds a place."""
    return missed_by([registration]).get(registration.pk, []) if registration.holds_a_place else []


def _say_what_came_of_it(request: HttpRequest, before: Registration, after: Registration) -> None:
    state = Registration.State.AWAITING_APPROVAL
    if after.state == state and before.state != state:
        messages.info(request, "Your answers are saved. Your registration has to be approved again.")
    else:
        messages.success(request, "Your answers are saved.")
