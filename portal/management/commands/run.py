"""`manage.py run`: everything on one machine, for `make run`."""

import errno
import fcntl
import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, TextIO

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from members import demo
from portal.demo_logins import current_logins
from portal.processes import Processes
from portal.settings.base import env

# On a development machine Celery need not warn of DEBUG, nor of a container's only user.
QUIET = ["-W", "ignore::UserWarning:celery.fixups.django", "-W", "ignore::UserWarning:celery.platforms"]
MANAGE = [sys.executable, "manage.py"]
READY_WITHIN_SECONDS = 60
SHOW_PROGRESS_EVERY_SECONDS = 5


class Command(BaseCommand):
    help = "Set up the database, load the demo, and run web server, worker and clock until stopped."
    requires_system_checks: list[str] = []  # noqa: RUF012 - as Django declares it; the steps make their own checks

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        try:
            host = env.str("HOST", default="127.0.0.1")
            port = env.number("PORT", default=8000, lowest=1, highest=65535)
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        with Path(settings.VAR_DIR, "run.lock").open("w", encoding="utf-8") as lock:
            self.hold(lock)
            check_address(host, port)
            environment = environment_for(host, port)
            try:
                self.step("Preparing the database", [*MANAGE, "migrate", "--no-input"], environment)
                self.step("Loading the demo", [*MANAGE, "demo"], environment)
            except KeyboardInterrupt:
                raise CommandError("Stopped. Start again: what is done stays done.") from None
            self.serve(host, port, environment, started)

    def hold(self, lock: TextIO) -> None:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError(
                "The portal is running from this folder already. Stop that one first."
            ) from None

    def step(self, what: str, command: list[str], environment: dict[str, str]) -> None:
        """Run one step, showing that it moves and how long it took; what it says only if it fails."""
        started = shown = time.monotonic()
        self.show(f"{what} … ")
        lines = []
        with subprocess.Popen(  # noqa: S603 - the commands are ours
            command,
            cwd=settings.BASE_DIR,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            for line in process.stdout or ():
                lines.append(line)
                if time.monotonic() - shown > SHOW_PROGRESS_EVERY_SECONDS:
                    shown = time.monotonic()
                    self.show(f"{shown - started:.0f} s … ")
        if process.returncode:
            self.stdout.write("failed")
            raise CommandError(f"{''.join(lines)}\nThe step “{what}” failed, see above.")
        self.stdout.write(f"done ({time.monotonic() - started:.0f} s)")

    def show(self, words: str) -> None:
        self.stdout.write(words, ending="")
        self.stdout.flush()

    def serve(self, host: str, port: int, environment: dict[str, str], started: float) -> None:
        connection.close()
        processes = Processes(programs(host, port), environment=environment)
        self.stdout.write("Starting web server, worker and clock …")

        def announce(over: threading.Event) -> None:
            if wait_for_page(host, port, over):
                self.announce(environment["BASE_URL"], time.monotonic() - started)

        ended = processes.run(once_started=announce)
        if ended:
            raise CommandError(
                f"The {ended} ended by itself, so everything was stopped. Its last lines say why."
            )
        self.stdout.write("Everything is stopped.")

    def announce(self, url: str, seconds: float) -> None:
        """Where the portal is, and how to sign in."""
        logins = current_logins()
        connection.close()
        width = max((len(login.email) for login in logins), default=0)
        lines = [
            "",
            f"The Practice Portal is at {url} (ready after {seconds:.0f} s)",
            "",
            f"Sign in with one of these; the password of all is {demo.PASSWORD}",
            *(
                f"  {login.email:{width}}  {login.role}{f', code {login.code}' if login.code else ''}"
                for login in logins
            ),
            "",
            f"Codes change every 30 seconds. The current ones, and every letter sent: {url}/dev/mail/",
            "Stop with Ctrl-C.",
            "",
        ]
        self.stdout.write("\n".join(lines))


def environment_for(host: str, port: int) -> dict[str, str]:
    """The environment of every step and program: links in letters lead to this server."""
    return {
        "DJANGO_SETTINGS_MODULE": "portal.settings.dev",
        **os.environ,
        "BASE_URL": os.environ.get("BASE_URL") or address(host, port),
        "PYTHONUNBUFFERED": "1",
    }


def address(host: str, port: int) -> str:
    """Where the server answers, seen from this machine: by name, because browsers keep passkeys for names only."""
    name = "localhost" if reached_at(host) == "127.0.0.1" else host
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def reached_at(host: str) -> str:
    """Where a server that may listen on all addresses is reached from this machine."""
    return "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - compared, not bound


def programs(host: str, port: int) -> dict[str, list[str]]:
    """What runs, by name."""
    python = [sys.executable, "-m"]
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return {
        # One process with threads: what it remembers (rate limits, caches) is then the same for everyone.
        "web": [*python, "gunicorn", "portal.wsgi", "--bind", bind, "--worker-class", "gthread", "--threads", "8",
                "--no-control-socket", "--log-level", "warning", "--graceful-timeout", "10"],
        # Workers that talk to each other would leave messages for dead ones in a queue of files.
        "worker": [sys.executable, *QUIET, "-m", "celery", "--app", "portal", "--quiet", "worker", "--concurrency", "2", "--loglevel", "WARNING",
                   "--without-gossip", "--without-mingle", "--without-heartbeat"],
        "clock": [*python, "celery", "--app", "portal", "--quiet", "beat", "--loglevel", "WARNING", "--pidfile="],
    }  # fmt: skip


def check_address(host: str, port: int) -> None:
    """Raise CommandError if nobody can listen there, and say what to do."""
    try:
        family, *_, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            message = f"Port {port} is taken by another program. Choose another: make run PORT={port + 1}"
        elif error.errno == errno.EACCES:
            message = f"Port {port} is kept for the system. Choose one above 1023: make run PORT=8000"
        else:
            message = f"HOST is “{host}”, which is not an address of this machine. Leave it out, or set it to 0.0.0.0."
        raise CommandError(message) from error


def wait_for_page(host: str, port: int, over: threading.Event) -> bool:
    """Whether the server answers in time."""
    ends_at = time.monotonic() + READY_WITHIN_SECONDS
    while not over.wait(0.2) and time.monotonic() < ends_at:
        try:
            client = http.client.HTTPConnection(reached_at(host), port, timeout=5)
            client.request("GET", "/health/")
            client.getresponse().read()
        except OSError:
            continue
        return True
    return False
