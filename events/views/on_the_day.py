"""What a registration's page shows for the day and after it: the code for the door, materials, the certificate."""

from datetime import datetime
from typing import Any

from events import codes, hours, mail
from events.models import Certificate, EventPage, Registration
from members.models import User


def on_the_day(registration: Registration, event: EventPage, member: User, now: datetime) -> dict[str, Any]:
    """For `events/components/on_the_day.html`. One query, two when the event is over."""
    is_confirmed = registration.state == Registration.State.CONFIRMED
    is_over = event.is_over(now)  # no certificate is issued before
    shows_code = is_confirmed and event.has_door and not event.is_cancelled and not is_over
    address = mail.entry_address(registration, event) if shows_code else ""
    certificate = Certificate.objects.filter(registration=registration).first() if is_over else None
    return {
        "entry_code": codes.as_svg(address, title="Your code for the door") if shows_code else "",
        "materials": list(event.materials.visible_to(member, now).with_session_title()),
        "certificate": certificate,
        "certificate_hours": hours.in_words(certificate.hours) if certificate else "",
    }
