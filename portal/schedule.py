"""The one list of what happens on the clock.

Each job is a management command, so it can be run by hand, and takes --dry-run to say what it would do. The
clock (Celery beat) starts them through one task, `portal.tasks.run_command`, which runs nothing that is not in
this list.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from celery.schedules import crontab


@dataclass(frozen=True)
class Job:
    """A command and when it runs, in London time."""

    command: str
    when: timedelta | crontab
    # A start that no worker came round to is dropped after so many seconds: the next one does its work.
    expires: int = 3600
    # Work with letters has workers of its own, where there are several.
    queue: str = "default"


EVERY_MINUTE = timedelta(minutes=1)

JOBS = (
    Job("deliver_mail", EVERY_MINUTE, expires=55, queue="mail"),
    Job("read_bounces", timedelta(minutes=5), expires=290, queue="mail"),
    Job("expire_offers", EVERY_MINUTE, expires=55),
    # Publishes and expires pages whose time has come.
    Job("publish_due_pages", timedelta(minutes=5), expires=290),
    Job("send_invitations", EVERY_MINUTE, expires=55),
    # In the morning, when people read their mail.
    Job("remind_invited", crontab(hour=9, minute=40), expires=6 * 3600),
    Job("send_reminders", crontab(minute=10)),
    Job("issue_certificates", crontab(minute=20)),
    Job("send_thanks", crontab(minute=30)),
    Job("send_digest", crontab(hour=7, minute=0, day_of_week="mon"), expires=12 * 3600),
    Job("erase_mail_bodies", crontab(hour=2, minute=10), expires=12 * 3600),
    Job("erase_sensitive_answers", crontab(hour=2, minute=50), expires=12 * 3600),
    Job("erase_guests", crontab(hour=2, minute=53), expires=12 * 3600),
    Job("erase_contacts", crontab(hour=2, minute=54), expires=12 * 3600),
    Job("erase_invitations", crontab(hour=2, minute=55), expires=12 * 3600),
    Job("remove_expired_sessions", crontab(hour=2, minute=20), expires=12 * 3600),
    Job("remove_unconfirmed_accounts", crontab(hour=2, minute=40), expires=12 * 3600),
    # After a new SECRET_KEY, so that the old one can go.
    Job("encrypt_second_factors", crontab(hour=2, minute=45), expires=12 * 3600),
    # What a crash between storing a file and writing its row left behind.
    Job("remove_stray_materials", crontab(hour=3, minute=20), expires=12 * 3600),
    # Repairs what was lost when the broker or a worker died between a page's change and its index.
    Job("repair_references", crontab(hour=2, minute=30), expires=12 * 3600),
    Job("repair_search", crontab(hour=3, minute=0), expires=12 * 3600),
)


def beat_schedule() -> dict[str, dict[str, Any]]:
    """The list in the form Celery beat reads."""
    return {
        job.command: {
            "task": "portal.run_command",
            "kwargs": {"command": job.command},
            "schedule": job.when,
            "options": {"expires": job.expires, "queue": job.queue},
        }
        for job in JOBS
    }
