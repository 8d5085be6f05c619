"""What the templates of events may use: `{% load events %}`."""

from datetime import datetime

from django import template

from events import wording
from events.models import EventPage

register = template.Library()


@register.simple_tag
def event_moment(event: EventPage, at: datetime) -> str:
    """A moment as the clock at the event shows it: "Tuesday 18 May 2027, 9:30am"."""
    return wording.moment(at, event.time_zone)
