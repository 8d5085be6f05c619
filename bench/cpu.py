"""CPU time of other processes, to the nanosecond, as Linux's scheduler accounts for it."""

import contextlib
from collections.abc import Iterable
from pathlib import Path

PROC = Path("/proc")


def milliseconds(pids: Iterable[int]) -> float:
    """CPU time that these processes, all their threads, have used so far."""
    nanoseconds = 0
    for pid in pids:
        for thread in (PROC / str(pid) / "task").iterdir():
            with contextlib.suppress(FileNotFoundError):  # a thread may end while we look
                nanoseconds += int((thread / "schedstat").read_text().split()[0])
    return nanoseconds / 1_000_000


def family(pid: int) -> list[int]:
    """The process and all its descendants."""
    children: list[int] = []
    for thread in (PROC / str(pid) / "task").iterdir():
        children += map(int, (thread / "children").read_text().split())
    return [pid, *(member for child in children for member in family(child))]
