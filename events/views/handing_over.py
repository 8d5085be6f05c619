"""Passing a place to a colleague: the holder offers it, the colleague takes or declines it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from events import actions, handovers, rules, together
from events.form_filling import form_for_dates
from events.models import EventPage, Handover, Registration
from events.people_forms import HandOverForm
from events.registration_forms import RegistrationForm
from events.views import courses, shared
from pages.errors import ActionError


@require_http_methods(shared.GET_AND_POST)
def hand_over(request: HttpRequest, registration: UUID) -> HttpResponse:
    """The answer depends on the domain of the address, never on who has it, if anybody has."""
    member = shared.member_of(request)
    found = shared.own_registration(request, registration)
    if not rules.can_hand_over(member, found, timezone.now()):
        if request.method == "POST":
            messages.info(request, "Nothing was passed on: this place is not yours to give any more.")
        return redirect("events:registration", found.uuid)
    dates = together.to_come(found, timezone.now())
    asks_approval = any(date.event.needs_any_approval for date in dates)
    form = HandOverForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        address = form.cleaned_data["colleague_email"]
        try:
            actions.hand_over(registration=found, colleague_email=address, actor=member, now=timezone.now())
        except (actions.OwnPlace, actions.NotAColleague) as refusal:
            form.add_error("colleague_email", refusal.message)
        except ActionError as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(
                request,
                f"If {address} belongs to a member of your organisation, we wrote to them. "
                f"The place stays yours until they take it{' and are approved' if asks_approval else ''}.",
            )
            return redirect("events:registration", found.uuid)
    context = {
        "event": found.event,
        "course": courses.course_of(found.event) if found.booked_together else None,
        "registration": found,
        "dates": dates,
        "asks_approval": asks_approval,
        "form": form,
        "crumbs": shared.crumbs_of(found.event),
    }
    return render(request, "events/hand_over.html", context)


@require_POST
def withdraw_handover(request: HttpRequest, registration: UUID) -> HttpResponse:
    member = shared.member_of(request)
    found = shared.own_registration(request, registration)
    if actions.withdraw_handover(registration=found, actor=member, now=timezone.now()):
        messages.success(request, "You keep your place. Nobody can take it any more.")
    else:
        messages.info(request, "Nothing was changed: your colleague has taken the place or declined it.")
    return redirect("events:registration", found.uuid)


@require_safe
def handover(request: HttpRequest, handover: UUID) -> HttpResponse:
    found = _own_handover(request, handover)
    return _show(request, found, _form(None, request, found))


@require_POST
def take_handover(request: HttpRequest, handover: UUID) -> HttpResponse:
    """What was found out too late for the form is said in it; all that was typed is kept."""
    found = _own_handover(request, handover)
    form = _form(request.POST, request, found)
    if form is not None and not form.is_valid():
        return _show(request, found, form)
    try:
        taken = actions.take_handover(
            handover=found,
            actor=shared.member_of(request),
            now=timezone.now(),
            answers=None if form is None else form.answers(),
        )
    except actions.AlreadyRegistered as already:
        messages.info(request, already.message)
        return redirect("events:registration", already.registration.uuid)
    except ActionError as refusal:
        form = _form(request.POST, request, found)  # anew: with the places left by now
        if form is None or not _refuse(form, refusal):
            messages.error(request, refusal.message)
            return redirect("events:handover", found.key)
        return _show(request, found, form, status=409)
    return redirect("events:registration", taken.uuid)


@require_POST
def decline_handover(request: HttpRequest, handover: UUID) -> HttpResponse:
    member = shared.member_of(request)
    found = _own_handover(request, handover)
    try:
        actions.decline_handover(handover=found, actor=member, now=timezone.now())
    except ActionError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, "You declined the place. It stays with your colleague.")
    return redirect("events:handover", found.key)


def _own_handover(request: HttpRequest, key: UUID) -> Handover:
    """One that was offered to whoever asks, for an event that they may see."""
    member = shared.member_of(request)
    own = Handover.objects.filter(
        colleague=member, registration__event__in=EventPage.objects.visible_to(member).order_by().values("pk")
    )
    own = own.select_related("registration__event", "registration__member")
    return get_object_or_404(own.defer("registration__event__body"), key=key)


def _form(data: QueryDict | None, request: HttpRequest, found: Handover) -> RegistrationForm | None:
    """What the event asks; None where it asks nothing, or the colleague answered when they asked for a place."""
    member, now = shared.member_of(request), timezone.now()
    if not rules.can_take_handover(member, found, now):
        return None
    given = handovers.held_by_giver(found, now)
    dates = [part.event for part in given]
    if any(date.needs_any_approval for date in dates):
        asked = Registration.objects.visible_to(member).active().filter(event__in=dates)
        if asked.exists():
            return None
    form = form_for_dates(data, dates, member, passed_on=given)
    return form if form.fields else None


def _refuse(form: RegistrationForm, refusal: ActionError) -> bool:
    """Put the refusal at its field; False if it is about none."""
    if isinstance(refusal, (actions.SessionsFull, actions.SessionsOverlap)):
        form.refuse_sessions(refusal.sessions, refusal.message)
        return True
    if isinstance(refusal, actions.OwnManager):
        form.add_error("manager_email", refusal.message)
        return True
    return False


def _show(
    request: HttpRequest, found: Handover, form: RegistrationForm | None, *, status: int = 200
) -> HttpResponse:
    event, now = found.registration.event, timezone.now()
    given = handovers.held_by_giver(found, now)
    context = {
        "event": event,
        "course": courses.course_of(event) if found.registration.booked_together else None,
        "dates": [part.event for part in given] or [event],
        "handover": found,
        "giver": found.registration.member,
        "can_take": rules.can_take_handover(shared.member_of(request), found, now),
        "asks_approval": any(part.event.needs_any_approval for part in given),
        "form": form,
        "crumbs": shared.crumbs_of(event),
    }
    return render(request, "events/handover.html", context, status=status)
