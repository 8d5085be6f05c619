"""`manage.py send_invitations`: invitations that were started are written, with their letters."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from events import audiences, invitation_letters, list_reading
from events.models import GuestList
from pages.counts import number_of


class Command(BaseCommand):
    help = "Read lists that organisers brought, write the invitations that they started and whose time has come, and go on where a run broke off."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say whom, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        waves = invitation_letters.waves_to_write(now)
        lists = GuestList.objects.being_read()
        if options["dry_run"]:
            self.stdout.write(
                number_of(
                    lists.count(), "list of people waits to be read.", "lists of people wait to be read."
                )
            )
            for wave in waves:
                invited = audiences.count(wave).invited
                self.stdout.write(
                    f"{wave.event.title}: {number_of(invited, 'person', 'people')} would be invited."
                )
            self.stdout.write(
                number_of(
                    len(waves),
                    "round of invitations waits to be written.",
                    "rounds of invitations wait to be written.",
                )
            )
            return
        for guest_list in lists:
            list_reading.read_list(guest_list=guest_list)
        written = sum(invitation_letters.write_wave(wave=wave, now=now) for wave in waves)
        invitation_letters.keep_up(now)
        self.stdout.write(number_of(written, "invitation written.", "invitations written."))
