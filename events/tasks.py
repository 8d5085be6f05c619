"""What a worker does after an organiser sent a wave of invitations."""

from celery import shared_task
from django.utils import timezone

from events import invitation_letters


@shared_task(name="events.send_invitations")
def send_invitations(*, waves: list[int], **_: object) -> None:
    """Write the invitations of those of the waves that still wait for it; safe to run twice and at once."""
    now = timezone.now()
    for wave in invitation_letters.waves_to_write(now).filter(pk__in=waves):
        invitation_letters.write_wave(wave=wave, now=now)
