"""What happens to letters: they are queued, sent again, cancelled and forgotten."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.template import Engine
from django.utils import timezone
from django.utils.crypto import salted_hmac

from mailing import categories
from mailing.attachments import Attachment, AttachmentPlan, stored
from mailing.broker import nudge_about
from mailing.models import (
    DEDUPE_KEY_LIMIT,
    Bounce,
    Mailing,
    OutgoingMail,
    Priority,
    Suppression,
    Unsubscription,
    Wording,
)
from mailing.tasks import deliver_letters
from mailing.values import encoded

State = OutgoingMail.State
ERASE_BATCH = 1000


def queue_letter(
    *,
    template: str,
    to: str,
    context: Mapping[str, object],
    dedupe_key: str,
    attachments: Sequence[Attachment | AttachmentPlan] = (),
    priority: Priority = Priority.NORMAL,
    category: str = "",
    wording: Wording | None = None,
    unsubscribe_url: str = "",
) -> None:
    """Write the letter `template` to one address: it is sent once the transaction commits.

    Called inside the transaction of its cause, so the letter exists exactly if its cause does. One
    INSERT; with a `dedupe_key` that was used before, nothing happens. A dead broker is logged, never
    raised: the sweep finds the row within a minute.

    The row keeps the template's name and the values; the letter is composed when it is delivered, so
    `context` holds everything it says, as plain values: texts, numbers, dates, moments, decimals, and
    lists and mappings of them. What is dear to make goes along as an AttachmentPlan. A `wording`
    (`mailings.keep_wording`) speaks in place of the template, with the context for its placeholders.
    A letter of a `category` is not sent to whoever stopped it, and says how to.

    Raises TemplateDoesNotExist, and ValueError for a key that is too long, a category that nobody
    registered, a context that is not plain or an attachment that nobody makes.
    """
    if category and categories.get(category) is None:
        raise ValueError(f"There is no category of letters {category}.")
    if wording is None:
        # A wrong name is the caller's mistake: they hear of it, not the log of a worker.
        Engine.get_default().get_template(f"{template}.txt")
    now = timezone.now()
    row = OutgoingMail(
        kind=template,
        recipient=to,
        values=encoded(context),
        attachments=encoded(stored(attachments)),
        priority=priority,
        category=category,
        wording=wording,
        unsubscribe_url=unsubscribe_url,
        **letter_keys(dedupe_key),
        next_attempt_at=now,
        created_at=now,
    )
    [row] = write_letters([row])
    if priority != Priority.BULK:
        nudge_about(deliver_letters, "letters", row.pk)


def letter_keys(dedupe_key: str) -> dict[str, str]:
    """The key of a letter, and its Message-ID: the same for the same cause, and telling nothing about it.

    Raises ValueError for a key that no column holds.
    """
    if len(dedupe_key) > DEDUPE_KEY_LIMIT:
        raise ValueError(f"A dedupe key has at most {DEDUPE_KEY_LIMIT} characters.")
    local = salted_hmac("mailing.message_id", dedupe_key, algorithm="sha256").hexdigest()[:32]
    return {"dedupe_key": dedupe_key, "message_id": f"<{local}@{_host()}>"}


def _host() -> str:
    return urlsplit(settings.BASE_URL).hostname or "localhost"


def write_letters(rows: Sequence[OutgoingMail]) -> list[OutgoingMail]:
    """Write letters whose keys are new, in one statement. A key that was used before is left as it is."""
    # Not ignore_conflicts: on SQLite that swallows every broken constraint, and with it the letter.
    written: list[OutgoingMail] = OutgoingMail.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["dedupe_key"], update_fields=["dedupe_key"]
    )
    return written


def send_letter_again(*, letter: OutgoingMail, now: datetime) -> bool:
    """Queue a letter that did not go out.

    False if it did or still may, if what it said is erased, or if its mailing was cancelled.
    """
    if letter.mailing_id and not _reopened(letter.mailing_id):
        return False
    revived = (
        OutgoingMail.objects.filter(pk=letter.pk, body_erased_at__isnull=True)
        .filter(state__in=[State.FAILED, State.SUPPRESSED, State.CANCELLED])
        .update(state=State.QUEUED, attempts=0, next_attempt_at=now, finished_at=None, last_error="")
    )
    if revived:
        nudge_about(deliver_letters, "letters", letter.pk)
    return bool(revived)


def _reopened(mailing: int) -> bool:
    """A mailing that is done runs again for its late letter; one that was cancelled stays so."""
    Mailing.objects.filter(pk=mailing, state=Mailing.State.DONE).update(
        state=Mailing.State.RUNNING, finished_at=None
    )
    return not Mailing.objects.filter(pk=mailing, state=Mailing.State.CANCELLED).exists()


def cancel_letter(*, letter: OutgoingMail, now: datetime) -> bool:
    """Take back a letter that waits; False if it is on its way or done with."""
    return bool(
        OutgoingMail.objects.filter(pk=letter.pk, state=State.QUEUED).update(
            state=State.CANCELLED, finished_at=now
        )
    )


def cancel_letters(*, dedupe_prefix: str, now: datetime) -> int:
    """Take back every waiting letter of one cause: its key starts with the prefix. Return how many."""
    return OutgoingMail.objects.filter(dedupe_key__startswith=dedupe_prefix, state=State.QUEUED).update(
        state=State.CANCELLED, finished_at=now
    )


def erase_bodies(*, days: int, now: datetime) -> int:
    """Forget what letters said that were done with so many days ago; return how many. The row stays."""
    erased = 0
    while keys := list(
        OutgoingMail.objects.with_erasable_body(now, days).values_list("pk", flat=True)[:ERASE_BATCH]
    ):
        # In batches: one update of a year's letters would hold up every sender meanwhile.
        erased += OutgoingMail.objects.filter(pk__in=keys).update(
            values={}, attachments=[], body_erased_at=now
        )
    return erased


def forget_recipient(*, address: str) -> int:
    """Remove every letter to an address, those that wait too, and all that is known about the address.

    Return how many letters there were.
    """
    known = address.lower()
    for held in (Bounce, Suppression, Unsubscription):
        held._default_manager.filter(address=known).delete()
    letters = OutgoingMail.objects.to(address)
    number = letters.count()
    letters.delete()
    return int(number)


def stop_letters(*, address: str, category: str, now: datetime) -> None:
    """Send no more letters of a category to an address. Those that wait are held back at delivery."""
    Unsubscription.objects.get_or_create(address=address.lower(), category=category, defaults={"since": now})


def allow_letters(*, address: str, category: str) -> None:
    """Send letters of a category to an address again."""
    Unsubscription.objects.filter(address=address.lower(), category=category).delete()


def move_wishes(*, former: str, address: str) -> None:
    """Take what somebody stopped along to their new address."""
    for row in Unsubscription.objects.filter(address=former.lower()):
        Unsubscription.objects.get_or_create(
            address=address.lower(), category=row.category, defaults={"since": row.since}
        )
    Unsubscription.objects.filter(address=former.lower()).delete()
