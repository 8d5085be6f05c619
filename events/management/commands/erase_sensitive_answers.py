"""`manage.py erase_sensitive_answers`: access and dietary needs are erased some days after the event."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from events import actions
from pages.counts import number_of


class Command(BaseCommand):
    help = "Erase the sensitive answers of events that are over for as many days as each event says."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="name the events, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["dry_run"]:
            events = actions.events_to_erase_from(now)
            for event in events:
                self.stdout.write(
                    f"{event.pk}: {event.title}, {number_of(event.to_erase, 'person', 'people')}"
                )
            self.stdout.write(
                f"{number_of(len(events), 'event has', 'events have')} sensitive answers to erase."
            )
            return
        self.stdout.write(
            f"Sensitive answers of {number_of(actions.erase_sensitive_answers(now=now), 'person', 'people')} erased."
        )
