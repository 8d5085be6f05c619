"""What follows when letters come back: addresses are suppressed, and suppressions are lifted."""

from collections import Counter
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from mailing.mailboxes import opened
from mailing.models import Bounce, OutgoingMail, Suppression
from mailing.reports import Kind, Reading, read

# A mailbox that is full, a server that is down: so many reports in so long a time are no accident any more.
SOFT_LIMIT = 5
SOFT_PERIOD = timedelta(days=30)
# A report of a letter that left longer ago is about another time.
LETTER_IS_REMEMBERED = timedelta(days=90)

_REASONS = {
    Kind.HARD: Suppression.Reason.HARD,
    Kind.COMPLAINT: Suppression.Reason.COMPLAINT,
    Kind.SOFT: Suppression.Reason.SOFT,
}


class SuppressionIsLiftedError(Exception):
    """Somebody else was quicker."""


def read_mailbox(*, address: str, now: datetime, is_dry_run: bool = False) -> Counter[Kind]:
    """Read the mailbox for returned letters; return how many messages of each kind there were.

    Reports and automatic answers are taken out once they are written down; what is left is for a person, also a
    report that names no letter of ours. A dry run leaves everything as it is. Raises MailboxError.
    """
    found: Counter[Kind] = Counter()
    with opened(address) as messages:
        for message in messages:
            reading = read(message.content)
            is_for_a_person = reading.kind == Kind.OTHER or _names_no_letter(reading, now)
            found[Kind.OTHER if is_for_a_person else reading.kind] += 1
            if is_dry_run:
                continue
            if is_for_a_person:
                message.leave()
            else:
                record_reading(reading=reading, now=now)
                message.take_out()
    return found


def _names_no_letter(reading: Reading, now: datetime) -> bool:
    """Nobody asks that of automatic answers: many programs leave out what they answer."""
    return reading.kind != Kind.AUTOMATIC and not _letters(reading, now).exists()


def _letters(reading: Reading, now: datetime) -> QuerySet[OutgoingMail]:
    """Those that a message is about."""
    letters: QuerySet[OutgoingMail] = OutgoingMail.objects.filter(
        message_id__in=reading.message_ids, created_at__gt=now - LETTER_IS_REMEMBERED
    )
    return letters


@transaction.atomic
def record_reading(*, reading: Reading, now: datetime) -> list[Bounce]:
    """Write down what a message says, and suppress the addresses it makes unreachable.

    Only a report that names a letter of ours by its Message-ID, which nobody can guess, counts: else
    anybody could stop somebody's mail with a forged report. Read again, a message changes nothing.
    """
    letter = _letters(reading, now).first()
    if letter is None:
        return []
    if reading.kind == Kind.AUTOMATIC:
        return _recorded(
            reading.key, Kind.AUTOMATIC, address=letter.recipient, letter=letter, detail="", now=now
        )
    bounces = []
    for number, failure in enumerate(reading.failures):
        if failure.address and failure.address != letter.recipient.lower() and len(reading.failures) > 1:
            continue  # Somebody the reader forwards to, or a list behind the address.
        bounces += _recorded(
            f"{reading.key[:60]}.{number}"[:64],
            failure.kind,
            address=letter.recipient,
            letter=letter,
            detail=failure.detail,
            now=now,
        )
    return bounces


def record_event(
    *, key: str, kind: Kind, address: str, letter: OutgoingMail | None, detail: str, now: datetime
) -> list[Bounce]:
    """Write down what a provider told by a signed message. Told again, it changes nothing."""
    with transaction.atomic():
        return _recorded(key[:64], kind, address=address, letter=letter, detail=detail, now=now)


def _recorded(
    key: str, kind: Kind, *, address: str, letter: OutgoingMail | None, detail: str, now: datetime
) -> list[Bounce]:
    bounce, is_new = Bounce.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind.value,
            "address": address.lower(),
            "letter": letter,
            "detail": detail[:500],
            "reported_at": now,
        },
    )
    if not is_new:
        return []
    if kind in {Kind.HARD, Kind.COMPLAINT} or (kind == Kind.SOFT and _is_too_much(address, now)):
        suppress_address(address=address, reason=_REASONS[kind], detail=detail, now=now)
    return [bounce]


def _is_too_much(address: str, now: datetime) -> bool:
    """Whether letters came back again and again, since the address was last given another chance."""
    since = now - SOFT_PERIOD
    lifted = Suppression.objects.of(address).exclude(lifted_at=None).order_by("-lifted_at").first()
    if lifted is not None and lifted.lifted_at is not None:
        since = max(since, lifted.lifted_at)
    soft: QuerySet[Bounce] = Bounce.objects.filter(
        address=address.lower(), kind=Bounce.Kind.SOFT, reported_at__gt=since
    )
    return soft.count() >= SOFT_LIMIT


def suppress_address(*, address: str, reason: str, detail: str, now: datetime) -> Suppression:
    """Write to an address no more; if that is so already, it stays as it is."""
    known: Suppression | None = Suppression.objects.active().of(address).first()
    if known is not None:
        return known
    try:
        with transaction.atomic():
            made: Suppression = Suppression.objects.create(
                address=address.lower(), reason=reason, detail=detail[:500], since=now
            )
    except IntegrityError:
        made = Suppression.objects.active().of(address).get()
    return made


def lift_suppression(*, suppression: Suppression, by: str, because: str, now: datetime) -> None:
    """Write to an address again. `by` is the key of the account that decided so.

    Raises SuppressionIsLiftedError, and ValueError without a reason.
    """
    if not because.strip():
        raise ValueError("Lifting a suppression needs a reason.")
    lifted = Suppression.objects.active().filter(pk=suppression.pk)
    if not lifted.update(lifted_at=now, lifted_by=by, lifted_because=" ".join(because.split())[:500]):
        raise SuppressionIsLiftedError
