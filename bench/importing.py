"""How long it takes to take in 10,000 members from a list."""

import csv
import io
import json
import sys
import time
from pathlib import Path

from bench.machine import Machine
from bench.pages import FEW
from bench.results import Goal, Peer, Result, spread

ROWS = 10_000
ROUNDS = 3
SECONDS = 10
COLUMNS = ("email", "first_name", "last_name", "organisation", "job_title")


def import_members(machine: Machine) -> Result:
    """`manage.py import_members`, beside the least that writing the same people takes."""
    prepared = machine.copy(machine.with_events(FEW))
    measured = json.loads(prepared.place.run("bench.importing", str(prepared.place.folder)))
    seconds, peer = spread(measured["seconds"]), spread(measured["peer_seconds"])
    return Result(
        name="members.import_members",
        value=seconds.median,
        unit="seconds",
        spread=seconds,
        peer=Peer("csv and bulk_create of the same rows", peer.median),
        goal=Goal(f"{ROWS:,} rows in seconds: at most {SECONDS}", met=seconds.median <= SECONDS),
        also={
            "rows": ROWS,
            "rows_a_second": ROWS / seconds.median,
            "cpu_seconds": spread(measured["cpu_seconds"]).median,
            "database": machine.database,
        },
    )


def main() -> None:
    """Runs beside the database, as its own process: import and peer by turns, each on rows never seen."""
    import django

    django.setup()
    from django.core.management import call_command

    from members.models import Organisation, User

    folder = Path(sys.argv[1])
    organisation = Organisation.objects.earliest("pk")
    before = User.objects.count()
    seconds, cpu_seconds, peer_seconds = [], [], []
    for number in range(ROUNDS):
        file = folder / f"members-{number}.csv"
        file.write_text(listed(f"import-{number}", organisation.name), encoding="utf-8")
        began, spent = time.perf_counter(), time.process_time()
        call_command("import_members", str(file), stdout=io.StringIO(), stderr=io.StringIO())
        seconds.append(time.perf_counter() - began)
        cpu_seconds.append(time.process_time() - spent)

        file.write_text(listed(f"peer-{number}", organisation.name), encoding="utf-8")
        began = time.perf_counter()
        write_plainly(file, organisation.pk)
        peer_seconds.append(time.perf_counter() - began)
    written = User.objects.count() - before
    if written != 2 * ROUNDS * ROWS:
        raise SystemExit(f"{2 * ROUNDS * ROWS} members were to be written, {written} were.")
    print(json.dumps({"seconds": seconds, "cpu_seconds": cpu_seconds, "peer_seconds": peer_seconds}))


def listed(prefix: str, organisation: str) -> str:
    """A list as an organisation sends it."""
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(COLUMNS)
    for number in range(ROWS):
        address = f"{prefix}-{number}@force.example"
        lines.writerow([address, "Demo", f"Practitioner {number}", organisation, "Offender manager"])
    return text.getvalue()


def write_plainly(file: Path, organisation: int) -> None:
    """The same people without a question asked: no check of a line, no decision noted, no address confirmed."""
    from django.db import transaction

    from members.models import User

    with file.open(encoding="utf-8", newline="") as lines, transaction.atomic():
        User.objects.bulk_create(
            (
                User(
                    email=row["email"],
                    first_name=row["first_name"],
                    last_name=row["last_name"],
                    job_title=row["job_title"],
                    organisation_id=organisation,
                    state=User.State.APPROVED,
                    password="!",
                )
                for row in csv.DictReader(lines)
            ),
            batch_size=500,
        )


if __name__ == "__main__":
    main()
