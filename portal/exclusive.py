"""One at a time, across processes and machines, and free again when the holder dies."""

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection


class AlreadyRunningError(Exception):
    """Somebody else holds the name."""


@contextmanager
def exclusively(name: str) -> Iterator[None]:
    """Hold a name while the block runs; raises AlreadyRunningError if it is held.

    The operating system or PostgreSQL lets go of it when the process or its connection dies, so there is
    no lease to guess and nothing to clean up.
    """
    with _advisory_lock(name) if connection.vendor == "postgresql" else _file_lock(name):
        yield


@contextmanager
def _advisory_lock(name: str) -> Iterator[None]:
    """For several machines. It belongs to the connection: a pooler must not share that (PgBouncer: session mode)."""
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        if not cursor.fetchone()[0]:
            raise AlreadyRunningError(name)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


@contextmanager
def _file_lock(name: str) -> Iterator[None]:
    folder = Path(settings.VAR_DIR, "locks")
    folder.mkdir(parents=True, exist_ok=True)
    with Path(folder, f"{name.replace(' ', '-')}.lock").open("w", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunningError(name) from None
        yield
