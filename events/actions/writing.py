"""Messages of organisers to the people of their event."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from wagtail.log_actions import log

from events import messages
from events.models import EventPage, Message, Registration
from mailing import mailings
from mailing.mailings import Queued, Recipient
from mailing.models import Mailing
from members.models import User

KIND = "events/mail/message"
BATCH = 1000


@transaction.atomic
def draft_message(
    *,
    event: EventPage,
    subject: str,
    text: str,
    filters: str,
    chosen: Iterable[UUID] | None,
    actor: User,
    now: datetime,
) -> Message:
    """Keep a message that is not sent yet: for those who were ticked, or all that match the filter.

    Who matches is looked up when it is sent. Answers go to whoever wrote it.
    Raises mailing.mailings.WordingError for words that cannot be sent.
    """
    mailing = mailings.make_mailing(
        name=f"{event.title}: {subject}"[:250],
        kind=KIND,
        wording=_wording(subject, text),
        reply_to=actor.email,
        now=now,
    )
    return Message.objects.create(
        event=event,
        mailing=mailing,
        filters=filters,
        chosen=None if chosen is None else [str(uuid) for uuid in chosen],
        written_by=actor,
        written_at=now,
    )


@transaction.atomic
def change_message(*, message: Message, subject: str, text: str) -> None:
    """Give a draft other words. Raises WordingError, or MailingIsUnderWayError once it is sent."""
    mailings.change_wording(mailing=message.mailing, wording=_wording(subject, text))


@transaction.atomic
def discard_message(*, message: Message) -> bool:
    """Forget a draft; False if it is none any more."""
    mailing = Mailing.objects.select_for_update().get(pk=message.mailing_id)
    if mailing.state != Mailing.State.DRAFT or mailing.letters.exists():
        return False
    message.delete()
    mailing.delete()
    return True


def send_test_message(*, message: Message, registration: Registration, to: User) -> None:
    """Send the letter as this person would get it to whoever tries it out."""
    values = messages.values_for(registration, message.event)
    mailings.send_test_letter(mailing=message.mailing, values=values, to=to.email)


def send_message(
    *, message: Message, registrations: QuerySet[Registration], actor: User, now: datetime
) -> Queued:
    """Write a letter to each of them, and let them go. Again, it writes to nobody twice.

    Letters are written a thousand at a time and leave when the last is written: what breaks off in the
    middle is a draft still. Raises MailingIsUnderWayError once it is over.
    """
    recipients = _recipients(message, registrations)
    queued = mailings.queue_mailing(mailing=message.mailing, recipients=recipients, now=now)
    if mailings.start_mailing(mailing=message.mailing, now=now):
        log(
            instance=message.event.specific,
            action="events.send_message",
            user=actor,
            data={"mailing": str(message.mailing.uuid), "letters": queued.written + queued.repeated},
        )
    return queued


def _wording(subject: str, text: str) -> mailings.Wording:
    return mailings.keep_wording(subject=subject, text=text, placeholders=messages.PLACEHOLDERS)


def _recipients(message: Message, registrations: QuerySet[Registration]) -> Iterator[Recipient]:
    """By key, a batch at a time. Whoever has left has no address."""
    event = message.event
    in_order = registrations.select_related("member", "organisation").order_by("pk")
    last = 0
    while batch := list(in_order.filter(pk__gt=last)[:BATCH]):
        last = batch[-1].pk
        for registration in batch:
            if registration.address:
                yield Recipient(
                    to=registration.address,
                    values=messages.values_for(registration, event),
                    dedupe_key=f"events.message:{message.mailing.uuid}:{registration.uuid}",
                )
