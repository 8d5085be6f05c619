"""Several programs as one: they start together, and when one ends or somebody says stop, all end."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext, suppress
from types import FrameType
from typing import TextIO

POLL_SECONDS = 0.2


class Processes:
    """Runs programs side by side and shows what they say, each line under its name.

    A stop signal goes to each program itself, not to its children: a worker finishes the letter in its
    hands before it ends. Whoever has not ended after `patience` seconds is killed, with its children.
    """

    def __init__(
        self,
        programs: Mapping[str, list[str]],
        *,
        environment: Mapping[str, str],
        out: TextIO = sys.stdout,
        patience: float = 20,
    ) -> None:
        self.programs = programs
        self.environment = environment
        self.out = out
        self.patience = patience
        self._running: dict[str, subprocess.Popen[str]] = {}
        self._readers: list[threading.Thread] = []
        self._stop_asked = threading.Event()

    def run(self, *, once_started: Callable[[threading.Event], None]) -> str:
        """Run until somebody says stop (then return "") or a program ends by itself (then its name).

        `once_started` runs beside the programs, and is given the event that tells it to give up.
        """
        signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.signal(number, self._ask_to_stop) for number in signals}
        over = threading.Event()
        beside = threading.Thread(target=once_started, args=(over,))
        try:
            for name, command in self.programs.items():
                self._start(name, command)
            beside.start()
            ended = self._wait()
        finally:
            over.set()
            self._end_all()
            if beside.ident:
                beside.join()
            for number, handler in before.items():
                signal.signal(number, handler)
        return ended

    def say(self, name: str, line: str) -> None:
        """Show a line under a name."""
        width = max(map(len, self.programs))
        print(f"{name:{width}} | {line.rstrip()}", file=self.out, flush=True)

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        if self._stop_asked.is_set():
            self.patience = 0  # Asked twice: no more waiting.
        self._stop_asked.set()

    def _start(self, name: str, command: list[str]) -> None:
        process = subprocess.Popen(  # noqa: S603 - the commands are ours
            [*_dying_with_parent(), *command],
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,  # Ctrl-C in the terminal reaches this process alone.
        )
        self._running[name] = process
        reader = threading.Thread(target=self._relay, args=(name, process), daemon=True)
        reader.start()
        self._readers.append(reader)

    def _relay(self, name: str, process: "subprocess.Popen[str]") -> None:
        with process.stdout or nullcontext(()) as lines:
            for line in lines:
                self.say(name, line)

    def _wait(self) -> str:
        while not self._stop_asked.wait(POLL_SECONDS):
            for name, process in self._running.items():
                if process.poll() is not None:
                    self.say(name, f"ended by itself, with code {process.returncode}; the others are stopped")
                    return name
        return ""

    def _end_all(self) -> None:
        for process in self._running.values():
            process.terminate()
        asked = time.monotonic()
        while any(process.poll() is None for process in self._running.values()):
            if time.monotonic() - asked > self.patience:
                break
            time.sleep(POLL_SECONDS)
        for name, process in self._running.items():
            if process.poll() is None:
                self.say(name, "did not stop in time and is killed")
            # The group, for children that outlived their parent.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        for reader in self._readers:
            reader.join()


def _dying_with_parent() -> list[str]:
    """What to put before a command so that it is told to stop even if this process is killed outright."""
    setpriv = shutil.which("setpriv")  # of util-linux, so on every Debian; elsewhere one does without
    return [setpriv, "--pdeathsig", "TERM"] if setpriv else []
