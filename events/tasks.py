"""What a worker does after an organiser sent a wave of invitations, took one back or brought a list."""

from celery import shared_task
from django.utils import timezone

from events import invitation_letters, list_reading
from events.models import GuestList


@shared_task(name="events.send_invitations")
def send_invitations(*, waves: list[int], **_: object) -> None:
    """Write the invitations of those of the waves that still wait for it; safe to run twice and at once."""
    now = timezone.now()
    for wave in invitation_letters.waves_to_write(now).filter(pk__in=waves):
        invitation_letters.write_wave(wave=wave, now=now)


@shared_task(name="events.take_back_invitations")
def take_back_invitations(*, waves: list[int], **_: object) -> None:
    """Take back what did not leave of those of the waves that were cancelled; safe to run twice and at once."""
    now = timezone.now()
    for wave in invitation_letters.cancelled_waves().filter(pk__in=waves):
        invitation_letters.take_back(wave=wave, now=now)


@shared_task(name="events.read_lists")
def read_lists(*, lists: list[int], **_: object) -> None:
    """Read those of the lists that are not read yet; safe to run twice and at once."""
    for guest_list in GuestList.objects.being_read().filter(pk__in=lists):
        list_reading.read_list(guest_list=guest_list)
