"""Ticks as a phone sends them: many at once, and again if it does not know whether they arrived. Pure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

# A phone sends what it has in parts of this size; more at once is nobody of ours.
MOST_AT_ONCE = 500
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Milliseconds until the year 9000: what lies beyond is no clock's error.
LATEST = 221_845_392_000_000


class MalformedBatch(ValueError):
    """What was sent is not a batch of ticks."""


@dataclass(frozen=True)
class Tick:
    """One tick or undo, with the moment at which it was made, wherever that was."""

    registration: UUID
    # The session's key; None for the event as a whole.
    session: UUID | None
    is_present: bool
    at: datetime


@dataclass(frozen=True)
class Batch:
    """What one phone has to say: its ticks, each under the phone's own name for it.

    `seen` is the state of the list that the phone shows (its digest), `session` the list it looks at.
    """

    session: UUID | None
    seen: str
    names: Sequence[str]
    ticks: Sequence[Tick]


def read_batch(body: bytes) -> Batch:
    """The batch in a request's body. Raises MalformedBatch.

    A tick's moment is in milliseconds since 1970 by the server's clock, as far as the phone knows it: it
    compares its own with the server's whenever it hears from it.
    """
    try:
        sent = json.loads(body)
        ticks = sent["ticks"]
        if not isinstance(ticks, list) or len(ticks) > MOST_AT_ONCE:
            raise MalformedBatch
        return Batch(
            session=_uuid(sent["session"]),
            seen=str(sent.get("seen", "")),
            names=[str(tick["id"])[:40] for tick in ticks],
            ticks=[_tick(tick) for tick in ticks],
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise MalformedBatch from error


def milliseconds(at: datetime) -> int:
    """A moment as phones count it."""
    return (at - EPOCH) // timedelta(milliseconds=1)


def _tick(sent: Any) -> Tick:
    at, is_present = sent["at"], sent["is_present"]
    if type(at) is not int or not 0 <= at <= LATEST or type(is_present) is not bool:
        raise MalformedBatch
    registration = _uuid(sent["registration"])
    if registration is None:
        raise MalformedBatch
    return Tick(registration, _uuid(sent["session"]), is_present, EPOCH + timedelta(milliseconds=at))


def _uuid(sent: Any) -> UUID | None:
    if sent is None or sent == "":
        return None
    if not isinstance(sent, str):
        raise MalformedBatch
    return UUID(sent)
