"""What the Wagtail admin shows of events beside the pages: registrations, numbers, and what is refused."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils import timezone
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.ui.components import Component
from wagtail.admin.widgets.button import Button
from wagtail.log_actions import LogActionRegistry
from wagtail.models import Page
from wagtail.snippets.models import register_snippet

from events import admin_views, rules
from events.models import EventPage, Registration
from events.viewsets import RecordedFiguresViewSet
from members.models import User

EVENTS_ON_PANEL = 5

register_snippet(RecordedFiguresViewSet)


@hooks.register("register_admin_urls")
def register_admin_urls() -> list[URLPattern | URLResolver]:
    registrations = admin_views.RegistrationsView
    patterns = [
        path("<int:event>/registrations/", registrations.as_view(), name="registrations"),
        path(
            "<int:event>/registrations/results/",
            registrations.as_view(results_only=True),
            name="registrations_results",
        ),
        path(
            "<int:event>/registrations/<uuid:registration>/cancel-registration/",
            admin_views.cancel_registration,
            name="cancel_registration",
        ),
        path("<int:event>/cancel-event/", admin_views.cancel_event, name="cancel_event"),
    ]
    return [path("events/", include((patterns, "events_admin")))]


@hooks.register("register_permissions")
def register_permissions() -> QuerySet[Permission]:
    return Permission.objects.filter(content_type__app_label="events", codename="manage_registrations")


@hooks.register("register_log_actions")
def register_log_actions(actions: LogActionRegistry) -> None:
    actions.register_action(
        "events.cancel_event", "Cancel event", "Event cancelled, everyone registered told"
    )
    actions.register_action(
        "events.cancel_registration", "Cancel registration", "Registration cancelled for a member"
    )


# --- Ways to the registrations -------------------------------------------------------------------------------


@hooks.register("register_page_header_buttons")
@hooks.register("register_page_listing_more_buttons")
def add_event_buttons(page: Page, user: User, **_kwargs: Any) -> Iterator[Button]:
    if not _is_event(page) or not rules.can_manage_registrations(user):
        return
    yield Button(
        "Registrations",
        reverse("events_admin:registrations", args=[page.pk]),
        icon_name="group",
        priority=12,
    )
    event = page.specific
    if rules.can_cancel_event(user, event, timezone.now()):
        yield Button(
            "Cancel this event",
            reverse("events_admin:cancel_event", args=[page.pk]),
            icon_name="cross",
            priority=55,
        )


class NextEventsPanel(Component):
    """The next events with their numbers."""

    name = "next_events"
    template_name = "events/admin/next_events.html"
    order = 110

    def get_context_data(self, parent_context: Mapping[str, Any] | None) -> dict[str, Any]:
        events = EventPage.objects.live().upcoming(timezone.now()).filter(cancelled_at__isnull=True)
        return {"events": events.with_places().for_cards()[:EVENTS_ON_PANEL]}


@hooks.register("construct_homepage_panels")
def add_next_events_panel(request: HttpRequest, panels: list[Component]) -> None:
    if rules.can_manage_registrations(request.user):
        panels.append(NextEventsPanel())


# --- What is refused -----------------------------------------------------------------------------------------


@hooks.register("before_delete_page")
def keep_events_with_registrations(request: HttpRequest, page: Page) -> HttpResponse | None:
    """People registered: their letters, calendars and records point here."""
    found = Registration.objects.filter(event__in=_events_below(page))
    return _refuse(request, page, found, "deleted")


@hooks.register("before_unpublish_page")
def keep_events_that_people_come_to(request: HttpRequest, page: Page) -> HttpResponse | None:
    """An event that people are going to cannot vanish without a word."""
    now = timezone.now()
    ahead = _events_below(page).filter(ends_at__gte=now, cancelled_at__isnull=True)
    return _refuse(request, page, Registration.objects.active().filter(event__in=ahead), "unpublished")


@hooks.register("before_bulk_action")
def keep_events_in_bulk(
    request: HttpRequest, action_type: str, objects: list[Any], _action: Any
) -> HttpResponse | None:
    refusals = {"delete": keep_events_with_registrations, "unpublish": keep_events_that_people_come_to}
    refuse = refusals.get(action_type)
    if refuse is None:
        return None
    answers = (refuse(request, page) for page in objects if isinstance(page, Page))
    return next((answer for answer in answers if answer), None)


def _refuse(
    request: HttpRequest, page: Page, registrations: QuerySet[Registration], done: str
) -> HttpResponse | None:
    """Say how many registrations stand against it and what to do instead; None if there are none."""
    number = registrations.count()
    if not number:
        return None
    registered = "1 registration" if number == 1 else f"{number:,} registrations"
    messages.error(
        request,
        f"“{page.title}” cannot be {done}: there {'is' if number == 1 else 'are'} {registered}. "
        "Cancel the event instead: everyone registered is told, and its page stays.",
    )
    if _is_event(page):
        return redirect("events_admin:registrations", page.pk)
    return redirect("wagtailadmin_explore", page.pk)


def _is_event(page: Page) -> bool:
    return issubclass(page.specific_class or Page, EventPage)


def _events_below(page: Page) -> QuerySet[EventPage]:
    return EventPage.objects.descendant_of(page, inclusive=True).order_by()
