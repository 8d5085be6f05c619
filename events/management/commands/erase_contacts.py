"""`manage.py erase_contacts`: line managers and colleagues are forgotten some time after the event."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from events import actions
from pages.counts import number_of


class Command(BaseCommand):
    help = "Erase the addresses of line managers and colleagues that members gave, 90 days after each event."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say how many, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["dry_run"]:
            self.stdout.write(
                f"{number_of(actions.count_contacts_to_erase(now), 'contact', 'contacts')} to erase."
            )
            return
        self.stdout.write(f"{number_of(actions.erase_contacts(now=now), 'contact', 'contacts')} erased.")
