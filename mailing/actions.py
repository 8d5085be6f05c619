"""What happens to letters: they are queued, sent again, cancelled and forgotten."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.template import Context, Engine
from django.utils import timezone
from django.utils.crypto import salted_hmac

from mailing.broker import nudge
from mailing.letters import compose, plain_values
from mailing.models import DEDUPE_KEY_LIMIT, OutgoingMail, Priority
from mailing.tasks import deliver_letter

ERASE_BATCH = 1000


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a letter. The content type may carry parameters ("text/calendar; method=PUBLISH")."""

    filename: str
    content_type: str
    content: bytes


def queue_letter(
    *,
    template: str,
    to: str,
    context: Mapping[str, object],
    dedupe_key: str,
    attachments: Sequence[Attachment] = (),
    priority: Priority = Priority.NORMAL,
    unsubscribe_url: str = "",
) -> None:
    """Write the letter `template` to one address: it is sent once the transaction commits.

    Called inside the transaction of its cause, so the letter exists exactly if its cause does. One
    INSERT; with a `dedupe_key` that was used before, nothing happens. A dead broker is logged, never
    raised: the sweep finds the row within a minute. `context` holds values only (texts, numbers,
    dates and lists of them), because the letter is written now and delivered later.

    Raises LetterFormatError if the template does not start with a subject, and ValueError for a key
    that is too long.
    """
    if len(dedupe_key) > DEDUPE_KEY_LIMIT:
        raise ValueError(f"A dedupe key has at most {DEDUPE_KEY_LIMIT} characters.")
    # The context is escaped when the HTML part is made, not here: the same words are plain text too.
    rendered = (
        Engine.get_default()
        .get_template(f"{template}.txt")
        .render(Context(plain_values(context), autoescape=False))
    )
    letter = compose(rendered, unsubscribe_url=unsubscribe_url)
    now = timezone.now()
    # Not ignore_conflicts: on SQLite that swallows every broken constraint, and with it the letter.
    [row] = OutgoingMail.objects.bulk_create(
        [
            OutgoingMail(
                dedupe_key=dedupe_key,
                message_id=_message_id(dedupe_key),
                kind=template,
                recipient=to,
                subject=letter.subject,
                text=letter.text,
                html=letter.html,
                attachments=[_stored(attachment) for attachment in attachments],
                headers=_headers(unsubscribe_url),
                priority=priority,
                next_attempt_at=now,
                created_at=now,
            )
        ],
        update_conflicts=True,
        unique_fields=["dedupe_key"],
        update_fields=["dedupe_key"],
    )
    if priority != Priority.BULK:
        nudge(deliver_letter, letter=row.pk)


def _message_id(dedupe_key: str) -> str:
    """The same for the same cause, and telling nothing about it."""
    host = urlsplit(settings.BASE_URL).hostname or "localhost"
    return f"<{salted_hmac('mailing.message_id', dedupe_key, algorithm='sha256').hexdigest()[:32]}@{host}>"


def _headers(unsubscribe_url: str) -> dict[str, str]:
    """What tells other machines that a machine wrote this: no answers from absence notices."""
    headers = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
    if unsubscribe_url:
        headers["List-Unsubscribe"] = f"<{unsubscribe_url}>"
    return headers


def _stored(attachment: Attachment) -> dict[str, str]:
    return {
        "filename": attachment.filename,
        "content_type": attachment.content_type,
        "content": base64.b64encode(attachment.content).decode("ascii"),
    }


def send_letter_again(*, letter: OutgoingMail, now: datetime) -> bool:
    """Queue a letter that failed or was cancelled; False if it is not one, or its text is erased."""
    revived = (
        OutgoingMail.objects.filter(pk=letter.pk, body_erased_at__isnull=True)
        .filter(state__in=[OutgoingMail.State.FAILED, OutgoingMail.State.CANCELLED])
        .update(
            state=OutgoingMail.State.QUEUED,
            attempts=0,
            next_attempt_at=now,
            finished_at=None,
            last_error="",
        )
    )
    if revived:
        nudge(deliver_letter, letter=letter.pk)
    return bool(revived)


def cancel_letter(*, letter: OutgoingMail, now: datetime) -> bool:
    """Take back a letter that waits; False if it is on its way or done with."""
    return bool(
        OutgoingMail.objects.filter(pk=letter.pk, state=OutgoingMail.State.QUEUED).update(
            state=OutgoingMail.State.CANCELLED, finished_at=now
        )
    )


def cancel_letters(*, dedupe_prefix: str, now: datetime) -> int:
    """Take back every waiting letter of one cause: its key starts with the prefix. Return how many."""
    return OutgoingMail.objects.filter(
        dedupe_key__startswith=dedupe_prefix, state=OutgoingMail.State.QUEUED
    ).update(state=OutgoingMail.State.CANCELLED, finished_at=now)


def erase_bodies(*, days: int, now: datetime) -> int:
    """Forget what letters said that were done with so many days ago; return how many. The row stays."""
    erased = 0
    while keys := list(
        OutgoingMail.objects.with_erasable_body(now, days).values_list("pk", flat=True)[:ERASE_BATCH]
    ):
        # In batches: one update of a year's letters would hold up every sender meanwhile.
        erased += OutgoingMail.objects.filter(pk__in=keys).update(
            subject="", text="", html="", attachments=[], body_erased_at=now
        )
    return erased


def forget_recipient(*, address: str) -> int:
    """Remove every letter to an address, those that wait too; return how many there were."""
    gone, _ = OutgoingMail.objects.to(address).delete()
    return int(gone)
