"""Remove accounts whose address nobody ever confirmed."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from members import actions
from members.models import User
from pages.counts import number_of


class Command(BaseCommand):
    help = (
        "Removes accounts that were opened some days ago for an address that nobody has confirmed since: "
        "they may hold the name of somebody who never signed up."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say how many, remove nothing")
        parser.add_argument("--days", type=int, default=30, help="older than this (default: 30)")

    def handle(self, *args: Any, **options: Any) -> None:
        before = timezone.now() - timedelta(days=options["days"])
        if options["dry_run"]:
            number = User.objects.never_confirmed().filter(date_joined__lt=before).count()
            self.stdout.write(f"{number_of(number, 'account', 'accounts')} would be removed.")
        else:
            self.stdout.write(
                f"{number_of(actions.remove_unconfirmed_accounts(before=before), 'account', 'accounts')} removed."
            )
