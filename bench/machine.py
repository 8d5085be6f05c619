"""Where a run keeps its things: one temporary folder, the database server, portals filled with data."""

import contextlib
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.services import CannotStartError, Cluster, Place, cluster


def say(words: str) -> None:
    """Tell the person who waits what is being done. Only results go to standard output."""
    print(words, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Prepared:
    """A place with data in it, and what `bench.data` tells about that data."""

    place: Place
    data: dict[str, Any]


@dataclass
class Machine:
    """Makes places with data, each once a run."""

    folder: Path
    cluster: Cluster | None
    without_cluster: str  # why there is no PostgreSQL
    is_long: bool = False  # whether growth to a million rows is measured too
    _demo: Place | None = None
    _prepared: dict[tuple[int, int], Prepared] = field(default_factory=dict)
    _copies: int = 0

    @property
    def database(self) -> str:
        return "PostgreSQL" if self.cluster else "SQLite"

    def with_events(self, number: int, *, registered: int = 4) -> Prepared:
        """A portal with the demo, 2,000 members and so many published events, each with people registered.

        Not to be written to: several benchmarks read it.
        """
        if (number, registered) not in self._prepared:
            place = self._copy(self._with_demo(), f"events_{number}_{registered}")
            say(f"Making {number:,} events with {registered} registrations each on {self.database}…")
            made = place.run("bench.data", "--events", str(number), "--registered", str(registered))
            self._tidy(place)
            self._prepared[number, registered] = Prepared(place, json.loads(made))
        return self._prepared[number, registered]

    def copy(self, prepared: Prepared) -> Prepared:
        """The same data in a place of its own, to be written to."""
        self._copies += 1
        place = self._copy(prepared.place, f"{prepared.place.database}_copy_{self._copies}")
        self._tidy(place)
        return Prepared(place, prepared.data)

    def empty(self, name: str) -> Place:
        """A portal with its tables and nothing in them, in a place of its own."""
        place = self._place(name)
        if self.cluster:
            self.cluster.create(place.database)
        say(f"Making the tables on {self.database}…")
        place.run("django", "migrate", "--verbosity", "0")
        return place

    def _with_demo(self) -> Place:
        if self._demo is None:
            place = self._place("demo")
            if self.cluster:
                self.cluster.create(place.database)
            say(f"Making the tables on {self.database} and loading the demo…")
            place.run("django", "migrate", "--verbosity", "0")
            place.run("django", "migrate", "bench", "--run-syncdb", "--verbosity", "0")
            place.run("django", "demo", "--yes")
            self._demo = place
        return self._demo

    def _copy(self, original: Place, database: str) -> Place:
        place = self._place(database)
        if self.cluster:
            self.cluster.create(database, like=original.database)
        else:
            shutil.copyfile(
                original.folder / f"{original.database}.sqlite3", place.folder / f"{database}.sqlite3"
            )
        return place

    def _place(self, database: str) -> Place:
        folder = self.folder / database
        folder.mkdir()
        return Place(folder, database, self.cluster)

    def _tidy(self, place: Place) -> None:
        """Bring the planner's statistics up to date, as autovacuum would in time."""
        if self.cluster:
            with self.cluster.connect(place.database) as connection:
                connection.execute("VACUUM (ANALYZE, FREEZE)")


@contextlib.contextmanager
def machine(*, is_long: bool = False) -> Iterator[Machine]:
    """A folder and, where PostgreSQL is installed, a cluster; both are gone after the block."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="portal-bench-")))
        folder.chmod(0o755)  # the user that runs PostgreSQL has to reach its data
        try:
            running, reason = stack.enter_context(cluster(folder)), ""
        except CannotStartError as problem:
            running, reason = None, str(problem)
            say(f"No PostgreSQL: {reason} Benchmarks that need it are left out, the others run on SQLite.")
        yield Machine(folder, running, reason, is_long)
