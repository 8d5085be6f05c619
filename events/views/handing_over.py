"""Passing a place to a colleague: the holder offers it, the colleague takes or declines it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from events import actions, rules
from events.models import EventPage, Handover
from events.registration_forms import HandOverForm
from events.views import shared
from pages.errors import ActionError


@require_http_methods(shared.GET_AND_POST)
def hand_over(request: HttpRequest, registration: UUID) -> HttpResponse:
    """The answer is the same whoever has the address, if anybody has."""
    member = shared.member_of(request)
    found = shared.own_registration(request, registration)
    if not rules.can_hand_over(member, found, timezone.now()):
        return redirect("events:registration", found.uuid)
    form = HandOverForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        address = form.cleaned_data["colleague_email"]
        try:
            actions.hand_over(registration=found, colleague_email=address, actor=member, now=timezone.now())
        except ActionError as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(
                request,
                f"If {address} belongs to a member of your organisation, we wrote to them. "
                "The place stays yours until they take it.",
            )
            return redirect("events:registration", found.uuid)
    context = {
        "event": found.event,
        "registration": found,
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
    return redirect("events:registration", found.uuid)


@require_safe
def handover(request: HttpRequest, handover: UUID) -> HttpResponse:
    found = _own_handover(request, handover)
    event = found.registration.event
    context = {
        "event": event,
        "handover": found,
        "giver": found.registration.member,
        "can_take": rules.can_take_handover(shared.member_of(request), found, timezone.now()),
        "crumbs": shared.crumbs_of(event),
    }
    return render(request, "events/handover.html", context)


@require_POST
def take_handover(request: HttpRequest, handover: UUID) -> HttpResponse:
    member = shared.member_of(request)
    found = _own_handover(request, handover)
    try:
        taken = actions.take_handover(handover=found, actor=member, now=timezone.now())
    except actions.AlreadyRegistered as already:
        messages.info(request, already.message)
        return redirect("events:registration", already.registration.uuid)
    except ActionError as refusal:
        messages.error(request, refusal.message)
        return redirect("events:handover", found.key)
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
