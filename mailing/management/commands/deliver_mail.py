"""`manage.py deliver_mail`: the sweep. Sends what is due and what nobody was told about."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from mailing import delivery
from mailing.models import OutgoingMail
from pages.counts import number_of


class Command(BaseCommand):
    help = "Send every letter that is due: new ones, those to try again, and those a dead sender left behind."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say how many are due, send nothing")
        parser.add_argument(
            "--seconds", type=int, default=50, help="stop starting new ones after so long (default: 50)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dry_run"]:
            due = OutgoingMail.objects.due(timezone.now())
            left_behind = due.filter(state=OutgoingMail.State.SENDING).count()
            self.stdout.write(
                f"{number_of(due.count(), 'letter is', 'letters are')} due, {left_behind} of them left behind by a sender."
            )
            return
        tally = delivery.sweep(clock=timezone.now, time_allowed=timedelta(seconds=options["seconds"]))
        self.stdout.write(f"{tally.sent} sent, {tally.postponed} put off, {tally.failed} failed.")
