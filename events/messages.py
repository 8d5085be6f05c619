"""What an organiser can say in a message to the people of an event: placeholders and what they stand for."""

from django.urls import reverse

from events import mail
from events.models import EventPage, Registration
from mailing.letters import absolute_url

# What an organiser can put into a message, with what it stands for.
PLACEHOLDERS = {
    "name": "first and last name",
    "first_name": "first name",
    "organisation": "where they work",
    "event": "title of the event",
    "when": "day and time",
    "where": "place, or “Online”",
    "link": "address of their registration, where they can change or cancel it",
    "event_link": "address of the event’s page",
}


def values_for(registration: Registration, event: EventPage) -> dict[str, object]:
    """What the placeholders stand for in a message to one person. A guest has no page of their own."""
    own_page = absolute_url(reverse("events:registration", args=[registration.uuid]))
    member = registration.member
    return {
        "name": registration.name,
        "first_name": member.first_name if member is not None and member.first_name else registration.name,
        "organisation": registration.organisation_name,
        "event": event.title,
        "when": event.when,
        "where": event.where_in_full,
        "link": own_page if member is not None else mail.event_address(event),
        "event_link": mail.event_address(event),
    }
