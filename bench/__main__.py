"""`python -m bench [--only NAME] [--long]`: one JSON object per line, progress and a summary beside it.

`make bench ONLY=name LONG=1` says the same.
"""

import argparse
import os
import sys
import time
import traceback
from collections.abc import Callable, Mapping

from bench import exporting, importing, mailing, pages, programme, race, registering
from bench.machine import Machine, machine, say
from bench.results import Result, Skipped, table

BENCHMARKS: Mapping[str, Callable[[Machine], Result | Skipped]] = {
    "home.front_page": pages.front_page,
    "events.event_index": pages.event_index,
    "events.event_page": pages.event_page,
    "events.event_page_signed_in": pages.event_page_signed_in,
    "events.timetable": programme.timetable,
    "events.registration_cost": registering.registration_cost,
    "events.book_place": race.book_place,
    "events.book_place_in_rounds": race.book_place_in_rounds,
    "events.book_place_without_lock": race.book_place_without_lock,
    "events.export_registrations": exporting.export_registrations,
    "members.import_members": importing.import_members,
    "mailing.queue_letters": mailing.queue_letters,
    "mailing.deliver": mailing.deliver,
    "mailing.growth": mailing.growth,
    "mailing.urgent_letter": mailing.urgent_letter,
}


def main() -> int:
    """Run what was asked for. An error ends in 1; a goal that was missed stands in its line."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure the portal.")
    parser.add_argument(
        "--only", metavar="NAME", default=os.environ.get("ONLY", ""), help="one benchmark, or one app's"
    )
    parser.add_argument(
        "--long",
        action="store_true",
        default=bool(os.environ.get("LONG")),
        help="also with a million registrations",
    )
    arguments = parser.parse_args()
    only = arguments.only
    chosen = {
        name: run
        for name, run in BENCHMARKS.items()
        if not only or name == only or name.split(".")[0] == only
    }
    if not chosen:
        parser.error(f"no benchmark is called {only!r}. There are: {', '.join(BENCHMARKS)}.")
    outcomes, errors = [], 0
    with machine(is_long=arguments.long) as place:
        for name, run in chosen.items():
            say(f"— {name}")
            began = time.monotonic()
            try:
                outcome = run(place)
            except Exception:  # noqa: BLE001 - the others still have something to say
                traceback.print_exc()
                errors += 1
                continue
            outcomes.append(outcome)
            print(outcome.line(), flush=True)
            say(f"  {time.monotonic() - began:.0f} s")
    say("\n" + table(outcomes))
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
