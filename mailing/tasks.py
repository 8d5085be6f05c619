"""What a worker does after a letter was queued."""

from celery import shared_task
from django.utils import timezone

from mailing import delivery


@shared_task(name="mailing.deliver_letter", soft_time_limit=200, time_limit=240)
def deliver_letter(*, letter: int, **_: object) -> None:
    """Deliver one letter if it is still due; safe to run twice and by two workers at once."""
    delivery.deliver([letter], clock=timezone.now)
