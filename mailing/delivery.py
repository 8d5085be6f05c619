"""Delivery: a letter is claimed, handed over, and its fate written down before the next one is touched.

Whoever is killed in between leaves a row whose lease runs out; the sweep sends it again under the same
Message-ID. So a letter is never lost, and one that arrives twice is recognisable as one.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend

from mailing.messages import message_of
from mailing.models import OutgoingMail, Priority
from mailing.refusals import Refusal, refusal_of

logger = logging.getLogger(__name__)

# How long to wait after each attempt. A mail server that is down for a weekend loses nothing.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440, 1440))
# Somebody waits for it, and soon nobody does: a sign-in code is worthless after a quarter of an hour.
URGENT_PAUSES = (timedelta(minutes=1),) * 14

SWEEP_BATCH = 200

Clock = Callable[[], datetime]


@dataclass
class Tally:
    """How many letters met which fate."""

    sent: int = 0
    postponed: int = 0
    failed: int = 0


class ServerUnreachableError(Exception):
    """The mail server cannot be used at all: to try the next letter is no use."""


def deliver(letters: Iterable[int], *, clock: Clock) -> Tally:
    """Send those of the letters that are due, by id. Safe to call twice and from two places at once.

    Stops early when the mail server cannot be reached: the rest stays queued.
    """
    tally = Tally()
    with _Connection() as connection:
        for pk in letters:
            try:
                _deliver_one(pk, connection, tally, clock)
            except ServerUnreachableError:
                break
    return tally


def sweep(*, clock: Clock, time_allowed: timedelta) -> Tally:
    """Send everything that is due, most urgent first, until nothing is left or the time is over."""
    tally = Tally()
    ends_at = clock() + time_allowed
    with _Connection() as connection:
        while batch := list(
            OutgoingMail.objects.due(clock()).in_order().values_list("pk", flat=True)[:SWEEP_BATCH]
        ):
            for pk in batch:
                if clock() >= ends_at:
                    return tally
                try:
                    _deliver_one(pk, connection, tally, clock)
                except ServerUnreachableError:
                    return tally
    return tally


class _Connection:
    """One connection to the mail server for many letters; a new one after each error."""

    def __enter__(self) -> Self:
        self._backend: BaseEmailBackend | None = None
        return self

    def __exit__(self, *_: object) -> None:
        self.drop()

    def backend(self) -> BaseEmailBackend:
        if self._backend is None:
            self._backend = get_connection()
            # Opened here, so that send_messages does not close it: an error while closing would make
            # an accepted letter look refused.
            self._backend.open()
        return self._backend

    def drop(self) -> None:
        backend, self._backend = self._backend, None
        if backend is not None:
            try:
                backend.close()
            except OSError:
                logger.debug("The mail server did not say goodbye.")


def _deliver_one(pk: int, connection: _Connection, tally: Tally, clock: Clock) -> None:
    now = clock()
    if not OutgoingMail.objects.filter(pk=pk).claim(now):
        return
    letter = OutgoingMail.objects.filter(pk=pk).first()
    if letter is None:  # The recipient left, and every letter with them.
        return
    if letter.attempts > len(_pauses(letter)) + 1:
        # Each sender so far went silent while it held this letter.
        refusal = Refusal("Every attempt ended without an answer.", permanent=True)
    else:
        try:
            connection.backend().send_messages([message_of(letter)])
        except Exception as error:  # noqa: BLE001 - every transport has its own errors; none may stop the others' letters
            refusal = refusal_of(error)
            connection.drop()
        else:
            _finish(
                letter,
                state=OutgoingMail.State.SENT,
                sent_at=(sent_at := clock()),
                finished_at=sent_at,
                last_error="",
            )
            tally.sent += 1
            return
    _put_off(letter, refusal, tally, clock())
    if refusal.server_unreachable:
        raise ServerUnreachableError


def _put_off(letter: OutgoingMail, refusal: Refusal, tally: Tally, now: datetime) -> None:
    """Queue the letter for another attempt, or give it up."""
    pauses = _pauses(letter)
    if refusal.permanent or letter.attempts > len(pauses):
        _finish(letter, state=OutgoingMail.State.FAILED, finished_at=now, last_error=refusal.reason)
        logger.warning("Letter %s failed after %s attempts.", letter.pk, letter.attempts)
        tally.failed += 1
        return
    _finish(
        letter,
        state=OutgoingMail.State.QUEUED,
        next_attempt_at=now + pauses[letter.attempts - 1],
        last_error=refusal.reason,
    )
    logger.info("Letter %s is put off after attempt %s.", letter.pk, letter.attempts)
    tally.postponed += 1


def _pauses(letter: OutgoingMail) -> tuple[timedelta, ...]:
    return URGENT_PAUSES if letter.priority == Priority.URGENT else PAUSES


def _finish(letter: OutgoingMail, **fields: object) -> None:
    """Write the fate down, if the row is still ours: after the lease another sender may have taken it."""
    mine = OutgoingMail.objects.filter(
        pk=letter.pk, state=OutgoingMail.State.SENDING, attempts=letter.attempts
    )
    if not mine.update(leased_until=None, **fields):
        logger.warning("Letter %s was taken over by another sender after its lease ended.", letter.pk)
