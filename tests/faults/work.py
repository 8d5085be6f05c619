"""What the tests' processes do: `python -m tests.faults.work DOING`. The portal's own code, with shorter waits.

The clock is the machine's, moved by as many seconds as the file in CLOCK says.
"""

import os
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.faults.settings")
django.setup()

from django.db import InterfaceError, OperationalError, connection, transaction  # noqa: E402 - after the portal is set up
from django.utils import timezone  # noqa: E402 - after the portal is set up

from mailing import claiming, delivery, mailings  # noqa: E402 - after the portal is set up
from mailing.actions import Priority, queue_letter  # noqa: E402 - after the portal is set up

LEASE = timedelta(seconds=float(os.environ.get("LEASE", "2")))
claiming.LEASE = LEASE
delivery.HOLD = LEASE / 2
delivery.PAUSES = (timedelta(seconds=0.2),) * 30


def clock() -> datetime:
    file = Path(os.environ.get("CLOCK", "/nonexistent"))
    try:
        moved = float(file.read_text() or "0")
    except FileNotFoundError:
        moved = 0.0
    return timezone.now() + timedelta(seconds=moved)


def sweep() -> None:
    """Send for ever, as the clock's job does every minute. A database that is away is waited for."""
    print("ready", flush=True)
    while True:
        try:
            tally = delivery.sweep(clock=clock, time_allowed=timedelta(seconds=20))
        except (OperationalError, InterfaceError):
            connection.close()
            tally = None
        if tally is None or not tally.sent:
            time.sleep(0.05)


def deliver(first: int, last: int) -> None:
    """What the worker's task does, for letters by number."""
    print("ready", flush=True)
    sys.stdin.readline()
    delivery.deliver(range(first, last + 1), clock=clock)


def queue_mailing(number: int) -> None:
    """A mailing that runs."""
    mailing = mailings.make_mailing(name="Trial", kind="faults/mail/trial", now=clock())
    mailings.start_mailing(mailing=mailing, now=clock())
    mailings.queue_mailing(
        mailing=mailing,
        recipients=(
            mailings.Recipient(
                f"practitioner-{each}@force.example",
                {"number": each, "name": f"Practitioner {each}"},
                f"trial:{each}",
            )
            for each in range(number)
        ),
        now=clock(),
    )


def queue_letters(first: int, last: int) -> None:
    """Letters of their own, each in a transaction that tells a worker; how long the slowest took."""
    slowest = 0.0
    for each in range(first, last + 1):
        began = time.monotonic()
        with transaction.atomic():
            queue_letter(
                template="faults/mail/trial",
                to=f"practitioner-{each}@force.example",
                context={"number": each, "name": f"Practitioner {each}"},
                dedupe_key=f"own:{each}",
                priority=Priority.NORMAL,
            )
        slowest = max(slowest, time.monotonic() - began)
    print(slowest)


def queue_code() -> None:
    """Something urgent, which no worker is told about; the moment it was committed."""
    queue_letter(
        template="faults/mail/trial",
        to="code@force.example",
        context={"number": 0, "name": "Reader"},
        dedupe_key=f"code:{time.time_ns()}",
        priority=Priority.URGENT,
    )
    print(time.time())


if __name__ == "__main__":
    doing, *numbers = sys.argv[1:]
    {
        "sweep": sweep,
        "deliver": deliver,
        "queue_mailing": queue_mailing,
        "queue_letters": queue_letters,
        "queue_code": queue_code,
    }[doing](*map(int, numbers))
