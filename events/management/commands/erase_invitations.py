"""`manage.py erase_invitations`: who was invited to events long over is forgotten."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from events import invitation_letters
from pages.counts import number_of


class Command(BaseCommand):
    help = f"Erase the addresses that were invited, {invitation_letters.DAYS_KEPT} days after each event."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="name the events, erase nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        events = invitation_letters.events_to_forget(now)
        if options["dry_run"]:
            for event in events:
                self.stdout.write(f"{event.pk}: {event.title}")
            self.stdout.write(f"{number_of(len(events), 'event is', 'events are')} long over.")
            return
        erased = sum(invitation_letters.forget_invited(event=event, now=now) for event in events)
        self.stdout.write(f"{number_of(erased, 'invitation', 'invitations')} erased.")
