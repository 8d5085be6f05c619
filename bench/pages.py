"""What it costs to show a page: to a visitor, and to a signed-in member.

No page, no part of one and no answer of the database is kept from one request to the next. What a process
learns once stays: compiled templates, content types, Wagtail's list of sites.
"""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from bench.client import Answer, Client
from bench.costs import Cost, Meter, in_turn
from bench.machine import Machine
from bench.results import Goal, Peer, Result, spread
from bench.services import Portal, portal

FEW, MANY = 5, 5000
MILLION = 1_000_000
REPETITIONS = 200
WARMING_UP = 20

CPU_MS, STATEMENTS, ABOVE_RENDERING_MS = 15, 12, 10
SIGNED_IN_STATEMENTS, SIGNED_IN_RATIO = 15, 2

PathOf = Callable[[Mapping[str, Any]], str]


def front_page(machine: Machine) -> Result:
    """The first page a visitor sees."""
    return _anonymous("home.front_page", machine, lambda _data: "/")


def event_index(machine: Machine) -> Result:
    """The first page of the list of events."""
    return _anonymous("events.event_index", machine, lambda data: data["index"])


def event_page(machine: Machine) -> Result:
    """An event's page."""
    return _anonymous("events.event_page", machine, lambda data: data["shown"]["path"])


def _anonymous(name: str, machine: Machine, path_of: PathOf) -> Result:
    """One page to a visitor with few events and with many, each beside its template with ready data."""
    sizes = {f"with_{FEW}_events": machine.with_events(FEW), f"with_{MANY}_events": machine.with_events(MANY)}
    if machine.is_long:
        sizes["with_a_million_registrations"] = machine.with_events(MANY, registered=MILLION // MANY)
    with contextlib.ExitStack() as stack:
        asks = []
        for prepared in sizes.values():
            server = stack.enter_context(portal(prepared.place))
            path = path_of(prepared.data)
            asks += warm(server, "", path, f"/bench/ready/?path={quote(path)}")
        costs = in_turn(REPETITIONS, *asks)
    figures = {
        size: figures_of(page, rendered)
        for size, page, rendered in zip(sizes, costs[::2], costs[1::2], strict=True)
    }
    few, most = figures[f"with_{FEW}_events"], list(figures.values())[-1]
    return Result(
        name=name,
        value=most["cpu_ms"],
        unit="ms of server CPU",
        spread=spread([cost.cpu_ms for cost in costs[-2]]),
        peer=Peer("the same template from ready data", most["rendering_ms"]),
        goal=Goal(
            f"at most {CPU_MS} ms, {STATEMENTS} statements and {ABOVE_RENDERING_MS} ms above the peer,"
            f" with {FEW} and with {MANY:,} events",
            met=all(
                size["cpu_ms"] <= CPU_MS
                and size["statements"] <= STATEMENTS
                and size["above_rendering_ms"] <= ABOVE_RENDERING_MS
                for size in figures.values()
            ),
        ),
        also={
            "cpu_ms": most["cpu_ms"],
            "statements": most["statements"],
            **figures,
            "growth": most["cpu_ms"] / few["cpu_ms"],
            "growth_above_rendering": most["above_rendering_ms"] / few["above_rendering_ms"],
            "database": machine.database,
        },
    )


def figures_of(page: Sequence[Cost], rendered: Sequence[Cost]) -> dict[str, Any]:
    whole = spread([cost.cpu_ms for cost in page]).median
    rendering = spread([cost.rendering_ms for cost in rendered]).median
    return {
        "cpu_ms": whole,
        "database_cpu_ms": spread([cost.database_cpu_ms for cost in page]).median,
        "statements": max(cost.statements for cost in page),
        "rendering_ms": rendering,
        "rendering_statements": max(cost.statements for cost in rendered),
        "above_rendering_ms": whole - rendering,
        "p95_ms": spread([cost.seconds * 1000 for cost in page]).p95,
    }


def event_page_signed_in(machine: Machine) -> Result:
    """An event's page to a member who is signed in, beside an empty view, the bare frame and an empty page."""
    prepared = machine.with_events(MANY)
    session = prepared.data["sessions"][-1]
    with portal(prepared.place) as server:
        paths = [prepared.data["shown"]["path"], "/bench/empty/", "/bench/frame/", prepared.data["empty"]]
        page, empty, frame, empty_page = in_turn(REPETITIONS * 2, *warm(server, session, *paths))
    waited, waited_empty, waited_frame, waited_empty_page = (
        spread([cost.seconds * 1000 for cost in costs]) for costs in (page, empty, frame, empty_page)
    )
    statements = max(cost.statements for cost in page)
    return Result(
        name="events.event_page_signed_in",
        value=waited.p95,
        unit="ms, p95",
        spread=waited,
        peer=Peer("a signed-in empty view, p95", waited_empty.p95),
        goal=Goal(
            f"at most {SIGNED_IN_STATEMENTS} statements, p95 at most {SIGNED_IN_RATIO} times the peer's",
            met=statements <= SIGNED_IN_STATEMENTS and waited.p95 <= SIGNED_IN_RATIO * waited_empty.p95,
        ),
        also={
            "cpu_ms": spread([cost.cpu_ms for cost in page]).median,
            "database_cpu_ms": spread([cost.database_cpu_ms for cost in page]).median,
            "statements": statements,
            "peer_cpu_ms": spread([cost.cpu_ms for cost in empty]).median,
            "peer_statements": max(cost.statements for cost in empty),
            "frame_alone_p95_ms": waited_frame.p95,
            "frame_alone_cpu_ms": spread([cost.cpu_ms for cost in frame]).median,
            "ratio_to_frame_alone": waited.p95 / waited_frame.p95,
            "empty_page_p95_ms": waited_empty_page.p95,
            "empty_page_cpu_ms": spread([cost.cpu_ms for cost in empty_page]).median,
            "empty_page_statements": max(cost.statements for cost in empty_page),
            "ratio_to_empty_page": waited.p95 / waited_empty_page.p95,
            "events": MANY,
            "database": machine.database,
        },
    )


def warm(server: Portal, session: str, *paths: str) -> list[Callable[[], Cost]]:
    """Ask for each path until everything that is loaded once is loaded; then one measured ask for each."""
    client = Client(server.port, session)
    for _ in range(WARMING_UP):
        for path in paths:
            client.get(path)
    meter = Meter(server)

    def measured(path: str) -> Callable[[], Cost]:
        def ask() -> Answer:
            return client.get(path)

        return lambda: meter.cost(ask)[0]

    return [measured(path) for path in paths]
