"""The servers that a run starts and stops: a PostgreSQL cluster of its own, and gunicorn with the portal."""

import contextlib
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench import cpu

PROJECT = Path(__file__).resolve().parent.parent
FIRST_PORT = int(os.environ.get("BENCH_PORT", "8110"))
PORTS = range(FIRST_PORT, FIRST_PORT + 10)
SECONDS_TO_START = 60


class CannotStartError(Exception):
    """A server that a benchmark needs did not come up."""


def free_port() -> int:
    """The first free port of our range."""
    for port in PORTS:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port
    raise CannotStartError(
        f"No free port from {PORTS.start} to {PORTS.stop - 1}. Set BENCH_PORT to another range."
    )


def stop(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    """End a process that we started, and wait until it is gone."""
    process.send_signal(how)
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


# --- PostgreSQL ------------------------------------------------------------------------------------------


def postgresql_binaries() -> Path | None:
    """The folder of the newest PostgreSQL server on this machine."""
    versions = [folder / "bin" for folder in Path("/usr/lib/postgresql").glob("*") if folder.name.isdigit()]
    for folder in sorted(versions, key=lambda bin_folder: int(bin_folder.parent.name), reverse=True):
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            return folder
    found = shutil.which("postgres")
    return Path(found).resolve().parent if found else None


@dataclass(frozen=True)
class Cluster:
    """A running PostgreSQL cluster that only this run knows."""

    port: int

    def url(self, database: str) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str) -> psycopg.Connection[tuple]:
        return psycopg.connect(self.url(database), autocommit=True)

    def create(self, database: str, like: str | None = None) -> None:
        """Make a database, a copy of another if one is named. Nobody may be connected to that one."""
        with self.connect("postgres") as connection:
            connection.execute(f'CREATE DATABASE "{database}"' + (f' TEMPLATE "{like}"' if like else ""))

    def backends(self, database: str) -> list[int]:
        """The processes that serve the clients of a database now."""
        with self.connect("postgres") as connection:
            found = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'",
                [database],
            )
            return [pid for (pid,) in found]


@contextlib.contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """A new cluster below `folder` for as long as the block runs.

    PostgreSQL refuses to run as root; root runs it as the user `postgres`.
    """
    binaries = postgresql_binaries()
    if binaries is None:
        raise CannotStartError("PostgreSQL is not installed (Debian: apt install postgresql).")
    identity: dict[str, object] = {}
    data = folder / "postgresql"
    data.mkdir()
    if os.geteuid() == 0:
        shutil.chown(data, "postgres", "postgres")
        identity = {"user": "postgres", "group": "postgres", "extra_groups": []}
    with (folder / "postgresql.log").open("wb") as log:
        subprocess.run(
            [binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"],
            check=True, cwd="/", stdout=log, stderr=log, **identity,
        )  # fmt: skip
        port = free_port()
        process = subprocess.Popen(
            [
                binaries / "postgres", "-D", data, "-p", str(port), "-k", "", "-h", "127.0.0.1",
                "-c", "track_commit_timestamp=on", "-c", "shared_buffers=256MB",
            ],
            cwd="/", stdout=log, stderr=log, **identity,
        )  # fmt: skip
    try:
        _wait_until(
            lambda: psycopg.connect(f"postgres://postgres@127.0.0.1:{port}/postgres").close(), process
        )
        yield Cluster(port)
    finally:
        stop(process, signal.SIGINT)


# --- The portal ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """Where one benchmark's portal lives: its database and its folder."""

    folder: Path
    database: str
    cluster: Cluster | None

    def environment(self, **more: str) -> dict[str, str]:
        """What the portal's processes need to know. Nothing of the caller's own portal leaks in."""
        url = (
            self.cluster.url(self.database)
            if self.cluster
            else f"sqlite:///{self.folder / self.database}.sqlite3"
        )
        inherited = {key: os.environ[key] for key in ("PATH", "HOME", "LANG", "TZ") if key in os.environ}
        return {
            **inherited,
            "DJANGO_SETTINGS_MODULE": "bench.settings",
            "DATABASE_URL": url,
            "VAR_DIR": str(self.folder),
            **more,
        }

    def rows(self, question: str) -> list[tuple]:
        """What the database answers, asked past the portal."""
        if self.cluster:
            with self.cluster.connect(self.database) as connection:
                return connection.execute(question).fetchall()
        with contextlib.closing(sqlite3.connect(self.folder / f"{self.database}.sqlite3")) as file:
            return file.execute(question).fetchall()

    def run(self, *arguments: str) -> str:
        """Run a Python module of the project here, for example `bench.data`; its output."""
        finished = subprocess.run(
            [sys.executable, "-m", *arguments],
            cwd=PROJECT, env=self.environment(), stdout=subprocess.PIPE, text=True, check=True,
        )  # fmt: skip
        return finished.stdout


@dataclass(frozen=True)
class Portal:
    """A portal that answers on 127.0.0.1."""

    port: int
    pid: int
    place: Place

    def processes(self) -> tuple[list[int], list[int]]:
        """The web server's processes, and the database's that work for it."""
        database = self.place.cluster.backends(self.place.database) if self.place.cluster else []
        return cpu.family(self.pid), database


@contextlib.contextmanager
def portal(
    place: Place, *, workers: int = 1, threads: int = 1, settings: Mapping[str, str] | None = None
) -> Iterator[Portal]:
    """The portal at `place` under gunicorn for as long as the block runs."""
    port = free_port()
    with (place.folder / f"gunicorn-{port}.log").open("ab") as log:
        process = subprocess.Popen(
            [
                sys.executable, "-m", "gunicorn", "portal.wsgi:application",
                "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread",
                "--workers", str(workers), "--threads", str(threads),
                "--keep-alive", "60", "--graceful-timeout", "5", "--log-level", "warning",
                "--no-control-socket",
            ],
            cwd=PROJECT, env=place.environment(**(settings or {})), stdout=log, stderr=log,
        )  # fmt: skip

    def answers() -> None:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()

    try:
        _wait_until(answers, process)
        yield Portal(port, process.pid, place)
    except CannotStartError as problem:
        tail = (place.folder / f"gunicorn-{port}.log").read_text(errors="replace")[-2000:]
        raise CannotStartError(f"{problem}\n{tail}") from None
    finally:
        stop(process, signal.SIGTERM)


def _wait_until(answers: Callable[[], None], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise CannotStartError(f"{process.args[0]} ended at once, with code {process.returncode}.")
        try:
            answers()
        except (OSError, psycopg.Error):
            time.sleep(0.1)
        else:
            return
    raise CannotStartError(f"{process.args[0]} did not answer within {SECONDS_TO_START} seconds.")
