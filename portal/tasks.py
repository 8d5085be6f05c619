"""What a worker does for the whole portal: scheduled commands, and Wagtail's own background work."""

import io
import logging
from typing import Any

from celery import shared_task
from django.core.management import call_command
from django.utils.module_loading import import_string
from django_tasks.base import Task

from portal.exclusive import AlreadyRunningError, exclusively
from portal.schedule import JOBS

logger = logging.getLogger(__name__)


@shared_task(name="portal.run_command", soft_time_limit=55 * 60, time_limit=56 * 60)
def run_command(*, command: str, **_: object) -> None:
    """Run a scheduled command, unless its last run is not over yet.

    Raises ValueError for a command that is not in the schedule: a message on the queue is no reason to
    run anything at all.
    """
    if command not in {job.command for job in JOBS}:
        raise ValueError(f"“{command}” is not in portal/schedule.py.")
    try:
        with exclusively(f"command {command}"):
            said = io.StringIO()
            call_command(command, stdout=said)
            logger.info("%s: %s", command, " ".join(said.getvalue().split()))
    except AlreadyRunningError:
        logger.info("The last run of %s is not over yet.", command)


@shared_task(name="portal.run_task")
def run_task(*, path: str, args: list[Any], kwargs: dict[str, Any], **_: object) -> None:
    """Run one of Wagtail's own background tasks, by its import path.

    Raises ValueError if the path names anything else.
    """
    task = import_string(path)
    if not isinstance(task, Task):
        raise ValueError(f"“{path}” is not a task.")  # noqa: TRY004 - the message was wrong, not a type
    task.call(*args, **kwargs)
