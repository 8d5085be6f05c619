"""One's own registrations, as one's own pages show them."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from events import hours
from events.models import Certificate, Registration
from members.models import User

# What ended without a place is shown until the event is over: it is an answer somebody waits for.
SHOWN_BEFORE = [*Registration.ACTIVE, Registration.State.DECLINED, Registration.State.EXPIRED]


@dataclass(frozen=True)
class Past:
    """An event that is over, and what somebody can show for it."""

    registration: Registration
    certificate: Certificate | None

    @property
    def hours_shown(self) -> str:
        """Such as "4 hours 30 minutes"; empty without a certificate."""
        return hours.in_words(self.certificate.hours) if self.certificate else ""


def coming_registrations(member: User, now: datetime) -> list[Registration]:
    """For events that are not over, the next one first; one for each event, the active or else the last."""
    registrations = (
        Registration.objects.visible_to(member)
        .filter(state__in=SHOWN_BEFORE, event__ends_at__gte=now)
        .select_related("event")
        .order_by("event__starts_at", "event_id", "registered_at", "pk")
    )
    of_event: dict[int, Registration] = {}
    for registration in registrations:
        before = of_event.get(registration.event_id)
        if before is None or not before.is_active:
            of_event[registration.event_id] = registration
    return list(of_event.values())


def past_registrations(member: User, now: datetime) -> QuerySet[Registration]:
    """For events that are over and took place with the member's name on the list, the latest first.

    Each with its certificate, if there is one.
    """
    registrations = Registration.objects.visible_to(member).filter(
        state=Registration.State.CONFIRMED, event__ends_at__lt=now, event__cancelled_at__isnull=True
    )
    return registrations.select_related("event", "certificate").order_by("-event__starts_at", "-pk")


def with_certificate(registration: Registration) -> Past:
    """Of one that came with its certificate. One that was withdrawn is nothing to show."""
    certificate = getattr(registration, "certificate", None)
    return Past(registration, certificate if certificate and certificate.is_valid else None)
