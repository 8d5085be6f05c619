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
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component
from wagtail.admin.widgets.button import Button
from wagtail.log_actions import LogActionRegistry
from wagtail.models import Page
from wagtail.snippets.models import register_snippet

from events import programme_admin, retelling, rules
from events.models import EventPage, InvitationWave, Registration
from events.viewsets import RecordedFiguresViewSet, SpeakerViewSet, VenueViewSet
from members.models import User

EVENTS_ON_PANEL = 5

# What happens to an event as a whole, for the history of its page: verb, name, what happened.
OF_EVENTS = (
    ("cancel_event", "Cancel event", "Event cancelled, everyone registered told"),
    ("export_registrations", "Export registrations", "Registrations exported to a file"),
    ("change_letter", "Change letter", "Words of one of the event’s letters changed"),
    ("restore_letter", "Restore letter", "One of the event’s letters says again what the portal says"),
    ("send_message", "Send message", "Message sent to people of the event"),
    ("start_wave", "Send invitations", "A round of invitations started"),
    ("pause_wave", "Pause invitations", "A round of invitations paused"),
    ("resume_wave", "Resume invitations", "A round of invitations goes on"),
    ("cancel_wave", "Cancel invitations", "A round of invitations cancelled"),
    ("stop_reminders", "Stop reminders", "No more reminders of a round of invitations"),
    ("export_invitations", "Export invitations", "Who was invited exported to a file"),
    ("add_material", "Add material", "Material added"),
    ("change_material", "Change material", "Material changed"),
    ("remove_material", "Remove material", "Material removed, its file erased"),
    ("add_team_member", "Add to the team", "Somebody added to the event’s team"),
    ("change_team_member", "Change role", "Somebody on the event’s team may do something else"),
    ("remove_team_member", "Remove from the team", "Somebody taken off the event’s team"),
)

register_snippet(RecordedFiguresViewSet)
register_snippet(VenueViewSet)
register_snippet(SpeakerViewSet)

hooks.register("before_copy_page", programme_admin.copy_event)
hooks.register("after_create_page", programme_admin.warn_of_speakers)
hooks.register("after_edit_page", programme_admin.warn_of_speakers)


@hooks.register("register_admin_urls")
def register_admin_urls() -> list[URLPattern | URLResolver]:
    return [path("events/", include("events.admin_urls"))]


@hooks.register("register_permissions")
def register_permissions() -> QuerySet[Permission]:
    return Permission.objects.filter(content_type__app_label="events", codename="manage_registrations")


@hooks.register("register_log_actions")
def register_log_actions(actions: LogActionRegistry) -> None:
    for verb, label, told in OF_EVENTS:
        actions.register_action(f"events.{verb}", label, told)
    for verb, told in retelling.TOLD.items():
        label = verb.replace("_", " ").capitalize()
        actions.register_action(f"events.{verb}", label, f"Of a registration: {told}")


# --- Ways to the registrations -------------------------------------------------------------------------------


@hooks.register("register_page_header_buttons")
@hooks.register("register_page_listing_more_buttons")
def add_event_buttons(page: Page, user: User, **_kwargs: Any) -> Iterator[Button]:
    if not _is_event(page):
        return
    event = page.specific
    if not rules.can_read_registrations(user, event):
        return
    yield Button(
        "Numbers and registrations",
        reverse("events_admin:overview", args=[page.pk]),
        icon_name="group",
        priority=12,
    )
    if rules.can_cancel_event(user, event, timezone.now()):
        yield Button(
            "Cancel this event",
            reverse("events_admin:cancel_event", args=[page.pk]),
            icon_name="cross",
            priority=55,
        )


class EventsMenuItem(MenuItem):
    """The way to the events that somebody runs."""

    def is_shown(self, request: HttpRequest) -> bool:
        return rules.reads_any_event(request.user)


@hooks.register("register_admin_menu_item")
def register_events_menu_item() -> MenuItem:
    return EventsMenuItem(
        "Events", reverse("events_admin:events"), name="events", icon_name="calendar-alt", order=150
    )


class NextEventsPanel(Component):
    """What waits for an organiser, and the next events with their numbers. Two queries."""

    name = "next_events"
    template_name = "events/admin/next_events.html"
    order = 110

    def __init__(self, user: rules.Person) -> None:
        self.user = user

    def get_context_data(self, parent_context: Mapping[str, Any] | None) -> dict[str, Any]:
        now = timezone.now()
        events = EventPage.objects.read_by(self.user).live().upcoming(now).filter(cancelled_at__isnull=True)
        managed = EventPage.objects.managed_by(self.user).upcoming(now)
        to_approve = managed.with_number_to_approve().filter(number_to_approve__gt=0).for_cards()
        return {
            "to_approve": to_approve[:EVENTS_ON_PANEL],
            "events": events.with_places().for_cards()[:EVENTS_ON_PANEL],
        }


@hooks.register("construct_homepage_panels")
def add_next_events_panel(request: HttpRequest, panels: list[Component]) -> None:
    if rules.reads_any_event(request.user):
        panels.append(NextEventsPanel(request.user))


# --- What is refused -----------------------------------------------------------------------------------------


@hooks.register("before_delete_page")
def keep_events_with_registrations(request: HttpRequest, page: Page) -> HttpResponse | None:
    """People registered: their letters, calendars and records point here."""
    found = Registration.objects.filter(event__in=_events_below(page))
    return _refuse(request, page, found, "deleted") or _refuse_while_inviting(request, page, "deleted")


@hooks.register("before_unpublish_page")
def keep_events_that_people_come_to(request: HttpRequest, page: Page) -> HttpResponse | None:
    """An event that people are going to cannot vanish without a word."""
    now = timezone.now()
    ahead = _events_below(page).filter(ends_at__gte=now, cancelled_at__isnull=True)
    coming = Registration.objects.active().filter(event__in=ahead)
    return _refuse(request, page, coming, "unpublished") or _refuse_while_inviting(
        request, page, "unpublished"
    )


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
        return redirect("events_admin:overview", page.pk)
    return redirect("wagtailadmin_explore", page.pk)


def _refuse_while_inviting(request: HttpRequest, page: Page, done: str) -> HttpResponse | None:
    """The link in each invitation leads to the event. None if nothing is being sent."""
    sending = InvitationWave.objects.under_way().filter(event__in=_events_below(page)).first()
    if sending is None:
        return None
    messages.error(
        request,
        f"“{page.title}” cannot be {done} while invitations are being sent. Cancel the invitations first.",
    )
    return redirect("events_admin:wave", sending.event_id, sending.uuid)


def _is_event(page: Page) -> bool:
    return issubclass(page.specific_class or Page, EventPage)


def _events_below(page: Page) -> QuerySet[EventPage]:
    return EventPage.objects.descendant_of(page, inclusive=True).order_by()
