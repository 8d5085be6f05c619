"""What happens to a mailing, one letter to many: made, previewed, filled with recipients, started, stopped."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Case, CharField, Count, F, QuerySet, Value, When
from django.template import Engine

from mailing import categories, wordings
from mailing.actions import letter_keys, queue_letter, write_letters
from mailing.claiming import close_letters
from mailing.composition import composed
from mailing.letters import Letter
from mailing.models import Mailing, OutgoingMail, Priority, Wording
from mailing.values import encoded

# One statement each: constant memory, and other writers get in between on SQLite.
RECIPIENTS_AT_A_TIME = 1000
INVALID_SHOWN = 100
REASONS_SHOWN = 20

State = Mailing.State
NOT_OVER = (State.DRAFT, State.RUNNING, State.PAUSED)


class WordingError(ValueError):
    """A wording that cannot be sent; `problems` says why, by field."""

    def __init__(self, problems: dict[str, list[str]]) -> None:
        super().__init__(" ".join(problem for found in problems.values() for problem in found))
        self.problems = problems


class MailingIsUnderWayError(Exception):
    """What a mailing says can be changed only while it is a draft."""


@dataclass(frozen=True)
class Recipient:
    """Somebody a mailing goes to. The key is theirs alone: used twice, it is still one letter."""

    to: str
    values: Mapping[str, object]
    dedupe_key: str


@dataclass
class Queued:
    """What became of the recipients of one call."""

    written: int = 0
    repeated: int = 0
    invalid: int = 0
    invalid_addresses: list[str] = field(default_factory=list)  # The first hundred.


@dataclass(frozen=True)
class Progress:
    """How far a mailing is."""

    queued: int = 0
    sent: int = 0
    failed: int = 0
    suppressed: int = 0
    cancelled: int = 0
    # Why letters failed or were held back, the most frequent first, with how often.
    reasons: tuple[tuple[str, int], ...] = ()

    @property
    def total(self) -> int:
        return self.queued + self.sent + self.failed + self.suppressed + self.cancelled


def keep_wording(
    *, subject: str, text: str, placeholders: Collection[str], required: Collection[str] = ()
) -> Wording:
    """The row of a person's words; the same words have one row. Raises WordingError if they cannot be sent."""
    if found := wordings.problems(subject=subject, text=text, placeholders=placeholders, required=required):
        raise WordingError(found)
    subject, text = " ".join(wordings.tidy(subject).split()), wordings.tidy(text).strip()
    digest = hashlib.sha256(f"{subject}\n{text}".encode(errors="replace")).hexdigest()
    wording, _ = Wording.objects.get_or_create(digest=digest, defaults={"subject": subject, "text": text})
    return wording


def make_mailing(
    *,
    name: str,
    kind: str,
    now: datetime,
    wording: Wording | None = None,
    values: Mapping[str, object] | None = None,
    category: str = "",
    reply_to: str = "",
    per_minute: int | None = None,
) -> Mailing:
    """A draft. `kind` is its template; a `wording` speaks in its place, and then `kind` is only a name.

    `values` are what every letter says. Raises TemplateDoesNotExist, and ValueError for values that are
    not plain or a category that nobody registered.
    """
    if wording is None:
        Engine.get_default().get_template(f"{kind}.txt")
    if category and categories.get(category) is None:
        raise ValueError(f"There is no category of letters {category}.")
    mailing: Mailing = Mailing.objects.create(
        name=name,
        kind=kind,
        wording=wording,
        values=encoded(values or {}),
        category=category,
        reply_to=reply_to,
        per_minute=per_minute,
        created_at=now,
    )
    mailing.refresh_from_db()
    return mailing


def change_wording(*, mailing: Mailing, wording: Wording | None) -> None:
    """Give a draft other words. Raises MailingIsUnderWayError for any other mailing."""
    if not Mailing.objects.filter(pk=mailing.pk, state=State.DRAFT).update(wording=wording):
        raise MailingIsUnderWayError
    mailing.wording = wording


def preview(*, mailing: Mailing, values: Mapping[str, object], to: str = "") -> Letter:
    """The letter as one recipient would get it. Raises CannotBeComposedError."""
    return composed(_letter(mailing, Recipient(to, values, "preview"), mailing.created_at))


def send_test_letter(*, mailing: Mailing, values: Mapping[str, object], to: str) -> None:
    """The letter as a recipient with these values would get it, sent to whoever tries it. Each call sends one."""
    queue_letter(
        template=mailing.kind,
        to=to,
        context={**mailing.values, **values},
        dedupe_key=f"mailing.test:{mailing.uuid}:{uuid4()}",
        wording=mailing.wording,
        priority=Priority.URGENT,
    )


def queue_mailing(*, mailing: Mailing, recipients: Iterable[Recipient], now: datetime) -> Queued:
    """Write one letter for each recipient. It leaves once the mailing runs.

    Recipients are read as they come, a thousand at a time, each thousand in a transaction of its own (or
    all in the caller's): memory stays the same for any number, and a run that broke off is repeated
    without harm, because a key is used once. An address that is none is counted and left out.
    Raises MailingIsUnderWayError for a mailing that is over, and ValueError for values that are not plain.
    """
    if mailing.is_over:
        raise MailingIsUnderWayError
    report = Queued()
    for batch in _in_batches(recipients):
        valid = [recipient for recipient in batch if _is_address(recipient.to)]
        wrong = [recipient.to for recipient in batch if not _is_address(recipient.to)]
        report.invalid += len(wrong)
        report.invalid_addresses += wrong[: INVALID_SHOWN - len(report.invalid_addresses)]
        new = _write(mailing, valid, now)
        report.written += new
        report.repeated += len(valid) - new
    Mailing.objects.filter(pk=mailing.pk).update(queued_at=now)
    return report


def start_mailing(*, mailing: Mailing, now: datetime, scheduled_for: datetime | None = None) -> bool:
    """Let a draft go, at once or at a time; False if it is none."""
    return _move(mailing, [State.DRAFT], state=State.RUNNING, started_at=now, scheduled_for=scheduled_for)


def pause_mailing(*, mailing: Mailing) -> bool:
    """Hold back what has not left; False if it does not run. Within a moment no sender goes on."""
    return _move(mailing, [State.RUNNING], state=State.PAUSED)


def pause_mailings(*, mailings: QuerySet[Mailing]) -> int:
    """The same for those of several that run, in one statement."""
    return mailings.filter(state=State.RUNNING).update(state=State.PAUSED)


def resume_mailing(*, mailing: Mailing) -> bool:
    """Go on; False if it is not paused."""
    return _move(mailing, [State.PAUSED], state=State.RUNNING)


def resume_mailings(*, mailings: QuerySet[Mailing]) -> int:
    """The same for those of several that are paused, in one statement."""
    return mailings.filter(state=State.PAUSED).update(state=State.RUNNING)


def cancel_mailing(*, mailing: Mailing, now: datetime) -> bool:
    """Take back every letter that has not left: from now on none does. False if the mailing is over.

    The letters of a small mailing say so at once; those of a large one within a minute, when the sweep came by.
    """
    if not _move(mailing, NOT_OVER, state=State.CANCELLED, finished_at=now):
        return False
    close_letters(mailings=Mailing.objects.filter(pk=mailing.pk), now=now, batches=1)
    return True


def cancel_mailings(*, mailings: QuerySet[Mailing], now: datetime) -> int:
    """The same for those of several that are not over, however many they are."""
    cancelled = mailings.filter(state__in=NOT_OVER).update(state=State.CANCELLED, finished_at=now)
    close_letters(mailings=mailings, now=now, batches=1)
    return cancelled


def progress(mailing: Mailing) -> Progress:
    """How far a mailing is, counted in one statement."""
    not_sent = [OutgoingMail.State.FAILED, OutgoingMail.State.SUPPRESSED]
    rows = (
        mailing.letters.annotate(
            why=Case(
                When(state__in=not_sent, then=F("last_error")), default=Value(""), output_field=CharField()
            )
        )
        .order_by()
        .values_list("state", "why")
        .annotate(number=Count("pk"))
    )
    counts: dict[str, int] = {}
    reasons: dict[str, int] = {}
    for state, why, number in rows:
        # A letter that is being sent waits, for whoever looks.
        shown = "queued" if state == OutgoingMail.State.SENDING else state
        counts[shown] = counts.get(shown, 0) + number
        if why:
            reasons[why] = reasons.get(why, 0) + number
    frequent = sorted(reasons.items(), key=lambda reason: (-reason[1], reason[0]))
    return Progress(**counts, reasons=tuple(frequent[:REASONS_SHOWN]))


def _move(mailing: Mailing, before: Collection[str], **changes: object) -> bool:
    moved = Mailing.objects.filter(pk=mailing.pk, state__in=before).update(**changes)
    if moved:
        mailing.refresh_from_db()
    return bool(moved)


def _in_batches(recipients: Iterable[Recipient]) -> Iterator[list[Recipient]]:
    coming = iter(recipients)
    while batch := list(islice(coming, RECIPIENTS_AT_A_TIME)):
        yield batch


def _is_address(address: str) -> bool:
    try:
        validate_email(address)
    except ValidationError:
        return False
    return len(address) <= 254


def _write(mailing: Mailing, recipients: list[Recipient], now: datetime) -> int:
    """Write the letters that are not there yet; return how many."""
    # Twice in one statement is an error on PostgreSQL.
    by_key = {recipient.dedupe_key: recipient for recipient in reversed(recipients)}
    letters = [_letter(mailing, recipient, now) for recipient in reversed(by_key.values())]
    for letter in letters:
        # Before the INSERT: an error inside it would break the caller's transaction.
        letter.values = encoded(letter.values)
    with transaction.atomic():
        known = set(OutgoingMail.objects.filter(dedupe_key__in=by_key).values_list("dedupe_key", flat=True))
        write_letters([letter for letter in letters if letter.dedupe_key not in known])
    return len(letters) - len(known)


def _letter(mailing: Mailing, recipient: Recipient, now: datetime) -> OutgoingMail:
    return OutgoingMail(
        **letter_keys(recipient.dedupe_key),
        kind=mailing.kind,
        recipient=recipient.to,
        values=dict(recipient.values),
        mailing=mailing,
        wording=mailing.wording,
        category=mailing.category,
        priority=Priority.BULK,
        next_attempt_at=now,
        created_at=now,
    )
