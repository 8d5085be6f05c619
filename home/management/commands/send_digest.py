"""Send the weekly digest."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from home.actions import send_digest
from home.wording import count_of


class Command(BaseCommand):
    """Writes the digest of this week, once."""

    help = (
        "Writes the weekly digest to members who want it, if anything is new. Once a week, whenever it runs."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be sent, and write nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        report = send_digest(now=timezone.now(), is_dry_run=options["dry_run"])
        new = (
            f"{count_of(report.news.number_of_events, 'event')} and "
            f"{count_of(report.news.number_of_findings, 'finding')} new"
        )
        if report.was_done_before:
            self.stdout.write(f"The digest of {report.week} is written already.")
        elif not report.news:
            self.stdout.write(f"{report.week}: nothing is new, no letter is written.")
        else:
            would = " would be" if options["dry_run"] else ""
            self.stdout.write(f"{report.week}: {new}, {count_of(report.letters, 'letter')}{would} written.")
