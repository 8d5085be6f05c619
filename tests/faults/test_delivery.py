"""Whatever dies on the way: every recipient gets the letter, and once, save the one in flight at each death."""

import random
import time

import pytest

from tests.faults.conftest import Inbox, PostRoom, wait_until

SEED = 20270114


def expect_each_once(inbox: Inbox, letters: int, *, twice_at_most: int) -> None:
    """Everybody has the letter. A second copy is recognisable: the same Message-ID, the same date."""
    assert len(inbox.taken) == len(inbox.recipients) == letters
    assert inbox.twice() <= twice_at_most
    assert max(inbox.taken.values()) <= 2
    assert all(len(dates) == 1 for dates in inbox.dates.values())


@pytest.mark.parametrize(("room", "letters", "kills"), [("on_postgres", 5000, 20), ("on_sqlite", 1000, 6)])
def test_killed_workers_lose_nothing_and_repeat_at_most_what_was_in_flight(
    request, inbox, report, room, letters, kills
):
    """Two workers at once; one of them, at random, is killed with SIGKILL after a random number of letters."""
    post_room: PostRoom = request.getfixturevalue(room)
    chance = random.Random(SEED)
    post_room.run("queue_mailing", letters)
    began = time.monotonic()
    workers = [post_room.start("sweep"), post_room.start("sweep")]
    for _ in range(kills):
        reached = inbox.number + chance.randint(1, letters // kills)
        wait_until(lambda reached=reached: inbox.number >= reached or len(inbox.taken) == letters)
        victim = workers.pop(chance.randrange(2))
        post_room.kill(victim)
        workers.append(post_room.start("sweep"))
    post_room.wait_until_sent(letters)

    report(
        f"{room.removeprefix('on_')}: {letters} letters, {kills} × SIGKILL: {len(inbox.taken)} arrived, "
        f"{inbox.twice()} came twice, 0 lost; {time.monotonic() - began:.0f} s"
    )
    assert post_room.states() == {"sent": letters}
    expect_each_once(inbox, letters, twice_at_most=kills)


def test_workers_with_a_duplicate_trigger_send_once(post_room, inbox, report):
    """Four processes are told of the same 200 letters at the same moment."""
    post_room.lease = 60
    post_room.run("queue_mailing", 200)
    workers = [post_room.start("deliver", 1, 200) for _ in range(4)]
    for worker in workers:
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    for worker in workers:
        assert worker.wait(60) == 0

    report(f"200 letters, 4 triggers at once: {len(inbox.taken)} arrived, {inbox.twice()} came twice")
    assert post_room.states() == {"sent": 200}
    expect_each_once(inbox, 200, twice_at_most=0)


def test_a_mail_server_that_misbehaves_gets_each_letter_once(on_postgres, inbox, report):
    """For one letter in four the first attempt meets 421, 450, silence, a closed connection, or 550."""
    faults = [
        "421 closing",
        "450 busy",
        "hang",
        "close",
        "550 no such person",
        "451 at the end",
        "close at the end",
    ]
    refused = set()
    met: dict[str, str] = {}

    def fault_of(address: str) -> str:
        number = int(address.partition("-")[2].partition("@")[0])
        return faults[number // 4 % len(faults)] if number % 4 == 0 else ""

    def at_rcpt(address: str) -> str:
        fault = fault_of(address)
        if fault.startswith("550"):
            refused.add(address)
            return fault
        if address in met or not fault or fault.endswith("at the end"):
            return ""
        met[address] = fault
        return fault

    def at_data(address: str) -> str:
        fault = fault_of(address)
        if address in met or not fault.endswith("at the end"):
            return ""
        met[address] = fault
        return "close" if fault.startswith("close") else fault

    inbox.at_rcpt, inbox.at_data = at_rcpt, at_data
    on_postgres.run("queue_mailing", 140)
    on_postgres.start("sweep")
    wait_until(lambda: on_postgres.states() == {"sent": 135, "failed": 5}, 60, what=str(on_postgres.states()))

    report(
        f"140 letters, {len(met)} temporary faults of {len(faults) - 1} kinds, {len(refused)} refused for good: "
        f"{len(inbox.taken)} arrived, {inbox.twice()} came twice"
    )
    assert (len(met), len(refused)) == (30, 5)
    expect_each_once(inbox, 135, twice_at_most=0)


def test_a_letter_whose_acceptance_nobody_heard_comes_twice_and_is_recognisable(on_sqlite, inbox, report):
    """The one thing that no sender can know. RFC 5321 (4.5.3.2.6) says the same."""
    kept = []

    def at_data(address: str) -> str:
        if address.startswith("practitioner-7@") and not kept:
            kept.append(address)
            return "keep and close"
        return ""

    inbox.at_data = at_data
    on_sqlite.run("queue_mailing", 20)
    on_sqlite.start("sweep")
    on_sqlite.wait_until_sent(20)

    report(
        f"20 letters, 1 acceptance lost on the way back: {len(inbox.taken)} arrived, {inbox.twice()} came twice"
    )
    assert inbox.recipients["practitioner-7@force.example"] == 2
    expect_each_once(inbox, 20, twice_at_most=1)


def test_a_database_that_is_restarted_costs_no_letter_and_no_copy(on_postgres, postgres, inbox, report):
    # Longer than the database is away, on a busy machine too: whoever holds a letter remembers what became of it.
    on_postgres.lease = 20
    on_postgres.run("queue_mailing", 1000)
    on_postgres.start("sweep")
    on_postgres.start("sweep")
    for how, reached in (("fast", 150), ("immediate", 500), ("fast", 800)):
        wait_until(lambda reached=reached: inbox.number >= reached)
        postgres.stop(how)
        time.sleep(0.3)
        postgres.start()
    on_postgres.wait_until_sent(1000)

    report(f"1000 letters, database stopped 3 times: {len(inbox.taken)} arrived, {inbox.twice()} came twice")
    assert on_postgres.states() == {"sent": 1000}
    expect_each_once(inbox, 1000, twice_at_most=0)


@pytest.mark.parametrize("moved", [3600, -3600])
def test_a_clock_that_is_moved_holds_nothing_up_and_repeats_at_most_what_was_in_flight(
    on_postgres, inbox, report, moved
):
    on_postgres.run("queue_mailing", 600)
    workers = [on_postgres.start("sweep"), on_postgres.start("sweep")]
    wait_until(lambda: inbox.number >= 100)
    on_postgres.clock.write_text(str(moved))
    wait_until(lambda: inbox.number >= 250)
    on_postgres.kill(workers[0])
    on_postgres.wait_until_sent(600, seconds=30)

    report(
        f"600 letters, clock moved by {moved / 3600:+.0f} h, 1 × SIGKILL: {len(inbox.taken)} arrived, "
        f"{inbox.twice()} came twice"
    )
    expect_each_once(inbox, 600, twice_at_most=3)


def test_letters_leave_when_their_broker_is_back_and_without_it(on_postgres, redis_server, inbox, report):
    """Told through Redis; not told while it is away, and nobody waits; the sweep finds them; told again after."""
    on_postgres.broker = redis_server.url
    on_postgres.start(
        "--app", "tests.faults.celery_app", "--quiet", "worker", "--pool", "solo", "--loglevel", "WARNING",
        "--without-gossip", "--without-mingle", module="celery",
    )  # fmt: skip
    on_postgres.run("queue_letters", 1, 20)
    wait_until(lambda: inbox.number == 20, 30, what="The worker was not told.")

    redis_server.stop()
    slowest = float(on_postgres.run("queue_letters", 21, 40))
    assert inbox.number == 20
    sweeper = on_postgres.start("sweep")
    wait_until(lambda: inbox.number == 40, 30, what="The sweep did not find what nobody was told about.")
    on_postgres.kill(sweeper)

    redis_server.start()

    def is_told() -> bool:
        on_postgres.run("queue_letters", 41, 60)
        return inbox.number >= 41

    wait_until(is_told, 30, what="The worker did not come back to its broker.")
    wait_until(lambda: inbox.number == 60, 10)
    report(
        f"60 letters, broker stopped and started: {len(inbox.taken)} arrived, {inbox.twice()} came twice; "
        f"without it the slowest of 20 transactions took {slowest:.2f} s"
    )
    assert slowest < 3
    expect_each_once(inbox, 60, twice_at_most=0)


def test_a_sign_in_code_leaves_within_two_seconds_while_a_mailing_is_sent(post_room, inbox, report):
    """One worker, busy with 2,000 letters to a slow server (30 ms each, a minute in all)."""
    inbox.delay = 0.03
    post_room.run("queue_mailing", 2000)
    post_room.start("sweep")
    wait_until(lambda: inbox.number >= 20)
    waits = []
    for _ in range(3):
        inbox.arrived.pop("code@force.example", None)
        committed = float(post_room.run("queue_code"))
        wait_until(lambda: "code@force.example" in inbox.arrived, 10)
        waits.append(inbox.arrived["code@force.example"] - committed)

    report(f"code behind {post_room.states()['queued']} letters left after {max(waits):.2f} s at most")
    assert max(waits) < 2
    assert post_room.states()["queued"] > 1000
