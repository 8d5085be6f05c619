"""`make test`: every test there is, one suite after the other, and what was left out at the end.

The suites: everything on SQLite; the browser journeys; faults with real processes; everything again on
PostgreSQL where there is one (TEST_DATABASE_URL). With REQUIRE_SERVICES=1 a missing service or browser is a failure. Arguments go to
each pytest: `make test ARGS="tests/mailing -k sweep"`.
"""
# ruff: noqa: T201 - it talks to whoever started it

import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORKERS = ("-n", os.environ.get("TEST_WORKERS", "2"))
NOTHING_COLLECTED = 5
CLOSING_LINE = re.compile(r"^(=+ )?.*\d+ (passed|failed|error|skipped|deselected).* in [\d.]+s.*$")
# Set for a server, they would lead the tests to its database, mail and queue.
NOT_FOR_TESTS = (
    "BASE_URL",
    "BROKER_URL",
    "CACHE_URL",
    "DATABASE_URL",
    "DJANGO_SETTINGS_MODULE",
    "EMAIL_URL",
    "VAR_DIR",
)


@dataclass(frozen=True)
class Suite:
    """One run of pytest."""

    name: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Outcome:
    suite: Suite
    code: int
    closing_line: str
    left_out: tuple[str, ...]
    seconds: float


def main(arguments: list[str]) -> int:
    """Run all suites; 0 if all went well."""
    database = os.environ.get("TEST_DATABASE_URL", "")
    required = os.environ.get("REQUIRE_SERVICES") == "1"
    outcomes = [run(suite, arguments) for suite in suites(database)]
    notes = [note for outcome in outcomes for note in outcome.left_out]
    if not database:
        notes.append(
            "Left out: the suite on PostgreSQL. Make an empty database whose user may create others, and set "
            "TEST_DATABASE_URL=postgresql://USER:PASSWORD@HOST:5432/NAME (or let .ci/run do it)."
        )
    failed = [outcome for outcome in outcomes if outcome.code not in {0, NOTHING_COLLECTED}]
    if required and not database:
        notes.append("REQUIRE_SERVICES=1 makes that a failure.")
    summary(outcomes, list(dict.fromkeys(notes)))
    return 1 if failed or (required and not database) else 0


def suites(database: str) -> list[Suite]:
    # What needs PostgreSQL is in its own suite; without one it is collected here, to be reported as left out.
    # What kills processes has databases of its own, so it runs once.
    others = "not journey and not faults"
    expression = f"{others} and not postgres" if database else others
    found = [
        Suite("SQLite", ("-m", expression, *WORKERS), {}),
        # One process: they share a running portal with its demo.
        Suite("Browser journeys", ("-m", "journey"), {}),
        # One process: they need the machine for themselves.
        Suite("Faults", ("-m", "faults"), {}),
    ]
    if database:
        found.append(Suite("PostgreSQL", ("-m", others, *WORKERS), {"DATABASE_URL": database}))
    return found


def run(suite: Suite, arguments: list[str]) -> Outcome:
    """Run one suite, show what it says, and keep what matters of it."""
    print(f"\n{suite.name}", flush=True)
    started = time.monotonic()
    closing_line = ""
    left_out = []
    inherited = {name: value for name, value in os.environ.items() if name not in NOT_FOR_TESTS}
    with subprocess.Popen(
        [sys.executable, "-m", "pytest", "--quiet", *suite.arguments, *arguments],
        cwd=ROOT,
        env={**inherited, **suite.environment},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            if line.startswith("Left out: "):
                left_out.append(line.strip())
            if CLOSING_LINE.match(line):
                closing_line = line.strip()
    return Outcome(suite, process.returncode, closing_line, tuple(left_out), time.monotonic() - started)


def summary(outcomes: list[Outcome], notes: list[str]) -> None:
    """The end of the output: what was left out, and each suite's closing line as pytest wrote it."""
    print()
    for note in notes:
        print(note)
    for outcome in outcomes:
        line = outcome.closing_line or f"ended with code {outcome.code}"
        print(f"{outcome.suite.name} ({outcome.seconds:.0f} s):\n{line}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
