"""`manage.py expire_offers`: offers that nobody can or did take end, and free places go to the next in line."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from events import actions
from pages.counts import number_of


class Command(BaseCommand):
    help = "End the offers whose time is up, and offer every free place to whoever waits longest."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="name the events, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["dry_run"]:
            followed = actions.registrations_to_follow(now)
            self.stdout.write(
                number_of(
                    len(followed),
                    "registration follows a suspension, or the end of one.",
                    "registrations follow a suspension, or the end of one.",
                )
            )
            events = actions.events_to_settle(now)
            for event in events:
                self.stdout.write(f"{event.pk}: {event.title}")
            self.stdout.write(
                number_of(
                    len(events),
                    "event has an offer to end or a place to offer.",
                    "events have an offer to end or a place to offer.",
                )
            )
            courses = [*actions.courses_to_offer(now), *actions.courses_to_release(now)]
            self.stdout.write(
                number_of(len(courses), "person may go on with a course.", "people may go on with a course.")
            )
            return
        self.stdout.write(
            f"{number_of(actions.follow_suspensions(now=now), 'registration', 'registrations')} followed a suspension, or the end of one."
        )
        self.stdout.write(
            f"{number_of(actions.expire_offers(now=now), 'event', 'events')} brought up to date."
        )
        self.stdout.write(
            f"{number_of(actions.settle_courses(now=now), 'person', 'people')} went on with a course."
        )
