"""What one request costs: CPU of the web server and of its database, SQL statements, time waited.

`cpu_ms` is the web server's processes alone. On SQLite the database's work is in it, on PostgreSQL it is
counted beside it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from bench import cpu
from bench.client import Answer
from bench.services import Portal

# The worker logs and tidies up after it has answered: that belongs to the same request.
SECONDS_TO_SETTLE = 0.002


@dataclass(frozen=True)
class Cost:
    """One request, or several that belong together."""

    cpu_ms: float = 0.0
    database_cpu_ms: float = 0.0
    statements: int = 0
    seconds: float = 0.0
    rendering_ms: float = 0.0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(
            cpu_ms=self.cpu_ms + other.cpu_ms,
            database_cpu_ms=self.database_cpu_ms + other.database_cpu_ms,
            statements=self.statements + other.statements,
            seconds=self.seconds + other.seconds,
            rendering_ms=self.rendering_ms + other.rendering_ms,
        )


class Meter:
    """Reads the CPU clocks of one portal's processes around each request.

    Make it after the portal has answered a few requests: the processes it reads are those of that
    moment. Only one request may be under way at a time.
    """

    def __init__(self, portal: Portal) -> None:
        self._web, self._database = portal.processes()

    def cost(self, ask: Callable[[], Answer]) -> tuple[Cost, Answer]:
        """Ask once and say what it cost."""
        web, database = cpu.milliseconds(self._web), cpu.milliseconds(self._database)
        answer = ask()
        time.sleep(SECONDS_TO_SETTLE)
        cost = Cost(
            cpu_ms=cpu.milliseconds(self._web) - web,
            database_cpu_ms=cpu.milliseconds(self._database) - database,
            statements=answer.statements,
            seconds=answer.seconds,
            rendering_ms=answer.rendering_ms,
        )
        return cost, answer


def in_turn(repetitions: int, *asks: Callable[[], Cost]) -> list[list[Cost]]:
    """Do each once, then each again: what disturbs the machine disturbs all alike."""
    costs: list[list[Cost]] = [[] for _ in asks]
    for _ in range(repetitions):
        for kept, ask in zip(costs, asks, strict=True):
            kept.append(ask())
    return costs
