"""What every page of an event in the admin has around it: who may see it, its title, and the ways on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from events import rules
from events.models import EventPage
from members.models import User

GET_AND_POST = ["GET", "HEAD", "POST"]

Rule = Callable[[rules.Person, EventPage], bool]


@dataclass(frozen=True)
class Tab:
    """A way to another page of the same event."""

    label: str
    url: str
    is_current: bool


def fetch(request: HttpRequest, event: int, may: Rule) -> EventPage:
    """Not found where the user has nothing to do with the event; refused where this is not among it."""
    found = get_object_or_404(EventPage.objects.run_by(request.user).defer_streamfields(), pk=event)
    if not may(request.user, found):
        raise PermissionDenied
    return found


def organiser(request: HttpRequest) -> User:
    """Who acts. Whoever gets here is signed in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def of_event(
    request: HttpRequest, event: EventPage, title: str, *, tab: str, crumb: str = ""
) -> dict[str, Any]:
    """Title, breadcrumbs and tabs. `tab` is the address's name that the page belongs to; `crumb` stands below it."""
    may_manage = rules.can_manage_registrations(request.user, event)
    tabs = list(_tabs(event, tab, may_manage=may_manage))
    current = next((each for each in tabs if each.is_current), None)
    crumbs = [
        {"url": reverse("wagtailadmin_home"), "label": "Home"},
        {"url": reverse("events_admin:events"), "label": "Events"},
        {"url": reverse("events_admin:overview", args=[event.pk]), "label": event.title},
    ]
    if current and tab != "overview":
        crumbs.append({"url": current.url, "label": current.label})
    if crumb:
        crumbs.append({"url": "", "label": crumb})
    crumbs[-1] = {"url": "", "label": crumbs[-1]["label"]}
    return {
        "event": event,
        "may_manage": may_manage,
        "tabs": tabs,
        "title": title,
        "header_title": f"{title}: {event.title}",
        "header_icon": "calendar-alt",
        "breadcrumbs_items": crumbs,
    }


def _tabs(event: EventPage, current: str, *, may_manage: bool) -> Iterator[Tab]:
    names = [("overview", "Overview"), ("registrations", "Registrations"), ("export", "Export")]
    if may_manage:
        names[2:2] = [
            ("invitations", "Invitations"),
            ("messages", "Messages"),
            ("letters", "Letters"),
            ("materials", "Materials"),
            ("team", "Team"),
        ]
    for name, label in names:
        yield Tab(label, reverse(f"events_admin:{name}", args=[event.pk]), name == current)
