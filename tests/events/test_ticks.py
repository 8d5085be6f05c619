"""What phones send is read strictly: a batch is whole, or it is none."""

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.ticks import MOST_AT_ONCE, MalformedBatch, Tick, milliseconds, read_batch

PERSON = "0b6a0f0e-8e1c-4d5e-9b6a-0f0e8e1c4d5e"
SESSION = "7c6a0f0e-8e1c-4d5e-9b6a-0f0e8e1c4d5e"
AT = datetime(2027, 1, 14, 9, 30, tzinfo=UTC)
TICK = {"id": "a", "registration": PERSON, "session": SESSION, "is_present": True, "at": milliseconds(AT)}


def body(**changes: object) -> bytes:
    return json.dumps({"session": SESSION, "seen": "x", "ticks": [TICK], **changes}).encode()


def test_read_batch():
    batch = read_batch(body())

    assert (batch.session, batch.seen, batch.names) == (UUID(SESSION), "x", ["a"])
    assert batch.ticks == [Tick(UUID(PERSON), UUID(SESSION), is_present=True, at=AT)]


def test_read_batch_of_an_event_without_sessions():
    batch = read_batch(body(session=None, ticks=[TICK | {"session": None}]))

    assert (batch.session, batch.ticks[0].session) == (None, None)


@pytest.mark.parametrize(
    "ticks",
    [
        [TICK | {"registration": "none"}],
        [TICK | {"registration": None}],
        [TICK | {"registration": 5}],
        [TICK | {"session": "none"}],
        [TICK | {"is_present": "yes"}],
        [TICK | {"is_present": 1}],
        [TICK | {"at": "now"}],
        [TICK | {"at": True}],
        [TICK | {"at": -1}],
        [TICK | {"at": 1.5}],
        [TICK | {"at": 10**18}],
        [{}],
        [None],
        "ticks",
        {"a": TICK},
        [TICK] * (MOST_AT_ONCE + 1),
    ],
)
def test_read_batch_refuses_what_is_no_tick(ticks):
    with pytest.raises(MalformedBatch):
        read_batch(body(ticks=ticks))


@pytest.mark.parametrize("sent", [b"", b"null", b"[]", b"{}", b"\xff\xfe", b"{", b"[" * 100_000])
def test_read_batch_refuses_what_is_no_batch(sent):
    with pytest.raises(MalformedBatch):
        read_batch(sent)


@given(st.binary(max_size=100))
def test_read_batch_raises_nothing_else(sent):
    with pytest.raises(MalformedBatch):
        read_batch(sent)
