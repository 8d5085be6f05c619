"""How every letter about an event is put together and queued, in the transaction of its cause."""

from collections.abc import Mapping
from datetime import datetime

from events import letter_kinds, wording
from events.mail.addresses import cancelling_address, event_address, registration_address
from events.mail.files import CALENDAR_FILE
from events.models import EventPage, Registration
from events.placeholders import LetterKind
from mailing.actions import queue_letter
from mailing.attachments import AttachmentPlan
from mailing.models import Wording


def queue(
    name: str,
    registration: Registration,
    event: EventPage,
    *,
    key: str = "",
    context: Mapping[str, object] | None = None,
    attachments: tuple[AttachmentPlan, ...] = (),
    category: str = "",
) -> None:
    """Queue the letter `name`. The same `key` never queues it twice; without one, once a registration."""
    if registration.member is None:
        return
    write(
        name,
        event,
        to=registration.member.email,
        to_whom=registration,
        context={
            "where": event.where_in_full,
            "number_of_files": sum(attachment.maker == CALENDAR_FILE for attachment in attachments),
            **_addresses(registration),
            **(context or {}),
        },
        key=key or str(registration.uuid),
        attachments=attachments,
        category=category,
    )


def queue_to_anyone(
    name: str,
    registration: Registration,
    event: EventPage,
    *,
    key: str,
    context: Mapping[str, object],
    category: str = "",
) -> None:
    """As `queue`, also to guests: they have no account, so what they are sent to needs none."""
    if registration.address:
        write(
            name,
            event,
            to=registration.address,
            to_whom=registration,
            context=context,
            key=key,
            category=category,
        )


def write(
    name: str,
    event: EventPage,
    *,
    to: str,
    context: Mapping[str, object],
    key: str,
    to_whom: Registration | None = None,
    attachments: tuple[AttachmentPlan, ...] = (),
    category: str = "",
) -> None:
    """The one place where a letter that an organiser can change is queued: in their words, or in the portal's."""
    kind = letter_kinds.KINDS[name]
    facts = kind.completed({**event_facts(event), **context})
    number = event.changed_letters.get(name)
    queue_letter(
        template=template_of(kind),
        to=to,
        context=kind.values({**facts, **names_of(to_whom)}) if number else facts,
        dedupe_key=f"events.{name}:{key}",
        attachments=attachments,
        category=category,
        # Known by its number, which the event carries: no query while the event is held.
        wording=Wording(pk=number) if number else None,
    )


def template_of(kind: LetterKind) -> str:
    return f"events/mail/{kind.name}"


def event_facts(event: EventPage) -> dict[str, str]:
    """What every letter can say about the event."""
    return {
        "title": event.title,
        "when": event.when_in_full,
        "event_url": event_address(event),
    }


def names_of(registration: Registration | None) -> dict[str, str]:
    """How an organiser's words can address somebody. The portal's own never name anybody."""
    if registration is None:
        return {}
    first_name = registration.member.first_name if registration.member is not None else ""
    return {"to_name": registration.name, "to_first_name": first_name or registration.name}


def _addresses(registration: Registration) -> dict[str, str]:
    return {
        "registration_url": registration_address(registration),
        "cancel_url": cancelling_address(registration),
    }


def moment(at: datetime | None, event: EventPage) -> str:
    return wording.moment(at, event.time_zone) if at else ""
