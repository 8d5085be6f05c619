"""How a worker is told that there is work. The work itself is always a row: this is only a hint."""

import logging
import os
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from celery import Task
from django.conf import settings
from django.db import transaction

logger = logging.getLogger(__name__)

# After the broker failed once, leave it alone for a moment: a request that queues 50 letters waits for
# one timeout, not for 50.
QUIET_SECONDS = 30.0
# A hint this old is worthless: the sweep did the work long ago.
EXPIRES_SECONDS = 3600

_quiet_until = 0.0


def nudge(task: "Task[..., None]", **kwargs: Any) -> None:
    """Tell a worker once the transaction commits.

    Never raises and never waits for long: a dead broker is logged, and the sweep finds the row.
    """
    transaction.on_commit(partial(_publish, task, kwargs), robust=True)


def nudge_about(task: "Task[..., None]", name: str, value: int) -> None:
    """Like `nudge`, but one message for all values of a transaction: `task(name=[value, …])`.

    A cancelled event writes to hundreds. Values of a savepoint that is rolled back are not told. In a rush,
    when this process told a worker less than BROKER_GATHER_SECONDS ago, they go with those of other
    transactions once that time is over.
    """
    connection = transaction.get_connection()
    savepoints = set(connection.savepoint_ids)
    for waiting_for, told, *_ in reversed(connection.run_on_commit):
        if (
            isinstance(told, _Gathered)
            and (told.task, told.name) == (task, name)
            and waiting_for == savepoints
        ):
            told.values.append(value)
            return
    transaction.on_commit(_Gathered(task, name, [value]), robust=True)


@dataclass
class _Gathered:
    """What is told at the end of a transaction."""

    task: "Task[..., None]"
    name: str
    values: list[int]

    def __call__(self) -> None:
        with _rushes_lock:
            rush = _rushes[self.task.name, self.name]
        rush.add(self.task, self.name, self.values)


@dataclass
class _Rush:
    """Values of several transactions, one soon after the other."""

    values: list[int] = field(default_factory=list)
    told_at: float = float("-inf")
    is_waiting: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, task: "Task[..., None]", name: str, values: list[int]) -> None:
        """Tell these now, or with those that come until it is time again."""
        with self.lock:
            self.values += values
            if self.is_waiting:
                return
            seconds = self.told_at + settings.BROKER_GATHER_SECONDS - time.monotonic()
            self.is_waiting = seconds > 0
        if seconds > 0:
            threading.Timer(seconds, self.tell, [task, name]).start()
        else:
            self.tell(task, name)

    def tell(self, task: "Task[..., None]", name: str) -> None:
        """One message for all there are."""
        with self.lock:
            values, self.values = self.values, []
            self.told_at = time.monotonic()
            self.is_waiting = False
        if values:
            _publish(task, {name: values})


_rushes: defaultdict[tuple[str, str], _Rush] = defaultdict(_Rush)
_rushes_lock = threading.Lock()


def _forget_rushes() -> None:
    """In a new process: the timers, and the locks that another thread held, stayed in the old one."""
    global _rushes_lock  # noqa: PLW0603 - one memory per process
    _rushes.clear()
    _rushes_lock = threading.Lock()


os.register_at_fork(after_in_child=_forget_rushes)


def _publish(task: "Task[..., None]", kwargs: dict[str, Any]) -> None:
    global _quiet_until  # noqa: PLW0603 - one broker, one memory of it per process
    if time.monotonic() < _quiet_until:
        return
    try:
        task.apply_async(kwargs=kwargs, retry=False, expires=EXPIRES_SECONDS)
    except Exception as error:  # noqa: BLE001 - each transport raises its own, and none may reach a reader
        _quiet_until = time.monotonic() + QUIET_SECONDS
        logger.warning("The broker did not take %s: %s.", task.name, type(error).__name__)
