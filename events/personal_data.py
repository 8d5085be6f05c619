"""What events hold about a member: their registrations, and the address of their calendar."""

from datetime import datetime

from events import actions
from events.models import PersonalCalendar, Registration
from members.models import User


def collect_registrations(member: User) -> list[dict[str, object]]:
    registrations = (
        Registration.objects.filter(member=member)
        .select_related("event", "organisation")
        .defer("event__body")
        .order_by("registered_at", "pk")
    )
    return [
        {
            "event": registration.event.title,
            "when": registration.event.when,
            "where": registration.event.where,
            "organisation": registration.organisation.name if registration.organisation else None,
            "state": registration.get_state_display(),
            "registered_at": registration.registered_at,
            "confirmed_at": registration.confirmed_at,
            "number_in_line": registration.waiting_number,
            "offered_until": registration.offer_expires_at,
            "cancelled_at": registration.cancelled_at,
            "reminded_at": registration.reminded_at,
        }
        for registration in registrations
    ]


def erase_registrations(member: User, now: datetime) -> None:
    """Give up the places that are still ahead, so that others get them; the rest stays without the name."""
    registrations = Registration.objects.filter(member=member)
    ahead = registrations.active().filter(event__ends_at__gte=now, event__cancelled_at__isnull=True)
    for registration in ahead.select_related("event").order_by("event", "pk"):
        actions.cancel_registration(registration=registration, actor=member, now=now, tells_member=False)
    registrations.update(member=None)


def collect_calendar(member: User) -> list[dict[str, object]]:
    """That there is an address, and since when. It opens the calendar to whoever reads it, so it stays out."""
    calendars = PersonalCalendar.objects.filter(member=member)
    return [{"made_at": calendar.made_at} for calendar in calendars]


def erase_calendar(member: User, _now: datetime) -> None:
    actions.end_calendar(member=member)
