"""What it costs to show a programme of 200 sessions as a timetable, to a visitor.

Beside it: the same template from data that is ready, which is the least that any code in front of it can cost.
"""

import json

from bench.costs import in_turn
from bench.machine import Machine
from bench.pages import FEW, REPETITIONS, figures_of, warm
from bench.results import Goal, Peer, Result, spread
from bench.services import portal

NUMBERS = (3, 200)
CPU_MS, STATEMENTS = 50, 12


def timetable(machine: Machine) -> Result:
    """The timetable of 200 sessions, and of 3."""
    costs = {number: _measure(machine, number) for number in NUMBERS}
    few, many = (figures_of(*costs[number]) for number in NUMBERS)
    return Result(
        name="events.timetable",
        value=many["cpu_ms"],
        unit="ms of server CPU",
        spread=spread([cost.cpu_ms for cost in costs[NUMBERS[-1]][0]]),
        peer=Peer("the same template from ready data", many["rendering_ms"]),
        goal=Goal(
            f"{NUMBERS[-1]} sessions in at most {CPU_MS} ms and {STATEMENTS} statements",
            met=many["cpu_ms"] <= CPU_MS and many["statements"] <= STATEMENTS,
        ),
        also={
            "cpu_ms": many["cpu_ms"],
            "statements": many["statements"],
            f"with_{NUMBERS[0]}_sessions": few,
            f"with_{NUMBERS[-1]}_sessions": many,
            "database": machine.database,
        },
    )


def _measure(machine: Machine, number: int) -> list[list]:
    """The costs of the page and of its template alone."""
    prepared = machine.copy(machine.with_events(FEW))
    event = prepared.data["shown"]["pk"]
    made = json.loads(
        prepared.place.run("bench.programme_data", "--event", str(event), "--sessions", str(number))
    )
    with portal(prepared.place) as server:
        asks = warm(server, "", made["path"], f"/bench/ready-programme/?event={made['uuid']}")
        return list(in_turn(REPETITIONS, *asks))
