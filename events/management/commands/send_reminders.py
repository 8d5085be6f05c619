"""`manage.py send_reminders`: from 9 in the morning of the day before, wherever the event is."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from events import actions


class Command(BaseCommand):
    help = "Remind members of the events they are registered for, the day before."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say how many, send nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["dry_run"]:
            self.stdout.write(f"{len(actions.registrations_to_remind(now))} reminders are due.")
            return
        self.stdout.write(f"{actions.send_reminders(now=now)} reminders queued.")
