"""Encrypt the secrets of second factors with the key of now."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from members import second_factors
from pages.counts import number_of


class Command(BaseCommand):
    help = (
        "Encrypts the secrets of authenticator apps and recovery codes with SECRET_KEY where they lie under "
        "one of SECRET_KEY_FALLBACKS, or in the clear. After that the older keys can go."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say how many, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        counts = second_factors.encrypt_second_factors(dry_run=options["dry_run"])
        were = "would be" if options["dry_run"] else "was" if counts.encrypted == 1 else "were"
        self.stdout.write(
            f"{number_of(counts.encrypted, 'secret', 'secrets')} {were} encrypted anew; "
            f"{number_of(counts.up_to_date, 'is as it should be', 'are as they should be')}."
        )
        if counts.unreadable:
            self.stderr.write(
                f"{counts.unreadable} cannot be read, and their owners cannot use them. Put the SECRET_KEY of "
                "before into SECRET_KEY_FALLBACKS; if it is lost: manage.py remove_second_factors --unreadable"
            )
