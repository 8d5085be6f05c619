"""One's own registrations, as one's own pages show them."""

from datetime import datetime

from django.db.models import QuerySet

from events.models import Registration
from members.models import User

# What ended without a place is shown until the event is over: it is an answer somebody waits for.
SHOWN_BEFORE = [*Registration.ACTIVE, Registration.State.DECLINED, Registration.State.EXPIRED]


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
    """For events that are over and took place with the member's name on the list, the latest first."""
    registrations = Registration.objects.visible_to(member).filter(
        state=Registration.State.CONFIRMED, event__ends_at__lt=now, event__cancelled_at__isnull=True
    )
    return registrations.select_related("event").order_by("-event__starts_at", "-pk")
