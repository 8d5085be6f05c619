"""`manage.py send_reminders`: from 9 in the morning of the day before, wherever the event is."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from events import actions
from pages.counts import number_of


class Command(BaseCommand):
    help = "Remind members of the events they have a place at: a week before, and the day before (or on the day)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say how many, send nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["dry_run"]:
            self.stdout.write(
                f"{number_of(len(actions.registrations_to_remind(now)), 'reminder is', 'reminders are')} due."
            )
            return
        self.stdout.write(f"{number_of(actions.send_reminders(now=now), 'reminder', 'reminders')} queued.")
