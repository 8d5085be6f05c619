"""What the templates of events may use: `{% load events %}`."""

from datetime import datetime

from django import template
from django.utils import timezone

from events import wording
from events.models import EventPage, Registration

register = template.Library()


@register.simple_tag
def event_moment(event: EventPage, at: datetime) -> str:
    """A moment as the clock at the event shows it: "Tuesday 18 May 2027, 9:30am"."""
    return wording.moment(at, event.time_zone)


@register.inclusion_tag("events/components/joining_link.html")
def joining_link(event: EventPage, registration: Registration | None) -> dict[str, str]:
    """How to join online, for somebody with a place: the link, or from when it shows."""
    now = timezone.now()
    if event.shows_joining_link(registration, now):
        return {"url": event.joining_url}
    if event.will_show_joining_link(registration, now):
        return {"shows_at": event_moment(event, event.joining_link_shows_at)}
    return {}
