"""What the tests of forms fill in and read."""

import re

from django.urls import reverse

from events.models import EventPage, Session


def whole(event) -> EventPage:
    return EventPage.objects.with_form().get(pk=event.pk)


def url_of(verb: str, event_or_registration) -> str:
    return reverse(f"events:{verb}", args=[event_or_registration.uuid])


def slot(session: Session) -> str:
    return f"sessions-{int(session.starts_at.timestamp())}"


def text(response) -> str:
    return " ".join(response.content.decode().split())


def said(response) -> list[str]:
    """What the page after a redirect says."""
    return [str(message) for message in response.context["messages"]]


def errors_in(response) -> list[str]:
    """What the error summary says."""
    summary = re.search(r'error-summary__list">(.*?)</ul>', response.content.decode(), re.DOTALL)
    return [one.strip() for one in re.findall(r"<a[^>]*>(.*?)</a>", summary[1], re.DOTALL)] if summary else []
