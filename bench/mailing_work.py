"""The part of the mailing benchmarks that runs inside the portal: `python -m bench.mailing_work DOING …`.

Prints one JSON object: what was done, how long it took, and the most memory this process ever held.
"""

import argparse
import json
import os
import resource
import smtplib
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime

import django
import psycopg

django.setup()

from django.conf import settings  # noqa: E402 - after the portal is set up
from django.db import connection, transaction  # noqa: E402 - after the portal is set up
from django.utils import timezone  # noqa: E402 - after the portal is set up

from bench import mailing_letters as letters  # noqa: E402 - after the portal is set up
from mailing import delivery, mailings  # noqa: E402 - after the portal is set up
from mailing.actions import Priority, queue_letter  # noqa: E402 - after the portal is set up
from mailing.models import Mailing, OutgoingMail  # noqa: E402 - after the portal is set up


def recipients(first: int, number: int) -> Iterator[mailings.Recipient]:
    for each in range(first, first + number):
        yield mailings.Recipient(letters.address_of(each), letters.values_of(each), f"bench:{each}")


def new_mailing() -> Mailing:
    wording = mailings.keep_wording(
        subject=letters.SUBJECT,
        text=letters.TEXT,
        placeholders=[*letters.SHARED, *letters.values_of(0)],
        required=["answer_url"],
    )
    return mailings.make_mailing(
        name="Bench",
        kind="events/mail/invitation",
        wording=wording,
        values=letters.SHARED,
        now=timezone.now(),
    )


def queue(number: int) -> dict[str, object]:
    """A mailing with so many letters; it runs at once."""
    mailing = new_mailing()
    mailings.start_mailing(mailing=mailing, now=timezone.now())
    before = peak_mb()
    began = time.monotonic()
    report = mailings.queue_mailing(mailing=mailing, recipients=recipients(0, number), now=timezone.now())
    return {
        "seconds": time.monotonic() - began,
        "written": report.written,
        "peak_mb_before": before,
    }


def deliver(seconds: int) -> dict[str, object]:
    """What the worker's sweep sends."""
    began, cpu = time.monotonic(), time.process_time()
    tally = delivery.sweep(clock=timezone.now, time_allowed=timedelta(seconds=seconds))
    return {"seconds": time.monotonic() - began, "cpu_seconds": time.process_time() - cpu, "sent": tally.sent}


def bare(number: int) -> dict[str, object]:
    """The same letters from a loop that knows nothing else: built, sent over one connection, each committed."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_bare")
        cursor.execute("CREATE TABLE bench_bare (id integer PRIMARY KEY, sent_at timestamptz)")
        cursor.executemany("INSERT INTO bench_bare (id) VALUES (%s)", [(each,) for each in range(number)])
    database = settings.DATABASES["default"]
    parameters = {
        "host": database["HOST"], "port": database["PORT"], "user": database["USER"], "dbname": database["NAME"],
    }  # fmt: skip
    began, cpu = time.monotonic(), time.process_time()
    with (
        psycopg.connect(**parameters, autocommit=True) as file,
        smtplib.SMTP("127.0.0.1", settings.EMAIL_PORT) as server,
    ):
        for each in range(number):
            subject, text, html = letters.words(each)
            message = EmailMessage()
            message["Subject"] = subject
            message["From"] = settings.DEFAULT_FROM_EMAIL
            message["To"] = letters.address_of(each)
            message["Date"] = format_datetime(datetime.now(UTC))
            message["Message-ID"] = f"<{each:032x}@portal.example>"
            message.set_content(text)
            message.add_alternative(html, subtype="html")
            server.send_message(message)
            file.execute("UPDATE bench_bare SET sent_at = now() WHERE id = %s", [each])
    return {"seconds": time.monotonic() - began, "cpu_seconds": time.process_time() - cpu, "sent": number}


def grow(number: int) -> dict[str, object]:
    """Fill the outbox with so many letters that were sent, past the portal's code."""
    columns = (
        "dedupe_key, message_id, kind, recipient, values, attachments, unsubscribe_url, category, priority, state, "
        "attempts, next_attempt_at, created_at, sent_at, finished_at, last_error"
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM mailing_outgoingmail")
        [there] = cursor.fetchone()
        cursor.execute(
            f"INSERT INTO mailing_outgoingmail ({columns}) SELECT 'old:' || n, '<' || md5(n::text) || '@portal.example>', "
            "'events/mail/invitation', 'practitioner-' || n || '@force.example', "
            "'{\"name\": \"Practitioner ' || n || '\"}', '[]', '', '', 9, 'sent', 1, now(), now(), now(), now(), '' "
            "FROM generate_series(%s::bigint, %s::bigint) n",
            [there + 1, number],
        )
        cursor.execute("VACUUM ANALYZE mailing_outgoingmail")
    return {"rows": number}


def some(number: int, first: int) -> dict[str, object]:
    """Queue and deliver so many letters of a new mailing: what one costs, whatever lies in the outbox already."""
    mailing = new_mailing()
    mailings.start_mailing(mailing=mailing, now=timezone.now())
    began, cpu = time.monotonic(), time.process_time()
    mailings.queue_mailing(mailing=mailing, recipients=recipients(first, number), now=timezone.now())
    queued, queued_cpu = time.monotonic(), time.process_time()
    tally = delivery.sweep(clock=timezone.now, time_allowed=timedelta(minutes=10))
    return {
        "sent": tally.sent,
        "queue_seconds": queued - began,
        "deliver_seconds": time.monotonic() - queued,
        "queue_cpu": queued_cpu - cpu,
        "deliver_cpu": time.process_time() - queued_cpu,
    }


def urgent(number: int) -> dict[str, object]:
    """Ask for a sign-in code so many times, while others send; how long each took from commit to acceptance."""
    waits = []
    for each in range(number):
        key = f"bench.urgent:{time.time_ns()}:{each}"
        with transaction.atomic():
            queue_letter(
                template="members/mail/sign_in_code",
                to=f"code-{each}@force.example",
                context={"code": "123456"},
                dedupe_key=key,
                priority=Priority.URGENT,
            )
        began = time.monotonic()
        while not OutgoingMail.objects.filter(dedupe_key=key, state="sent").exists():
            time.sleep(0.01)
            if time.monotonic() - began > 60:
                raise TimeoutError("The code did not leave within a minute.")
        waits.append(time.monotonic() - began)
        time.sleep(0.2)
    waiting = OutgoingMail.objects.waiting().count()
    return {"waits": waits, "still_waiting": waiting}


def send_alone(number: int) -> dict[str, object]:
    """The usual way: one message on the queue for each letter, each sent over a connection of its own."""
    from bench.mailing_tasks import send_one

    for each in range(number):
        send_one.apply_async(kwargs={"number": each}, queue="bench")
    return {"queued": number}


def sweep_for_ever(_: int) -> dict[str, object]:
    """One worker, busy; it says when it begins."""
    print("ready", flush=True)
    while True:
        tally = delivery.sweep(clock=timezone.now, time_allowed=timedelta(seconds=50))
        if not tally.sent:
            time.sleep(0.2)


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


DOINGS = {
    "queue": queue, "deliver": deliver, "bare": bare, "grow": grow, "urgent": urgent, "send_alone": send_alone,
    "sweep": sweep_for_ever,
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("doing", choices=[*DOINGS, "some"])
    parser.add_argument("number", type=int)
    parser.add_argument("--first", type=int, default=0)
    arguments = parser.parse_args()
    if arguments.doing == "some":
        done = some(arguments.number, arguments.first)
    else:
        done = DOINGS[arguments.doing](arguments.number)
    print(json.dumps({**done, "peak_mb": peak_mb(), "pid": os.getpid()}))


if __name__ == "__main__":
    main()
