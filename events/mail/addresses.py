"""The addresses in letters about events."""

from django.urls import reverse

from events import links
from events.models import Certificate, EventPage, Registration
from mailing.letters import absolute_url


def registration_address(registration: Registration) -> str:
    return absolute_url(reverse("events:registration", args=[registration.uuid]))


def cancelling_address(registration: Registration) -> str:
    """Where whoever has the letter can cancel without signing in."""
    token = links.token(links.CANCEL, registration.uuid)
    return absolute_url(reverse("events:cancel_by_link", args=[token]))


def certificate_address(certificate: Certificate) -> str:
    """Where anyone can check it."""
    return absolute_url(reverse("certificates:certificate", args=[certificate.code]))


def entry_address(registration: Registration, event: EventPage) -> str:
    """What the code at the door says: the page on which an organiser checks this person in."""
    return absolute_url(reverse("events:check_in_person", args=[event.uuid, registration.uuid]))


def event_address(event: EventPage) -> str:
    return absolute_url(event.url or "/")
