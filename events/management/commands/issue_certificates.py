"""`manage.py issue_certificates`: for events that are over, a letter each."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from events import actions
from pages.counts import number_of


class Command(BaseCommand):
    help = "Give everybody who was at an event that is over their certificate of attendance."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say how many, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["dry_run"]:
            self.stdout.write(
                f"{number_of(len(actions.events_to_certify(now)), 'event has', 'events have')} certificates to issue."
            )
            return
        self.stdout.write(
            f"{number_of(actions.issue_certificates(now=now), 'certificate', 'certificates')} issued."
        )
