"""`manage.py send_invitations`: invitations that were started are written, with their letters."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from events import audiences, invitation_letters


class Command(BaseCommand):
    help = "Write the invitations that organisers started and whose time has come, and go on where a run broke off."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say whom, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        waves = invitation_letters.waves_to_write(now)
        if options["dry_run"]:
            for wave in waves:
                invited = audiences.count(wave).invited
                self.stdout.write(f"{wave.event.title}: {invited} people would be invited.")
            self.stdout.write(f"{len(waves)} rounds of invitations wait to be written.")
            return
        written = sum(invitation_letters.write_wave(wave=wave, now=now) for wave in waves)
        invitation_letters.keep_up(now)
        self.stdout.write(f"{written} invitations written.")
