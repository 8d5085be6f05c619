"""Hands Wagtail's own background work (references, renditions, search index) to Celery.

So it never runs inside a request, and only after the transaction that caused it. If the broker is dead
the work is lost, which is logged; the nightly `repair_references` and `repair_search` make up for it.
"""

from typing import Any

from django_tasks.backends.base import BaseTaskBackend
from django_tasks.base import Task, TaskResult, TaskResultStatus
from django_tasks.utils import get_random_id

from mailing.broker import nudge


class CeleryBackend(BaseTaskBackend):
    """A backend of django-tasks without results: what Wagtail enqueues, it never asks about again."""

    def enqueue(self, task: Task[Any, Any], args: Any, kwargs: Any) -> TaskResult[Any]:
        """Queue the task; never raises because of the broker."""
        # Imported only now: Django loads this module before its apps are ready.
        from portal.tasks import run_task

        self.validate_task(task)
        result: TaskResult[Any] = TaskResult(
            task=task,
            id=get_random_id(),
            status=TaskResultStatus.READY,
            enqueued_at=None,
            started_at=None,
            last_attempted_at=None,
            finished_at=None,
            args=args,
            kwargs=kwargs,
            backend=self.alias,
            errors=[],
            worker_ids=[],
        )
        # The result holds the arguments as plain JSON; anything else was refused while it was made.
        nudge(run_task, path=task.module_path, args=result.args, kwargs=result.kwargs)
        return result
