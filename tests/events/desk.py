"""How organisers find their pages in the admin, and how the tests read them."""

import re

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from events.models import EventPage


def url(name: str, *args) -> str:
    return reverse(f"events_admin:{name}", args=args)


def list_url(event: EventPage) -> str:
    return url("registrations", event.pk)


def cancel_event_url(event: EventPage) -> str:
    return url("cancel_event", event.pk)


def text(response) -> str:
    """The words of a page, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def html(response) -> str:
    return " ".join(response.content.decode().split())


def names(response) -> list[str]:
    """Whose registrations a list shows, in its order."""
    return [registration.member.last_name for registration in response.context["page"].rows]


def cost_of(desk, address: str) -> int:
    desk.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert desk.get(address).status_code == 200
    return len(captured)


def told(response) -> list[str]:
    """What the page after a redirect says."""
    return [str(message).strip() for message in response.context["messages"]]


def states(event: EventPage) -> list[str]:
    """Of all registrations of an event, in the order in which they came."""
    return list(event.registrations.order_by("pk").values_list("state", flat=True))
