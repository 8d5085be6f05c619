"""`manage.py erase_guests`: who came to the door without an account is forgotten some time after the event."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from events import actions
from pages.counts import number_of


class Command(BaseCommand):
    help = "Erase names, addresses and organisations of guests, 90 days after each event."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say how many, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["dry_run"]:
            self.stdout.write(f"{number_of(actions.count_guests_to_erase(now), 'guest', 'guests')} to erase.")
            return
        self.stdout.write(f"{number_of(actions.erase_guests(now=now), 'guest', 'guests')} erased.")
