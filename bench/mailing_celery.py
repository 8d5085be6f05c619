"""Celery as the peer of `mailing.deliver` runs it: the portal's own settings, one queue of its own."""

import time
from pathlib import Path

from celery.signals import task_postrun
from django.conf import settings

from bench.mailing_letters import ALONE
from portal.celery import app

app.autodiscover_tasks(["bench"], related_name="mailing_tasks")

_taken = 0


@task_postrun.connect
def write_down(**_: object) -> None:
    """When the first letter was done, and when the last."""
    global _taken  # noqa: PLW0603 - one worker, one count
    _taken += 1
    with Path(settings.VAR_DIR, "alone").open("a", encoding="utf-8") as moments:
        if _taken in {1, ALONE}:
            moments.write(f"{time.time()}\n")
