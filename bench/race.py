"""What happens when 2,000 members want 200 places, 32 at once."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any

from bench import cpu
from bench.client import Answer, Client
from bench.data import MEMBERS, PLACES, ROUNDS
from bench.machine import Machine, Prepared, say
from bench.pages import FEW
from bench.results import Goal, Peer, Result, Skipped, spread
from bench.services import Portal, portal

CLIENTS = 32
# As others were tried: 600 people at 200 places, sixteen at a time, twenty times over.
ATTEMPTS, CLIENTS_OF_A_ROUND = 600, 16
INDICO_OVERSOLD = "201 of 200 in five rounds of six (Indico 3.3, measured before)"
# As docs/operations.md starts the server; and with a thread for every client, so that all are inside at once.
AS_DEPLOYED = {"workers": 2, "threads": 4}
ALL_INSIDE = {"workers": 2, "threads": 16}
RATE = 0.4


@dataclass(frozen=True)
class Crowd:
    """What came of everybody asking, 32 at a time."""

    seconds: float
    cpu_ms: float
    database_cpu_ms: float
    statuses: Mapping[int, int]

    @property
    def rate(self) -> float:
        """Members served a second."""
        return sum(self.statuses.values()) / self.seconds

    @property
    def failed(self) -> int:
        """Members whose last answer was not the way on to what they asked for."""
        return sum(number for status, number in self.statuses.items() if status != HTTPStatus.FOUND)


@dataclass(frozen=True)
class Books:
    """What the database holds of one event after the race."""

    confirmed: int
    waiting: int
    in_commit_order: bool
    letters: int


def book_place(machine: Machine) -> Result | Skipped:
    """Nobody gets a place too many, the waiting list is in the order of commits, and it is fast."""
    if machine.cluster is None:
        return Skipped("events.book_place", machine.without_cluster)
    prepared = machine.copy(machine.with_events(FEW))
    sessions = prepared.data["sessions"]
    first, *others = races = prepared.data["races"]
    say("  all 32 inside at once")
    with portal(prepared.place, **ALL_INSIDE) as server:
        crowds = [rush(server, sessions, book_or_wait(first))]
    booked, inserted, least = [], [], []
    with portal(prepared.place, **AS_DEPLOYED) as server:
        for number, race in enumerate(others, start=1):
            say(f"  as deployed, {number} of {len(others)}: first a row for everybody, then a place")
            inserted.append(rush(server, sessions, insert_row))
            least.append(rush(server, sessions, insert_rows_under_lock(race)))
            booked.append(rush(server, sessions, book_or_wait(race)))
    crowds += booked
    books = [read_books(prepared, race) for race in races]
    rates, peers = spread([crowd.rate for crowd in booked]), spread([crowd.rate for crowd in inserted])
    failed = sum(crowd.failed for crowd in crowds)
    deadlocks = count_deadlocks(prepared)
    right = Books(PLACES, MEMBERS - PLACES, in_commit_order=True, letters=MEMBERS)
    return Result(
        name="events.book_place",
        value=rates.median,
        unit="registrations a second",
        spread=rates,
        peer=Peer("a signed-in view that inserts one row", peers.median),
        goal=Goal(
            f"exactly {PLACES} places, the waiting list in commit order, no deadlock, no error,"
            f" at least {RATE} of the peer",
            met=all(found == right for found in books)
            and not failed
            and not deadlocks
            and rates.median >= RATE * peers.median,
        ),
        also={
            "members": MEMBERS,
            "clients": CLIENTS,
            "confirmed": [found.confirmed for found in books],
            "waiting": [found.waiting for found in books],
            "in_commit_order": [found.in_commit_order for found in books],
            "letters": [found.letters for found in books],
            "statuses": [dict(crowd.statuses) for crowd in crowds],
            "deadlocks": deadlocks,
            "rate_with_all_inside": crowds[0].rate,
            **each(booked, ""),
            **each(inserted, "peer_"),
            "least_under_lock": spread([crowd.rate for crowd in least]).median,
            **each(least, "least_under_lock_"),
            **AS_DEPLOYED,
            "database": machine.database,
        },
    )


def book_place_in_rounds(machine: Machine) -> Result | Skipped:
    """Round after round, never one place more than there are."""
    name = "events.book_place_in_rounds"
    if machine.cluster is None:
        return Skipped(name, machine.without_cluster)
    prepared = machine.copy(machine.with_events(2 * ROUNDS + 10, registered=0))
    crowds = []
    with portal(prepared.place, **ALL_INSIDE) as server:
        for event in prepared.data["ahead"]:
            book = partial(_book, f"/events/{event['uuid']}/book-place/")
            crowds.append(rush(server, prepared.data["sessions"][:ATTEMPTS], book, CLIENTS_OF_A_ROUND))
    given = [read_books(prepared, event).confirmed for event in prepared.data["ahead"]]
    statuses = sum((Counter(crowd.statuses) for crowd in crowds), Counter())
    right = {HTTPStatus.FOUND: PLACES * ROUNDS, HTTPStatus.CONFLICT: (ATTEMPTS - PLACES) * ROUNDS}
    return Result(
        name=name,
        value=max(given),
        unit="places given out, at most",
        spread=spread(given),
        peer=Peer(f"places there are; {INDICO_OVERSOLD}", PLACES),
        goal=Goal(
            f"{ROUNDS} rounds, {PLACES} in each, all others told that it is full",
            met=given == [PLACES] * ROUNDS and statuses == right,
        ),
        also={
            "rounds": len(given),
            "attempts": ATTEMPTS,
            "clients": CLIENTS_OF_A_ROUND,
            "statuses": dict(statuses),
            "attempts_a_second": spread([crowd.rate for crowd in crowds]).median,
            "database": machine.database,
        },
    )


def _book(address: str, client: Client) -> Answer:
    return client.post(address, {}, expect=None)


def book_place_without_lock(machine: Machine) -> Result | Skipped:
    """The negative control: with the lock taken out, the same race gives away places that are not there."""
    name = "events.book_place_without_lock"
    if machine.cluster is None:
        return Skipped(name, machine.without_cluster)
    prepared = machine.copy(machine.with_events(FEW))
    sessions, race = prepared.data["sessions"], prepared.data["races"][0]
    unlocked = {"BENCH_WITHOUT_LOCK": "yes"}
    with portal(prepared.place, **ALL_INSIDE, settings=unlocked) as server:
        crowd = rush(server, sessions, book_or_wait(race))
    given = read_books(prepared, race).confirmed
    return Result(
        name=name,
        value=given,
        unit="places given out",
        spread=spread([given]),
        peer=Peer("places there are", PLACES),
        goal=Goal(f"more than {PLACES}: the race is real, and the lock is what holds it", met=given > PLACES),
        also={"statuses": dict(crowd.statuses), "database": machine.database},
    )


def insert_row(client: Client) -> Answer:
    return client.post("/bench/insert-row/", {}, expect=None)


def insert_rows_under_lock(event: Mapping[str, Any]) -> Callable[[Client], Answer]:
    address = f"/bench/insert-rows-under-lock/?event={event['uuid']}"
    return lambda client: client.post(address, {}, expect=None)


def book_or_wait(event: Mapping[str, Any]) -> Callable[[Client], Answer]:
    """Ask for a place; once somebody was told that all are taken, for the waiting list.

    As on the page itself: whoever comes after that is shown the waiting list's form.
    """
    full = threading.Event()
    address = f"/events/{event['uuid']}"

    def ask(client: Client) -> Answer:
        if not full.is_set():
            answer = client.post(f"{address}/book-place/", {}, expect=None)
            if answer.status != HTTPStatus.CONFLICT:
                return answer
            full.set()
        return client.post(f"{address}/join-waiting-list/", {}, expect=None)

    return ask


def rush(
    server: Portal, sessions: Sequence[str], ask: Callable[[Client], Answer], number_of_clients: int = CLIENTS
) -> Crowd:
    """Every member asks; so many clients at a time, each on a connection that stands already."""
    waiting = iter(sessions)
    lock = threading.Lock()
    statuses: Counter[int] = Counter()
    ready = threading.Barrier(number_of_clients + 1)

    def one_client() -> None:
        client = Client(server.port, sessions[0])
        client.get("/bench/empty/")
        ready.wait()
        while True:
            with lock:
                session = next(waiting, None)
            if session is None:
                break
            client.sign_in(session)
            status = ask(client).status
            with lock:
                statuses[status] += 1
        client.close()

    clients = [threading.Thread(target=one_client) for _ in range(number_of_clients)]
    for client in clients:
        client.start()
    ready.wait()
    spent, began = cpu_so_far(server), time.perf_counter()
    for client in clients:
        client.join()
    seconds = time.perf_counter() - began
    web, database = (now - before for now, before in zip(cpu_so_far(server), spent, strict=True))
    return Crowd(seconds, web, database, statuses)


def cpu_so_far(server: Portal) -> tuple[float, float]:
    """CPU of the web server and of its database; connections that open meanwhile count from their start."""
    web, database = server.processes()
    return cpu.milliseconds(web), cpu.milliseconds(database)


def each(crowds: Sequence[Crowd], prefix: str) -> dict[str, float]:
    """What one member's request cost on the server, the middle of all rounds."""
    return {
        f"{prefix}cpu_ms": spread([crowd.cpu_ms for crowd in crowds]).median / MEMBERS,
        f"{prefix}database_cpu_ms": spread([crowd.database_cpu_ms for crowd in crowds]).median / MEMBERS,
    }


def read_books(prepared: Prepared, event: Mapping[str, Any]) -> Books:
    """Who has a place, who waits, and whether they wait in the order in which PostgreSQL committed them."""
    rows = prepared.place.rows(
        "SELECT state, waiting_number, pg_xact_commit_timestamp(xmin) FROM events_registration"
        f" WHERE event_id = {event['pk']} ORDER BY waiting_number"
    )
    [(letters,)] = prepared.place.rows(
        "SELECT count(*) FROM mailing_outgoingmail JOIN events_registration"
        f" ON split_part(dedupe_key, ':', 2) = uuid::text WHERE event_id = {event['pk']}"
    )
    line = [(number, committed) for state, number, committed in rows if state == "waiting"]
    commits = [committed for _, committed in line]
    return Books(
        confirmed=sum(state == "confirmed" for state, _, _ in rows),
        waiting=len({number for number, _ in line}),
        in_commit_order=commits == sorted(commits),
        letters=letters,
    )


def count_deadlocks(prepared: Prepared) -> int:
    """Deadlocks that PostgreSQL broke in this database."""
    [(number,)] = prepared.place.rows(
        "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    )
    return int(number)
