"""Cancelling an event."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from wagtail.admin import messages

from events import actions, rules
from events.admin_views import furniture
from events.forms import CancelEventForm
from pages.errors import ActionError


@require_http_methods(furniture.GET_AND_POST)
def cancel_event(request: HttpRequest, event: int) -> HttpResponse:
    """Say why, and everyone registered is told. The page stays."""
    found = furniture.fetch(request, event, rules.can_manage_registrations)
    now = timezone.now()
    if not rules.can_cancel_event(request.user, found, now):
        messages.error(request, f"“{found.title}” is over or cancelled already.")
        return redirect("events_admin:overview", event)
    form = CancelEventForm(request.POST or None)
    if form.is_valid():
        try:
            told = actions.cancel_event(
                event=found, reason=form.cleaned_data["reason"], actor=furniture.organiser(request), now=now
            )
        except ActionError as refusal:
            messages.error(request, refusal.message)
        else:
            people = "1 person is told" if told == 1 else f"{told:,} people are told"
            messages.success(request, f"“{found.title}” is cancelled. {people} in a letter.")
        return redirect("events_admin:overview", event)
    context = {
        **furniture.of_event(request, found, "Cancel this event", tab="overview", crumb="Cancel this event"),
        "form": form,
        "number": found.registrations.active().count(),
    }
    return render(request, "events/admin/cancel_event.html", context)
