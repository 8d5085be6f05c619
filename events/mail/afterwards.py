"""Letters after an event: certificates, and thanks."""

from collections.abc import Collection

from events import hours
from events.mail.addresses import certificate_address, event_address, registration_address
from events.mail.queueing import queue_to_anyone
from events.models import Certificate, EventPage, Material, Registration

# The category by which a reader stops them.
THANKS = "event_thanks"


def certificate_issued(
    registration: Registration,
    event: EventPage,
    certificate: Certificate,
    *,
    corrects: Certificate | None = None,
) -> None:
    """After the event, to everybody who was there, and again when it was corrected: `corrects` is as it was."""
    queue_to_anyone(
        "certificate_issued",
        registration,
        event,
        key=f"{certificate.code}:{certificate.issued_at.isoformat()}",
        context={
            "hours": hours.in_words(certificate.hours),
            "hours_before": hours.in_words(corrects.hours) if corrects else "",
            "was_withdrawn": corrects is not None and not corrects.is_valid,
            "certificate_url": certificate_address(certificate),
        },
    )


def certificate_withdrawn(registration: Registration, event: EventPage, certificate: Certificate) -> None:
    withdrawn_at = certificate.withdrawn_at.isoformat() if certificate.withdrawn_at else ""
    queue_to_anyone(
        "certificate_withdrawn", registration, event, key=f"{certificate.code}:{withdrawn_at}", context={}
    )


def thanks(registration: Registration, event: EventPage, *, audiences: Collection[str]) -> None:
    """A day after the end. `audiences` are those that materials of the event are open to by now."""
    certificate = getattr(registration, "certificate", None)
    has_certificate = certificate is not None and certificate.is_valid
    is_member = registration.member is not None
    has_materials = bool(audiences) if is_member else Material.Audience.EVERYONE in audiences
    where_they_are = registration_address(registration) if is_member else event_address(event)
    queue_to_anyone(
        "thanks",
        registration,
        event,
        key=str(registration.uuid),
        context={
            "materials_url": where_they_are if has_materials else "",
            "certificate_url": certificate_address(certificate) if certificate and has_certificate else "",
        },
        category=THANKS,
    )
