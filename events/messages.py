"""What an organiser can say in a message to the people of an event: placeholders and what they stand for."""

from django.urls import reverse

from events import mail
from events.models import EventPage, Registration
from mailing import wordings
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


def shown_subject(subject: str, event: EventPage) -> str:
    """As organisers see it in a list: what is the event's is filled in, what is each reader's is not."""
    readers = {name: "{" + name + "}" for name in PLACEHOLDERS}
    return wordings.filled(subject, {**readers, **_of_event(event)})


def _of_event(event: EventPage) -> dict[str, str]:
    return {
        "event": event.title,
        "when": event.when_in_full,
        "where": event.where_in_full,
        "event_link": mail.event_address(event),
    }


def values_for(registration: Registration, event: EventPage) -> dict[str, object]:
    """What the placeholders stand for in a message to one person. A guest has no page of their own."""
    own_page = absolute_url(reverse("events:registration", args=[registration.uuid]))
    member = registration.member
    return {
        "name": registration.name,
        "first_name": member.first_name if member is not None and member.first_name else registration.name,
        "organisation": registration.organisation_name,
        "link": own_page if member is not None else mail.event_address(event),
        **_of_event(event),
    }
