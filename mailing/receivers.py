"""What a provider reports through django-anymail, by messages it signed or sent with our secret."""

import hashlib
from typing import Any

from anymail.signals import AnymailTrackingEvent, EventType, tracking
from django.utils import timezone

from mailing.bounces import record_event
from mailing.models import OutgoingMail
from mailing.reports import Kind

_KINDS = {
    EventType.BOUNCED: Kind.HARD,
    EventType.REJECTED: Kind.HARD,
    EventType.COMPLAINED: Kind.COMPLAINT,
    EventType.DEFERRED: Kind.SOFT,
    EventType.AUTORESPONDED: Kind.AUTOMATIC,
}
# The provider holds a letter back for a reason of its own; the address may be in order.
_NOT_ABOUT_THE_ADDRESS = {"blocked", "spam", "timed_out", "other"}


def on_tracking(*, event: AnymailTrackingEvent, esp_name: str, **_: Any) -> None:
    """A letter bounced, was put off, or was reported as spam."""
    kind = _KINDS.get(event.event_type)
    if kind is None or not event.recipient:
        return
    if kind == Kind.HARD and event.reject_reason in _NOT_ABOUT_THE_ADDRESS:
        kind = Kind.SOFT
    told = f"{esp_name}:{event.event_id or event.message_id}:{event.event_type}:{event.recipient}"
    number = str((event.metadata or {}).get("letter", ""))
    record_event(
        key=hashlib.sha256(told.encode()).hexdigest(),
        kind=kind,
        address=event.recipient,
        letter=OutgoingMail.objects.filter(pk=number).first() if number.isdecimal() else None,
        detail=" ".join((event.mta_response or event.description or event.reject_reason or "").split()),
        now=timezone.now(),
    )


def connect() -> None:
    tracking.connect(on_tracking, dispatch_uid="mailing")
