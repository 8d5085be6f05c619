"""Letters by the thousand: queued, delivered to Postfix's smtp-sink, among a million others, and overtaken.

The letters are invitations with a person's wording (`bench/mailing_letters.py`), the worker is the sweep that the
clock starts. Each peer is measured in the same run, on the same machine, against the same mail server.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

from bench.machine import Machine, say
from bench.mailing_letters import ALONE
from bench.results import Goal, Peer, Result, Skipped, spread
from bench.services import PROJECT, CannotStartError, Place, free_port, stop

HOW_TO_GET_SMTP_SINK = (
    "smtp-sink is missing. It comes with Postfix (Debian: apt-get install --no-install-recommends postfix)."
)
NEEDS_POSTGRESQL = (
    "The figures are for PostgreSQL, which is not installed (Debian: apt-get install postgresql)."
)

QUEUED = 100_000
QUEUE_SECONDS, QUEUE_GROWTH_MB = 60, 30
ROUNDS, A_ROUND = 5, 1_000
SHARE_OF_BARE, TIMES_ALONE = 0.5, 3
LADDER, LONG_LADDER = (1_000, 10_000, 100_000), (1_000, 10_000, 100_000, 1_000_000)
STEP = 1_000
FLAT = 1.25
BEHIND = 100_000
CODES = 15
CODE_SECONDS = 2.0


def queue_letters(machine: Machine) -> Result | Skipped:
    """A mailing of 100,000: seconds, and how much memory grows over it."""
    if missing := _missing(machine):
        return Skipped("mailing.queue_letters", missing)
    place = machine.empty("queue_letters")
    small = _work(place, "queue", 1_000)
    place = machine.empty("queue_letters_many")
    done = _work(place, "queue", QUEUED)
    grown = done["peak_mb"] - small["peak_mb"]
    return Result(
        name="mailing.queue_letters",
        value=done["seconds"],
        unit="s for 100,000 letters",
        spread=spread([done["seconds"]]),
        peer=Peer("as many times the seconds of 1,000", small["seconds"] * QUEUED / 1_000),
        goal=Goal(
            f"under {QUEUE_SECONDS} s, in the memory of 1,000",
            met=done["seconds"] < QUEUE_SECONDS and grown < QUEUE_GROWTH_MB and done["written"] == QUEUED,
        ),
        also={"peak_mb": done["peak_mb"], "peak_mb_of_1000": small["peak_mb"], "letters_a_second": QUEUED / done["seconds"]},
    )  # fmt: skip


def deliver(machine: Machine) -> Result | Skipped:
    """Letters a second by one worker, beside a bare loop over one connection and one task a letter."""
    if missing := _missing(machine):
        return Skipped("mailing.deliver", missing)
    place = machine.empty("deliver")
    ours, bare, cpu = [], [], []
    with _mail_server() as port:
        _work(place, "queue", A_ROUND, port=port)
        _work(
            place, "deliver", 300, port=port
        )  # Warms up the database's caches and the bare loop's peer alike.
        for round_ in range(ROUNDS):
            # Alternately, so that whatever else the machine does meets both.
            done = _work(place, "some", A_ROUND, "--first", 10_000 * (round_ + 1), port=port)
            if done["sent"] != A_ROUND:
                raise RuntimeError(f"{done['sent']} letters left instead of {A_ROUND}.")
            ours.append(A_ROUND / done["deliver_seconds"])
            cpu.append(done["deliver_cpu"] / A_ROUND * 1000)
            done = _work(place, "bare", A_ROUND, port=port)
            bare.append(A_ROUND / done["seconds"])
        alone = _rate_alone(place, port)
    of_bare = statistics.median(own / other for own, other in zip(ours, bare, strict=True))
    rate = spread(ours)
    return Result(
        name="mailing.deliver",
        value=rate.median,
        unit="letters a second",
        spread=rate,
        peer=Peer("a bare smtplib loop, one commit a letter", statistics.median(bare)),
        goal=Goal(
            f"at least {SHARE_OF_BARE} of the bare loop, {TIMES_ALONE} times one task and connection a letter",
            met=of_bare >= SHARE_OF_BARE and rate.median >= TIMES_ALONE * alone,
        ),
        also={
            "share_of_bare": of_bare,
            "one_task_a_letter": alone,
            "times_one_task_a_letter": rate.median / alone,
            "cpu_ms": statistics.median(cpu),
        },
    )


def growth(machine: Machine) -> Result | Skipped:
    """What a letter costs when the outbox holds a thousand, and when it holds very many."""
    if missing := _missing(machine):
        return Skipped("mailing.growth", missing)
    place = machine.empty("growth")
    with machine.cluster.connect(place.database) as connection:
        # The wait for the disk is the same for any number of rows, and would hide what differs.
        connection.execute(f'ALTER DATABASE "{place.database}" SET synchronous_commit = off')
    queueing, delivering, first = {}, {}, 10_000_000
    with _mail_server() as port:
        for rows in LONG_LADDER if machine.is_long else LADDER:
            say(f"  {rows:,} letters in the outbox…")
            _work(place, "grow", rows, port=port)
            steps = [_work(place, "some", STEP, "--first", first + STEP * n, port=port) for n in range(3)]
            first += STEP * 3
            # The least of three: what else the machine does only adds.
            queueing[rows] = min(step["queue_seconds"] for step in steps) / STEP * 1000
            delivering[rows] = min(step["deliver_seconds"] for step in steps) / STEP * 1000
    least, most = min(delivering), max(delivering)
    whole = {rows: queueing[rows] + delivering[rows] for rows in delivering}
    return Result(
        name="mailing.growth",
        value=whole[most],
        unit=f"ms a letter among {most:,}",
        spread=spread(list(whole.values())),
        peer=Peer(f"ms a letter among {least:,}", whole[least]),
        goal=Goal(f"at most {FLAT} times as much", met=whole[most] <= FLAT * whole[least]),
        also={
            "queue_ms": {str(rows): value for rows, value in queueing.items()},
            "deliver_ms": {str(rows): value for rows, value in delivering.items()},
        },
    )


def urgent_letter(machine: Machine) -> Result | Skipped:
    """A sign-in code behind 100,000 invitations: from commit to acceptance, with one worker that is busy sending."""
    if missing := _missing(machine):
        return Skipped("mailing.urgent_letter", missing)
    place = machine.empty("urgent_letter")
    with _mail_server() as port:
        quiet = _work(place, "urgent", 3, port=port, worker=True)
        _work(place, "queue", BEHIND, port=port)
        done = _work(place, "urgent", CODES, port=port, worker=True)
    waits = spread(done["waits"])
    return Result(
        name="mailing.urgent_letter",
        value=waits.max,
        unit="s at most",
        spread=waits,
        peer=Peer("with nothing else to send", max(quiet["waits"])),
        goal=Goal(
            f"within {CODE_SECONDS:.0f} s behind {BEHIND:,} letters",
            met=waits.max <= CODE_SECONDS and done["still_waiting"] > 0,
        ),
        also={"still_waiting": done["still_waiting"]},
    )


# --- The parts -------------------------------------------------------------------------------------------


def _missing(machine: Machine) -> str:
    if machine.cluster is None:
        return NEEDS_POSTGRESQL
    return "" if _smtp_sink() else HOW_TO_GET_SMTP_SINK


def _smtp_sink() -> str | None:
    return shutil.which("smtp-sink", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@contextlib.contextmanager
def _mail_server() -> Iterator[int]:
    """Postfix's smtp-sink, which takes everything and keeps nothing, for as long as the block runs."""
    port = free_port()
    # As root it wants to be told whose rights to take.
    identity = ["-u", "nobody"] if os.geteuid() == 0 else []
    process = subprocess.Popen([_smtp_sink() or "", *identity, f"127.0.0.1:{port}", "256"])
    try:
        deadline = time.monotonic() + 10
        while True:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            if process.poll() is not None or time.monotonic() > deadline:
                raise CannotStartError("smtp-sink did not start.")
            time.sleep(0.05)
        yield port
    finally:
        stop(process, signal.SIGTERM)


def _work(
    place: Place, doing: str, number: int, *more: object, port: int = 0, worker: bool = False
) -> dict[str, Any]:
    """Let a process do something inside the portal; what it tells. With a worker, the sweep runs beside it."""
    environment = place.environment(BENCH_SMTP_PORT=str(port))
    with contextlib.ExitStack() as stack:
        if worker:
            sweep = subprocess.Popen(
                [sys.executable, "-m", "bench.mailing_work", "sweep", "600"],
                cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
            stack.callback(stop, sweep, signal.SIGTERM)
            (sweep.stdout or sys.stdin).readline()
        finished = subprocess.run(
            [sys.executable, "-m", "bench.mailing_work", doing, str(number), *map(str, more)],
            cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True, check=True,
        )  # fmt: skip
    return json.loads(finished.stdout)


def _rate_alone(place: Place, port: int) -> float:
    """Letters a second by a Celery worker with one process: one task, one connection and one commit a letter."""
    environment = place.environment(BENCH_SMTP_PORT=str(port))
    _work(place, "send_alone", ALONE, port=port)
    worker = subprocess.Popen(
        [
            sys.executable, "-m", "celery", "--app", "bench.mailing_celery", "--quiet", "worker", "--pool", "solo",
            "--queues", "bench", "--loglevel", "ERROR", "--without-gossip", "--without-mingle", "--without-heartbeat",
        ],
        cwd=PROJECT, env=environment, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        # The worker writes down when it took the first and when it finished the last.
        moments = place.folder / "alone"
        deadline = time.monotonic() + 300
        while not moments.exists() or len(moments.read_text().split()) < 2:
            if worker.poll() is not None or time.monotonic() > deadline:
                raise CannotStartError("The worker of the peer did not finish.")
            time.sleep(0.1)
        began, ended = map(float, moments.read_text().split())
    finally:
        stop(worker, signal.SIGTERM)
    return (ALONE - 1) / (ended - began)
