"""How one gets to an event: what its confirmation says, and its reminders."""

from datetime import datetime

from events.mail.queueing import moment
from events.models import EventPage, Registration


def the_way(registration: Registration, event: EventPage, now: datetime) -> dict[str, str]:
    """How one gets to the event: to the venue, by the joining link, or both."""
    shows_later = event.will_show_joining_link(registration, now)
    return {
        "joining_url": event.joining_url if event.shows_joining_link(registration, now) else "",
        "joining_from": moment(event.joining_link_shows_at, event) if shows_later else "",
        "getting_there": getting_there(event),
    }


def getting_there(event: EventPage) -> str:
    """Address, travel and access of the venue, a line each. Asks for the venue unless it came along."""
    venue = event.venue
    if venue is None or event.format == EventPage.Format.ONLINE:
        return ""
    access = f"Access: {venue.access_information}" if venue.access_information else ""
    return "\n".join(filter(None, [venue.name, venue.address, venue.map_url, venue.travel, access]))
