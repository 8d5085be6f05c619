"""`manage.py remind_invited`: who was invited and said nothing is reminded."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from events import invitation_letters
from pages.counts import number_of


class Command(BaseCommand):
    help = (
        "Remind those who were invited and have not answered, as often and as far apart as the organiser set."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say how many, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        waves = invitation_letters.waves_to_remind(now)
        if options["dry_run"]:
            due = sum(invitation_letters.to_remind(wave, now).count() for wave in waves)
            self.stdout.write(f"{number_of(due, 'person is', 'people are')} due a reminder.")
            return
        written = sum(invitation_letters.remind(wave=wave, now=now) for wave in waves)
        self.stdout.write(f"{number_of(written, 'reminder', 'reminders')} written.")
