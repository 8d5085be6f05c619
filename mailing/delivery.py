"""Delivery: letters are claimed, handed over, and each one's fate is written down before the next is touched.

Whoever is killed in between leaves rows whose lease runs out. The sweep sends them again under the same
Message-ID: only the one that was in the sender's hands can have arrived already, and it is recognisable.
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import InterfaceError, OperationalError, connection

from mailing import claiming, rationing
from mailing.claiming import Letters
from mailing.messages import message_of
from mailing.models import CLOCK_TOLERANCE, Mailing, OutgoingMail, Priority
from mailing.refusals import Refusal, refusal_of
from mailing.suppression import barred

logger = logging.getLogger(__name__)

# How long to wait after each attempt. A mail server that is down for a weekend loses nothing.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440, 1440))
# Somebody waits for it, and soon nobody does: a sign-in code is worthless after a quarter of an hour.
URGENT_PAUSES = (timedelta(minutes=1),) * 14
# A batch is given back after this: its leases end later, by more than one letter can take.
HOLD = timedelta(minutes=2)
# How often a sender of bulk looks for letters that overtake it, and whether its mailing was stopped.
LOOK_SECONDS = 0.5

# Seconds between attempts to write a fate down while the database is away: half a minute in all.
DATABASE_PAUSES = (0.2, 0.3, 0.5) + (1.0,) * 29

Clock = Callable[[], datetime]


@dataclass
class Tally:
    """How many letters met which fate."""

    sent: int = 0
    postponed: int = 0
    failed: int = 0
    suppressed: int = 0


class ServerUnreachableError(Exception):
    """The mail server cannot be used at all: to try the next letter is no use."""


def deliver(letters: Iterable[int], *, clock: Clock) -> Tally:
    """Send those of the letters that are due, by id. Safe to call twice and from two places at once.

    Stops early when the mail server cannot be reached: the rest stays queued.
    """
    keys = list(letters)
    with _Sender(clock) as sender:
        for start in range(0, len(keys), claiming.BATCH):
            sender.send(claiming.claim_these(keys[start : start + claiming.BATCH], now=clock()))
    return sender.tally


def sweep(*, clock: Clock, time_allowed: timedelta) -> Tally:
    """Send everything that is due, most urgent first, until nothing is left or the time is over."""
    claiming.tidy_up(now=clock())
    rationing.forget_past(clock())
    with _Sender(clock, ends_at=clock() + time_allowed) as sender:
        while sender.has_time and (sender.send_first() or sender.send_bulk()):
            pass
    claiming.tidy_up(now=clock())
    return sender.tally


class _Connection:
    """One connection to the mail server for many letters; a new one after each error."""

    _backend: BaseEmailBackend | None = None

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


class _Sender:
    """One run of one worker. Ends without an error when the mail server cannot be reached."""

    def __init__(self, clock: Clock, ends_at: datetime | None = None) -> None:
        self.clock = clock
        self.ends_at = ends_at
        self.tally = Tally()
        self._connection = _Connection()
        self._looked = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        self._connection.drop()
        return kind is ServerUnreachableError

    @property
    def has_time(self) -> bool:
        return self.ends_at is None or self.clock() < self.ends_at

    def send_first(self) -> bool:
        """A batch of what goes before bulk; False if there is none."""
        now = self.clock()
        letters = claiming.claim_pressing(before=Priority.BULK, now=now) or claiming.claim_left_behind(
            now=now
        )
        self.send(letters)
        return bool(letters)

    def send_bulk(self) -> bool:
        """A batch of each mailing, and of bulk that belongs to none; False if there is none."""
        found = False
        for letters in claiming.claim_bulk(now=self.clock()):
            found = found or bool(letters)
            self.send(letters)
        return found

    def send(self, letters: Letters) -> None:
        """Send claimed letters one after the other. What is not sent for lack of time is given back.

        Raises ServerUnreachableError.
        """
        if not letters:
            return
        # From the lease itself: read anew, a clock that was moved since would make an old claim look fresh.
        claimed_at, began = claiming.claimed_at(letters[0]), time.monotonic()
        reasons = barred(letters)
        left = deque(letters)
        try:
            while left and self._may_hold(claimed_at, began) and self._may_go_on(left[0]):
                letter = left.popleft()
                if reason := reasons.get(letter.pk):
                    self._suppress(letter, reason)
                else:
                    self._send_one(letter)
        finally:
            # Also on the way out of an error or an order to stop.
            claiming.release(list(left))

    def _may_hold(self, claimed_at: datetime, began: float) -> bool:
        """Whether the leases are sure to hold. A clock that was moved makes them worthless."""
        now = self.clock()
        return (
            claimed_at - CLOCK_TOLERANCE < now < claimed_at + HOLD
            and time.monotonic() - began < HOLD.total_seconds()
            and (self.ends_at is None or now < self.ends_at)
        )

    def _may_go_on(self, letter: OutgoingMail) -> bool:
        """Now and then between two letters: send what overtakes them; False if their mailing was stopped."""
        if letter.priority == Priority.URGENT or time.monotonic() - self._looked < LOOK_SECONDS:
            return True
        while pressing := claiming.claim_pressing(before=letter.priority, now=self.clock()):
            self.send(pressing)
        self._looked = time.monotonic()
        if letter.mailing_id is None:
            return True
        return bool(Mailing.objects.sendable(self.clock()).filter(pk=letter.mailing_id).exists())

    def _send_one(self, letter: OutgoingMail) -> None:
        if letter.attempts > len(_pauses(letter)) + 1:
            # Each sender so far went silent while it held this letter.
            self._put_off(letter, Refusal("Every attempt ended without an answer.", permanent=True))
            return
        try:
            message = message_of(letter)
        except ValueError as error:
            # Only our own mistakes end here, so whoever looks after the portal hears of it.
            refusal = refusal_of(error)
            logger.error("Letter %s cannot be written: %s", letter.pk, refusal.reason)  # noqa: TRY400 - a traceback could hold an address
            self._put_off(letter, refusal)
            return
        try:
            self._connection.backend().send_messages([message])
        except Exception as error:
            refusal = refusal_of(error)
            self._connection.drop()
            self._put_off(letter, refusal)
            if refusal.server_unreachable:
                raise ServerUnreachableError from error
        else:
            sent_at = self.clock()
            self.tally.sent += 1
            _finish(
                letter, state=OutgoingMail.State.SENT, sent_at=sent_at, finished_at=sent_at, last_error=""
            )

    def _suppress(self, letter: OutgoingMail, reason: str) -> None:
        self.tally.suppressed += 1
        _finish(letter, state=OutgoingMail.State.SUPPRESSED, finished_at=self.clock(), last_error=reason)

    def _put_off(self, letter: OutgoingMail, refusal: Refusal) -> None:
        """Queue the letter for another attempt, or give it up."""
        pauses, now = _pauses(letter), self.clock()
        if refusal.permanent or letter.attempts > len(pauses):
            self.tally.failed += 1
            logger.warning("Letter %s failed after %s attempts.", letter.pk, letter.attempts)
            _finish(letter, state=OutgoingMail.State.FAILED, finished_at=now, last_error=refusal.reason)
            return
        self.tally.postponed += 1
        logger.info("Letter %s is put off after attempt %s.", letter.pk, letter.attempts)
        _finish(
            letter,
            state=OutgoingMail.State.QUEUED,
            next_attempt_at=now + pauses[letter.attempts - 1],
            last_error=refusal.reason,
        )


def _pauses(letter: OutgoingMail) -> tuple[timedelta, ...]:
    return URGENT_PAUSES if letter.priority == Priority.URGENT else PAUSES


def _finish(letter: OutgoingMail, **fields: object) -> None:
    """Write the fate down, if the row is still ours: after the lease another sender may have taken it."""
    mine = OutgoingMail.objects.filter(
        pk=letter.pk, state=OutgoingMail.State.SENDING, attempts=letter.attempts
    )
    if not _insisted(lambda: mine.update(leased_until=None, **fields)):
        logger.warning("Letter %s was taken over by another sender after its lease ended.", letter.pk)


def _insisted(write: Callable[[], int]) -> int:
    """Write, also across a restart of the database: what the mail server said is known only here."""
    for pause in DATABASE_PAUSES:
        try:
            return write()
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block:
                raise
            logger.warning("The database does not answer; trying again.")
            connection.close()
            time.sleep(pause)
    return write()
