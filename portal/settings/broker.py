"""What Celery's broker needs to know, by its address."""

from pathlib import Path
from typing import Any

from kombu import Exchange, Queue

# mail: letters. index: Wagtail's references, pictures and search. default: the scheduled commands.
EXCHANGE = "portal"
QUEUES = ("mail", "index", "default")
TASK_ROUTES = {
    "mailing.*": {"queue": "mail"},
    "search.*": {"queue": "index"},
    "portal.run_task": {"queue": "index"},
}


def task_queues() -> list[Queue]:
    """The queues a worker serves unless it is told otherwise."""
    # Each with a routing key of its own: under one key, every message would land in all of them.
    exchange = Exchange(EXCHANGE, type="direct")
    return [Queue(name, exchange, routing_key=name) for name in QUEUES]


def transport_options(url: str, folder: Path) -> dict[str, Any]:
    """Options of the transport. A dead broker is noticed within seconds and never waited for."""
    if url.startswith("filesystem:"):
        messages, control = folder / "messages", folder / "control"
        for path in (messages, control):
            path.mkdir(parents=True, exist_ok=True)
        return {
            "data_folder_in": str(messages),
            "data_folder_out": str(messages),
            "control_folder": str(control),
            "polling_interval": 0.2,  # Seconds; a look into a folder costs next to nothing.
        }
    fail_fast = {"max_retries": 1, "interval_start": 0, "interval_step": 0.1, "interval_max": 0.1}
    if url.startswith("redis"):
        # Longer than any task may run: a message is not handed out twice while it is worked on.
        return {**fail_fast, "socket_connect_timeout": 2, "socket_timeout": 3, "visibility_timeout": 3600}
    return {**fail_fast, "read_timeout": 10, "write_timeout": 5}
