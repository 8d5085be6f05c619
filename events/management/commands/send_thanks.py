"""`manage.py send_thanks`: a day after the end, with what there is to fetch. Once."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from events import actions
from pages.counts import number_of


class Command(BaseCommand):
    help = "Thank those who were at an event, a day after its end."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say how many, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["dry_run"]:
            self.stdout.write(
                f"{number_of(len(actions.registrations_to_thank(now)), 'letter of thanks is', 'letters of thanks are')} due."
            )
            return
        self.stdout.write(f"{number_of(actions.send_thanks(now=now), 'letter', 'letters')} of thanks queued.")
