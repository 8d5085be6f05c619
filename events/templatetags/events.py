"""What the templates of events may use: `{% load events %}`."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone

from events import wording
from events.models import EventPage, Registration
from events.places import Places
from pages import dates

register = template.Library()


@register.simple_tag
def event_moment(event: EventPage, at: datetime) -> str:
    """A moment as the clock at the event shows it: "Tuesday 18 May 2027, 9:30am"."""
    return wording.moment(at, event.time_zone)


@register.simple_tag
def why_full(event: EventPage, places: Places) -> str:
    """Why nobody new gets a place, as the beginning of a sentence: "All places are taken"."""
    if not places.is_capped:
        return "All places are taken"
    most = event.places_per_organisation or 0
    theirs = "the one place" if most == 1 else f"all {most:,} places"
    return f"Your organisation has {theirs} that one organisation can have"


@register.simple_tag(takes_context=True)
def sections_of_event(context: template.Context) -> list[tuple[str, str]]:
    """Anchor and heading of each part of an event's page that is there, in their order."""
    event = context["event"]
    parts = (
        (event.body, "about", "About"),
        (context["days"], "programme", "Programme"),
        (context["speakers"], "speakers", "Speakers"),
        (context["materials"], "materials", "Materials"),
        (event.venue_id, "venue", "Venue and access"),
        (event.recorded_figures_id, "figures", "What was counted"),
    )
    return [(anchor, heading) for is_there, anchor, heading in parts if is_there]


@register.simple_tag
def link_opens(event: EventPage, registration: Registration) -> str:
    """The end of a sentence on where an event is, for somebody with a place online: ", link opens at 12:30pm"."""
    now = timezone.now()
    if event.shows_joining_link(registration, now):
        return ", link is open"
    if not event.will_show_joining_link(registration, now):
        return ""
    at, zone = event.joining_link_shows_at, ZoneInfo(event.time_zone)
    if at.astimezone(zone).date() == event.starts_at.astimezone(zone).date():
        return f", link opens at {dates.clock(at, zone)}"
    return f", link opens on {event_moment(event, at)}"


@register.inclusion_tag("events/components/joining_link.html")
def joining_link(event: EventPage, registration: Registration | None) -> dict[str, str]:
    """How to join online, for somebody with a place: the link, or from when it shows."""
    now = timezone.now()
    if event.shows_joining_link(registration, now):
        return {"url": event.joining_url}
    if event.will_show_joining_link(registration, now):
        return {"shows_at": event_moment(event, event.joining_link_shows_at)}
    return {}
