"""`manage.py expire_offers`: offers that nobody took end, and free places go to the next in line."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from events import actions


class Command(BaseCommand):
    help = "End the offers whose time is up, and offer every free place to whoever waits longest."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="name the events, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["dry_run"]:
            events = actions.events_to_settle(now)
            for event in events:
                self.stdout.write(f"{event.pk}: {event.title}")
            self.stdout.write(f"{len(events)} events have an offer to end or a place to offer.")
            courses = [*actions.courses_to_offer(now), *actions.courses_to_release(now)]
            self.stdout.write(f"{len(courses)} people may go on with a course.")
            return
        self.stdout.write(f"{actions.expire_offers(now=now)} events brought up to date.")
        self.stdout.write(f"{actions.settle_courses(now=now)} people went on with a course.")
