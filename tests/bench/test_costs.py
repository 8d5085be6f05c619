"""How costs add up, and how they are read."""

import os
import time

from bench import cpu
from bench.costs import Cost, in_turn


def test_cost_adds_up_part_by_part():
    first = Cost(cpu_ms=5.0, database_cpu_ms=1.0, statements=8, seconds=0.01, rendering_ms=2.0)
    second = Cost(cpu_ms=7.0, database_cpu_ms=2.0, statements=3, seconds=0.02, rendering_ms=0.0)

    both = first + second

    assert both == Cost(cpu_ms=12.0, database_cpu_ms=3.0, statements=11, seconds=0.03, rendering_ms=2.0)


def test_in_turn_does_each_before_any_again():
    done = []

    def ask(name):
        def noted():
            done.append(name)
            return Cost(statements=len(done))

        return noted

    page, peer = in_turn(2, ask("page"), ask("peer"))

    assert done == ["page", "peer", "page", "peer"]
    assert [[cost.statements for cost in costs] for costs in (page, peer)] == [[1, 3], [2, 4]]


def test_milliseconds_counts_the_work_of_a_process_and_not_its_sleep():
    me = [os.getpid()]
    before, before_by_own_clock = cpu.milliseconds(me), time.process_time()
    deadline = time.process_time() + 0.1
    while time.process_time() < deadline:
        pass
    time.sleep(0.2)

    counted = cpu.milliseconds(me) - before

    assert abs(counted - (time.process_time() - before_by_own_clock) * 1000) < 20


def test_family_holds_the_process_itself():
    assert cpu.family(os.getpid())[0] == os.getpid()
