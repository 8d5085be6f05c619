"""What a worker does after a letter was queued."""

from celery import shared_task
from django.utils import timezone

from mailing import delivery


@shared_task(name="mailing.deliver_letters", soft_time_limit=200, time_limit=240)
def deliver_letters(*, letters: list[int], **_: object) -> None:
    """Deliver those of the letters that are still due; safe to run twice and by two workers at once."""
    delivery.deliver(letters, clock=timezone.now)
