"""What one registration costs: four requests of one member, one after the other."""

from collections.abc import Callable, Mapping
from typing import Any

from bench.client import Answer, Client, FormFields, UnexpectedAnswerError, path_of
from bench.costs import Cost, Meter
from bench.machine import Machine
from bench.pages import MANY
from bench.results import Goal, Peer, Result, spread
from bench.services import portal

WARMING_UP = 20
REGISTRATIONS = 150
COST_STATEMENTS, COST_CPU_MS = 40, 80
# From the event's page to the confirmation, measured in the same way on a machine of this kind.
INDICO_CPU_MS = 115
PRETIX = {"cpu_ms": 850, "statements": 234, "requests": 9}


def registration_cost(machine: Machine) -> Result:
    """From an event's page to the confirmation: four requests of a signed-in member."""
    prepared = machine.copy(machine.with_events(MANY))
    event, sessions = prepared.data["races"][0], prepared.data["sessions"]
    visits, empty = [], []
    with portal(prepared.place) as server:
        client = Client(server.port)
        for session in sessions[:WARMING_UP]:
            client.sign_in(session)
            register(client, event, lambda ask: ask())
        meter = Meter(server)
        for session in sessions[WARMING_UP : WARMING_UP + REGISTRATIONS]:
            client.sign_in(session)
            visits.append(measured_registration(client, event, meter))
            empty.append(sum((meter.cost(lambda: client.get("/bench/empty/"))[0] for _ in range(4)), Cost()))
    [(confirmed,)] = prepared.place.rows(
        f"SELECT count(*) FROM events_registration WHERE state = 'confirmed' AND event_id = {event['pk']}"
    )
    if confirmed != WARMING_UP + REGISTRATIONS:
        raise UnexpectedAnswerError(f"{WARMING_UP + REGISTRATIONS} members registered, {confirmed} are.")
    wholes = [sum(visit, Cost()) for visit in visits]
    cpu_ms = spread([whole.cpu_ms for whole in wholes])
    statements = max(whole.statements for whole in wholes)
    return Result(
        name="events.registration_cost",
        value=cpu_ms.median,
        unit="ms of server CPU",
        spread=cpu_ms,
        peer=Peer("Indico 3.3, measured before", INDICO_CPU_MS),
        goal=Goal(
            f"at most {COST_STATEMENTS} statements and {COST_CPU_MS} ms",
            met=statements <= COST_STATEMENTS and cpu_ms.median <= COST_CPU_MS,
        ),
        also={
            "cpu_ms": cpu_ms.median,
            "database_cpu_ms": spread([whole.database_cpu_ms for whole in wholes]).median,
            "statements": statements,
            "requests": len(visits[0]),
            "by_request": {
                step: {
                    "cpu_ms": spread([visit[number].cpu_ms for visit in visits]).median,
                    "statements": max(visit[number].statements for visit in visits),
                }
                for number, step in enumerate(("event page", "form", "form sent", "confirmation"))
            },
            "as_many_empty_views_cpu_ms": spread([whole.cpu_ms for whole in empty]).median,
            "pretix_2026_8": PRETIX,
            "events": MANY,
            "database": machine.database,
        },
    )


def register(client: Client, event: Mapping[str, Any], do: Callable[[Callable[[], Answer]], Answer]) -> None:
    """The event's page, the form, the form sent, the confirmation: each request is handed to `do`."""
    do(lambda: client.get(event["path"]))
    form = FormFields(do(lambda: client.get(form_address(event))).body)
    sent = do(lambda: client.post(form_address(event), form.fields))
    do(lambda: client.get(path_of(sent.location)))


def measured_registration(client: Client, event: Mapping[str, Any], meter: Meter) -> list[Cost]:
    """The cost of each request."""
    costs = []

    def measured(ask: Callable[[], Answer]) -> Answer:
        cost, answer = meter.cost(ask)
        costs.append(cost)
        return answer

    register(client, event, measured)
    return costs


def form_address(event: Mapping[str, Any]) -> str:
    return f"/events/{event['uuid']}/book-place/"
