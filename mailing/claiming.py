"""Which letters a sender takes next. A claim ends by itself, so a dead sender holds nothing for long."""

from collections.abc import Iterator
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.query import prefetch_related_objects

from mailing.models import LEASE, Mailing, OutgoingMail, OutgoingMailQuerySet, Priority
from mailing.rationing import Limits, granted, used_up_domains

State = OutgoingMail.State
Letters = list[OutgoingMail]
# Small enough that a sender's death leaves little behind, large enough that claiming costs next to nothing.
BATCH = 50
# Of those left behind: whichever of them kills its sender must not take many others along.
LEFT_BEHIND_BATCH = 5
# One statement over all letters of a large mailing would hold up every sender; on SQLite, everybody who writes.
CLOSED_AT_A_TIME = 1000


def claim(rows: OutgoingMailQuerySet, *, now: datetime, limits: Limits, size: int | None = None) -> Letters:
    """Take some letters that no other sender holds, until the lease ends.

    On PostgreSQL a row that another sender is taking is passed over; on SQLite one writer follows the
    other. The number of attempts goes up with each claim, so it tells a sender later whether the row is
    still its own.
    """
    skip_locked = connection.features.has_select_for_update_skip_locked
    with transaction.atomic():
        free = rows.in_order().select_for_update(skip_locked=skip_locked)
        letters = granted(list(free[: size or BATCH]), limits, now)
        if not letters:
            return []
        for letter in letters:
            letter.state, letter.leased_until = State.SENDING, now + LEASE
            letter.attempts += 1
        OutgoingMail.objects.filter(pk__in=[letter.pk for letter in letters]).update(
            state=State.SENDING, leased_until=now + LEASE, attempts=F("attempts") + 1
        )
    prefetch_related_objects(letters, "wording", "mailing")
    return letters


def claimed_at(letter: OutgoingMail) -> datetime:
    """When a letter that is held was claimed, by the clock of then."""
    assert letter.leased_until is not None  # the database holds it: a lease exactly while sending  # noqa: S101
    return letter.leased_until - LEASE


def release(letters: Letters) -> None:
    """Put claimed letters back untouched, as if they had not been claimed: those that are still ours."""
    if letters:
        OutgoingMail.objects.filter(
            pk__in=[letter.pk for letter in letters],
            state=State.SENDING,
            leased_until=letters[0].leased_until,
        ).update(state=State.QUEUED, leased_until=None, attempts=F("attempts") - 1)


def claim_these(keys: list[int], *, now: datetime) -> Letters:
    """Of these letters, those that are due."""
    return claim(
        OutgoingMail.objects.filter(pk__in=keys).due(now), now=now, limits=Limits.in_force(), size=len(keys)
    )


def claim_pressing(*, before: int, now: datetime) -> Letters:
    """Letters that overtake those of a priority."""
    rows = OutgoingMail.objects.on_their_own().queued(now).filter(priority__lt=before)
    return claim(rows, now=now, limits=Limits.in_force())


def claim_left_behind(*, now: datetime) -> Letters:
    """Letters of a sender that went silent."""
    rows = OutgoingMail.objects.left_behind(now)
    return claim(rows, now=now, limits=Limits.in_force(), size=LEFT_BEHIND_BATCH)


def claim_bulk(*, now: datetime) -> Iterator[Letters]:
    """A batch of each that has something to send: digests and the like, and each mailing that is running."""
    full = Q()
    for domain in used_up_domains(now):
        full |= Q(recipient__iendswith=f"@{domain}")
    own = OutgoingMail.objects.on_their_own().queued(now).filter(priority=Priority.BULK).exclude(full)
    yield claim(own, now=now, limits=Limits.in_force())
    for mailing in Mailing.objects.sendable(now).order_by("pk"):
        rows = OutgoingMail.objects.filter(mailing=mailing).queued(now).exclude(full)
        yield claim(rows, now=now, limits=Limits.in_force(of_a_mailing=mailing.per_minute))


def close_letters(*, mailings: QuerySet[Mailing], now: datetime, batches: int | None = None) -> int:
    """Mark the letters of cancelled mailings that have not left as cancelled; return how many.

    They leave in no case, from the moment their mailing is cancelled: this is what lists and progress say. In
    batches, each a transaction of its own, or part of the caller's; at most so many if told.
    """
    waiting = OutgoingMail.objects.filter(
        mailing__in=mailings.filter(state=Mailing.State.CANCELLED).values("pk"), state=State.QUEUED
    )
    closed = 0
    while batches is None or batches > 0:
        keys = list(waiting.values_list("pk", flat=True)[:CLOSED_AT_A_TIME])
        closed += OutgoingMail.objects.filter(pk__in=keys, state=State.QUEUED).update(
            state=State.CANCELLED, finished_at=now
        )
        if len(keys) < CLOSED_AT_A_TIME:
            break
        batches = None if batches is None else batches - 1
    return closed


def tidy_up(*, now: datetime) -> None:
    """Put right what stopped mailings and a clock that was set back leave, and close mailings that are done."""
    OutgoingMail.objects.before_their_time(now).update(next_attempt_at=now)
    left_behind = OutgoingMail.objects.left_behind(now)
    left_behind.filter(mailing__state=Mailing.State.PAUSED).update(state=State.QUEUED, leased_until=None)
    left_behind.filter(mailing__state=Mailing.State.CANCELLED).update(
        state=State.CANCELLED, leased_until=None, finished_at=now
    )
    close_letters(mailings=Mailing.objects.all(), now=now)
    for mailing in Mailing.objects.filter(state=Mailing.State.RUNNING, queued_at__isnull=False):
        if not mailing.letters.waiting().exists():
            Mailing.objects.filter(pk=mailing.pk, state=Mailing.State.RUNNING).update(
                state=Mailing.State.DONE, finished_at=now
            )
