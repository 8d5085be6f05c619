"""Real processes for the fault tests: a mail server that misbehaves, databases, workers. All on the loopback."""

import contextlib
import email
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from bench.services import postgresql_binaries
from tests.services import services_are_required

ROOT = Path(__file__).resolve().parents[2]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("faults")


def missing(how_to_get_it: str) -> None:
    (pytest.fail if services_are_required() else pytest.skip)(how_to_get_it)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(holds: Callable[[], bool], seconds: float = 60, *, what: str = "") -> None:
    ends_at = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > ends_at:
            raise TimeoutError(what or "It did not come to pass.")
        time.sleep(0.01)


# --- The mail server --------------------------------------------------------------------------------------


def _take(_address: str) -> str:
    return ""


@dataclass
class Inbox:
    """What a mail server took: by Message-ID, how often; and what it does instead of taking a letter."""

    port: int
    taken: Counter[str] = field(default_factory=Counter)
    recipients: Counter[str] = field(default_factory=Counter)
    dates: dict[str, set[str]] = field(default_factory=dict)
    arrived: dict[str, float] = field(default_factory=dict)
    delay: float = 0.0
    # Given the recipient, the answer to RCPT or to the end of DATA; "" is to take it.
    at_rcpt: Callable[[str], str] = _take
    at_data: Callable[[str], str] = _take

    @property
    def number(self) -> int:
        return self.taken.total()

    def twice(self) -> int:
        """How many copies there are beyond the first of each letter."""
        return self.taken.total() - len(self.taken)


class Handler:
    """Takes letters, or does what it is told."""

    def __init__(self, inbox: Inbox) -> None:
        self.inbox = inbox

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        import asyncio

        answer = self.inbox.at_rcpt(address)
        if answer == "hang":
            await asyncio.sleep(3)
        if answer == "close":
            server.transport.abort()
        if answer not in {"", "hang", "close"}:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        import asyncio

        [recipient] = envelope.rcpt_tos
        answer = self.inbox.at_data(recipient)
        if answer == "close":
            server.transport.abort()
            return "451 never read"
        if answer and answer != "keep and close":
            return answer
        message = email.message_from_bytes(envelope.original_content or b"")
        key = str(message["Message-ID"])
        self.inbox.taken[key] += 1
        self.inbox.recipients[recipient] += 1
        self.inbox.dates.setdefault(key, set()).add(str(message["Date"]))
        self.inbox.arrived.setdefault(recipient, time.time())
        if answer == "keep and close":
            # Taken, but the sender never hears of it: the one case in which a letter must come twice.
            server.transport.abort()
        if self.inbox.delay:
            await asyncio.sleep(self.inbox.delay)
        return "250 taken"


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    """A mail server on a port of its own."""
    box = Inbox(free_port())
    controller = Controller(Handler(box), hostname="127.0.0.1", port=box.port)
    controller.start()
    yield box
    controller.stop()


# --- Databases --------------------------------------------------------------------------------------------


class Postgres:
    """A PostgreSQL server that can be stopped and started."""

    def __init__(self, folder: Path, binaries: Path) -> None:
        self.folder, self.binaries, self.port = folder, binaries, free_port()
        self.identity = (
            {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
        )
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        self._do("initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")  # fmt: skip

    def _do(self, program: str, *arguments: object) -> None:
        subprocess.run(
            [self.binaries / program, *map(str, arguments)],
            check=True, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **self.identity,
        )  # fmt: skip

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=60"
        self._do(
            "pg_ctl", "-D", self.folder / "data", "-w", "-l", self.folder / "log", "-o", options, "start"
        )

    def stop(self, how: str) -> None:
        self._do("pg_ctl", "-D", self.folder / "data", "-w", "-m", how, "stop")

    def url(self, database: str) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/{database}"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    binaries = postgresql_binaries()
    if binaries is None:
        missing("PostgreSQL is not installed (Debian: apt-get install postgresql).")
    # Not below pytest's folder, which only its owner may enter: another user runs PostgreSQL.
    with tempfile.TemporaryDirectory(prefix="portal-faults-") as folder:
        Path(folder).chmod(0o755)
        server = Postgres(Path(folder), binaries)
        server.start()
        yield server
        server.stop("fast")


@dataclass
class PostRoom:
    """A database with letters, and the processes that work on them."""

    database_url: str
    folder: Path
    inbox: Inbox
    running: list[subprocess.Popen[str]] = field(default_factory=list)
    broker: str = "filesystem://"
    lease: int = 2  # seconds

    @property
    def clock(self) -> Path:
        return self.folder / "clock"

    def environment(self) -> dict[str, str]:
        inherited = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
        return {
            **inherited,
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "DATABASE_URL": self.database_url,
            "VAR_DIR": str(self.folder),
            "SMTP_PORT": str(self.inbox.port),
            "CLOCK": str(self.clock),
            "BROKER_URL": self.broker,
            "LEASE": str(self.lease),
            "PYTHONWARNINGS": "ignore",
        }

    def run(self, *arguments: object, module: str = "tests.faults.work") -> str:
        """Run one process to its end; what it printed."""
        return subprocess.run(
            [sys.executable, "-m", module, *map(str, arguments)],
            cwd=ROOT, env=self.environment(), check=True, stdout=subprocess.PIPE, text=True,
        ).stdout  # fmt: skip

    def start(self, *arguments: object, module: str = "tests.faults.work") -> subprocess.Popen[str]:
        """Start a process that goes on."""
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *map(str, arguments)],
                cwd=ROOT, env=self.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
            )  # fmt: skip
        self.running.append(process)
        return process

    def kill(self, process: subprocess.Popen[str]) -> None:
        process.send_signal(signal.SIGKILL)
        process.wait()
        for pipe in (process.stdin, process.stdout):
            pipe.close()
        self.running.remove(process)

    def states(self) -> Counter[str]:
        """How many letters are in which state."""
        question = "SELECT state FROM mailing_outgoingmail"
        if self.database_url.startswith("sqlite"):
            with contextlib.closing(
                sqlite3.connect(self.database_url.removeprefix("sqlite:///"), timeout=20)
            ) as file:
                return Counter(state for (state,) in file.execute(question))
        with psycopg.connect(self.database_url) as connection:
            return Counter(state for (state,) in connection.execute(question))

    def wait_until_sent(self, number: int, seconds: float = 90) -> None:
        wait_until(
            lambda: self.states()["sent"] >= number, seconds, what=f"{self.states()} instead of {number} sent"
        )


_numbers = iter(range(1000))


def _post_room(folder: Path, inbox: Inbox, url: str) -> Iterator[PostRoom]:
    room = PostRoom(url, folder, inbox)
    room.run("migrate", "mailing", "--verbosity", "0", module="django")
    yield room
    for process in list(room.running):
        room.kill(process)


@pytest.fixture
def on_postgres(tmp_path, inbox, postgres) -> Iterator[PostRoom]:
    """A post room on PostgreSQL."""
    name = f"faults_{next(_numbers)}"
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield from _post_room(tmp_path, inbox, postgres.url(name))


@pytest.fixture
def on_sqlite(tmp_path, inbox) -> Iterator[PostRoom]:
    """A post room on SQLite."""
    yield from _post_room(tmp_path, inbox, f"sqlite:///{tmp_path / 'faults.sqlite3'}")


@pytest.fixture(params=["PostgreSQL", "SQLite"])
def post_room(request) -> PostRoom:
    """A post room on either database."""
    return request.getfixturevalue("on_postgres" if request.param == "PostgreSQL" else "on_sqlite")


class Redis:
    """A Redis server that can be stopped and started."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
            cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

        def answers() -> bool:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return True
            return False

        wait_until(answers, 20, what="Redis did not start.")

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@pytest.fixture
def redis_server(tmp_path) -> Iterator[Redis]:
    if shutil.which("redis-server") is None:
        missing("Redis is not installed (Debian: apt-get install redis-server).")
    server = Redis(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def report(capsys) -> Callable[[str], None]:
    """Print the counts, also when the test goes well."""

    def say(words: str) -> None:
        with capsys.disabled():
            print(f"\n  {words}", flush=True)

    return say
