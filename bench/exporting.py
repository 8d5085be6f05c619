"""What a file of 50,000 registrations costs: memory, time to the first byte, time to the last."""

import csv
import io
import json
import resource
import sys
import time
from typing import TYPE_CHECKING, Any

from bench.machine import Machine, Prepared
from bench.pages import FEW
from bench.results import Goal, Peer, Result, spread

if TYPE_CHECKING:
    from events.models import EventPage

MANY, SOME = 50_000, 1_000
ROUNDS = 3
BATCH = 1_000
# Of the process's highest memory, beyond what a file of a thousand takes: Python gives little back.
MORE_MEGABYTES = 16
FIRST_BYTE_SECONDS = 1


def export_registrations(machine: Machine) -> Result:
    """The view's own answer, read to its end, beside `csv` over the same rows that lie ready in memory."""
    prepared = machine.copy(machine.with_events(FEW))
    run(prepared, "make")
    csvs = [run(prepared, "csv", MANY) for _ in range(ROUNDS)]
    xlsxs = [run(prepared, "xlsx", MANY) for _ in range(ROUNDS)]
    few = {file: run(prepared, file, SOME) for file in ("csv", "xlsx")}
    peer = run(prepared, "peer", MANY)
    seconds = spread([measured["seconds"] for measured in csvs])
    first_bytes = {
        file: max(one["first_byte_seconds"] for one in ones)
        for file, ones in (("csv", csvs), ("xlsx", xlsxs))
    }
    more = {
        file: max(one["peak_megabytes"] for one in ones) - few[file]["peak_megabytes"]
        for file, ones in (("csv", csvs), ("xlsx", xlsxs))
    }
    return Result(
        name="events.export_registrations",
        value=seconds.median,
        unit="seconds for CSV",
        spread=seconds,
        peer=Peer("csv of the same rows from tuples in memory", spread(peer["seconds"]).median),
        goal=Goal(
            f"{MANY:,} rows: first byte within {FIRST_BYTE_SECONDS} s, at most {MORE_MEGABYTES} MB more than "
            f"for {SOME:,}",
            met=max(first_bytes.values()) <= FIRST_BYTE_SECONDS and max(more.values()) <= MORE_MEGABYTES,
        ),
        also={
            "rows": MANY,
            "first_byte_ms": {file: value * 1000 for file, value in first_bytes.items()},
            "peak_megabytes": {
                "csv": max(one["peak_megabytes"] for one in csvs),
                "xlsx": max(one["peak_megabytes"] for one in xlsxs),
                "csv_of_1000": few["csv"]["peak_megabytes"],
                "xlsx_of_1000": few["xlsx"]["peak_megabytes"],
            },
            "xlsx_seconds": spread([one["seconds"] for one in xlsxs]).median,
            "cpu_seconds": {
                "csv": spread([one["cpu_seconds"] for one in csvs]).median,
                "xlsx": spread([one["cpu_seconds"] for one in xlsxs]).median,
            },
            "statements": csvs[0]["statements"],
            "megabytes": {"csv": csvs[0]["megabytes"], "xlsx": xlsxs[0]["megabytes"]},
            "database": machine.database,
        },
    )


def run(prepared: Prepared, what: str, rows: int = 0) -> Any:
    """In a process of its own: the highest memory of one is for good."""
    return json.loads(prepared.place.run("bench.exporting", what, str(rows)))


def main() -> None:
    """Runs beside the database: makes the rows, or exports so many, and prints what it took."""
    import django

    django.setup()
    what, rows = sys.argv[1], int(sys.argv[2])
    if what == "make":
        make_rows()
        print("{}")
    elif what == "peer":
        print(json.dumps({"seconds": [write_plainly(rows) for _ in range(ROUNDS)]}))
    else:
        print(json.dumps(export(what, rows)))


def event_with(rows: int) -> "EventPage":
    from events.models import EventPage

    return EventPage.objects.get(slug=slug_of(rows))


def slug_of(rows: int) -> str:
    return f"bench-export-{rows}"


def make_rows() -> None:
    """Two events: so many members registered for each, with answers, sessions and attendance."""
    from django.utils import timezone

    from events.models import (
        Attendance,
        EventPage,
        Question,
        Registration,
        Session,
        SessionPlace,
        WorkshopPage,
    )
    from members.models import Organisation, User

    now = timezone.now()
    organisations = list(Organisation.objects.all())
    members = User.objects.bulk_create(
        (
            User(
                email=f"export-{number}@force.example",
                first_name="Export",
                last_name=f"Practitioner {number}",
                password="!",
                organisation=organisations[number % len(organisations)],
                state=User.State.APPROVED,
            )
            for number in range(MANY)
        ),
        batch_size=BATCH,
    )
    shown = WorkshopPage.objects.live().first()
    for rows in (MANY, SOME):
        event = EventPage.objects.live().exclude(pk=shown.pk).exclude(slug__startswith="bench-export").first()
        EventPage.objects.filter(pk=event.pk).update(slug=slug_of(rows), capacity=None)
        event.registrations.all().delete()
        questions = Question.objects.bulk_create(
            Question(event_id=event.pk, label=label, kind=kind, sort_order=order)
            for order, (label, kind) in enumerate(
                [("Telephone", "text"), ("Years", "number"), ("Arrival", "date"), ("Vegetarian", "yes or no")]
            )
        )
        session = Session.objects.create(
            event_id=event.pk,
            title="Rating the hardest factors",
            starts_at=event.starts_at,
            ends_at=event.ends_at,
            is_chosen=True,
        )
        keys = [str(question.key) for question in questions]
        registrations = Registration.objects.bulk_create(
            (
                Registration(
                    event_id=event.pk,
                    member=member,
                    organisation_id=member.organisation_id,
                    state=Registration.State.CONFIRMED,
                    registered_at=now,
                    confirmed_at=now,
                    answers=dict(
                        zip(
                            keys,
                            ["+44 20 7946 0000", str(number), "2027-03-24", number % 2 == 0],
                            strict=True,
                        )
                    ),
                )
                for number, member in enumerate(members[:rows])
            ),
            batch_size=BATCH,
        )
        SessionPlace.objects.bulk_create(
            (SessionPlace(registration=row, session=session, chosen_at=now) for row in registrations),
            batch_size=BATCH,
        )
        Attendance.objects.bulk_create(
            (
                Attendance(registration=row, session=session, is_present=True, noted_at=now)
                for row in registrations[::2]
            ),
            batch_size=BATCH,
        )


def export(file: str, rows: int) -> dict[str, float]:
    """Ask the view as an organiser does, and read its answer to the end."""
    from django.db import connection
    from django.test import RequestFactory
    from django.test.utils import CaptureQueriesContext

    from events.admin_views.registrations import export as view
    from members.models import User

    event = event_with(rows)
    request = RequestFactory().post(f"/admin/events/{event.pk}/export/", {"file": file})
    request.user = User.objects.get(email="organiser@portal.example")
    size = 0
    with CaptureQueriesContext(connection) as captured:
        began, spent = time.perf_counter(), time.process_time()
        first_byte = 0.0
        for piece in view(request, event=event.pk):
            first_byte = first_byte or time.perf_counter() - began
            size += len(piece)
        seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - spent
    return {
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "first_byte_seconds": first_byte,
        "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "megabytes": size / 1024 / 1024,
        "statements": len(captured),
    }


def write_plainly(rows: int) -> float:
    """The least that such a file takes: the values are there, only CSV is made of them."""
    from events import exporting
    from events.spreadsheets import _in_csv

    event = event_with(rows)
    questions = exporting.questions_to_export(event, with_sensitive=False)
    ready = [
        tuple(map(_in_csv, row)) for row in exporting.rows(event, event.registrations.order_by(), questions)
    ]
    began = time.perf_counter()
    lines = io.StringIO()
    csv.writer(lines).writerows(ready)
    lines.getvalue().encode()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
