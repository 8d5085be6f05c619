"""Cancelling an event."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from wagtail.admin import messages

from events import actions, reach, rules
from events.admin_views import furniture
from events.forms import CancelEventForm
from events.models import EventPage, RegistrationQuerySet
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
        reached = reach.reach_of(_people(found))
        try:
            told = actions.cancel_event(
                event=found, reason=form.cleaned_data["reason"], actor=furniture.organiser(request), now=now
            )
        except ActionError as refusal:
            messages.error(request, refusal.message)
        else:
            number = max(0, told - reached.suppressed)
            people = "1 person is told" if number == 1 else f"{number:,} people are told"
            messages.success(request, f"“{found.title}” is cancelled. {people} in a letter.")
            if reached.missing:
                messages.warning(request, reached.in_words)
        return redirect("events_admin:overview", event)
    context = {
        **furniture.of_event(request, found, "Cancel this event", tab="overview", crumb="Cancel this event"),
        "form": form,
        "reach": reach.reach_of(_people(found)),
    }
    return render(request, "events/admin/cancel_event.html", context)


def _people(event: EventPage) -> RegistrationQuerySet:
    """Whom a cancellation is for. Guests came already."""
    people: RegistrationQuerySet = event.registrations.active().filter(member__isnull=False)
    return people
