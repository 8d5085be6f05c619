"""`manage.py erase_mail_bodies`: what was written is forgotten, that it was sent is not."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from mailing.actions import erase_bodies
from mailing.models import OutgoingMail
from pages.counts import number_of


class Command(BaseCommand):
    help = "Erase text and attachments of letters that were sent, failed or taken back some days ago."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say how many, erase nothing")
        parser.add_argument(
            "--days",
            type=int,
            default=settings.MAIL_BODY_DAYS,
            help="older than this (default: MAIL_BODY_DAYS)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["dry_run"]:
            number = OutgoingMail.objects.with_erasable_body(now, options["days"]).count()
            self.stdout.write(f"The text of {number_of(number, 'letter', 'letters')} would be erased.")
            return
        self.stdout.write(
            f"The text of {number_of(erase_bodies(days=options['days'], now=now), 'letter', 'letters')} was erased."
        )
