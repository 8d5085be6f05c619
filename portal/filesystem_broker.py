"""Celery's queue as files, without the gaps of kombu's own filesystem transport.

There, a consumer can read a message that is only half written (it then loses the message and stops with
a JSON error), the same can happen to the table of queues while two processes start, and messages pass
through the machine's shared temporary folder. Here a file appears under its name when it is complete, and
never leaves the queue's folder.
"""

import fcntl
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps, loads


class Channel(filesystem.Channel):
    """A channel whose files are written and taken in one step each: by renaming."""

    def _put(self, queue: str, message: Any, **_: Any) -> None:  # type: ignore[override] # kombu's own two stubs disagree
        """Add a message; the time in its name keeps the order, also across a restart of the machine."""
        name = f"{time.time_ns():020}_{uuid.uuid4()}.{queue}.msg"
        try:
            _write(Path(self.data_folder_out, name), dumps(message))
        except OSError as error:
            raise ChannelError(f"The message cannot be written to {self.data_folder_out}.") from error

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        """Take the oldest message of the queue; raises Empty if there is none."""
        for message in sorted(Path(self.data_folder_in).glob(f"*.{queue}.msg")):
            taken = message.with_suffix(".taken")
            try:
                message.rename(taken)
            except FileNotFoundError:
                continue  # Another worker was faster.
            text = taken.read_text(encoding="utf-8")
            taken.unlink()
            return loads(text)
        raise Empty

    def _queue_bind(self, exchange: str, routing_key: str | None, pattern: str | None, queue: str) -> None:
        """Enter a queue in the exchange's table, which others may be reading."""
        table_file = self._exchange_file(exchange)  # type: ignore[attr-defined] # newer than kombu's stubs
        entry = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        with Path(self.control_folder, "lock").open("w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            table = self.get_table(exchange)
            if entry not in table:
                _write(table_file, dumps([entry, *table]))


def _write(path: Path, text: str) -> None:
    draft = path.with_name(f"{path.name}.{uuid.uuid4()}.draft")
    draft.write_text(text, encoding="utf-8")
    draft.rename(path)


class Transport(filesystem.Transport):
    """kombu's filesystem transport with the channel above."""

    Channel = Channel
