"""Remove second factors that their owners cannot use any more."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from members import second_factors
from members.models import User


class Command(BaseCommand):
    help = (
        "Removes second factors that their owners cannot use any more: all of the people named, who lost "
        "phone, passkeys and recovery codes, or those of anybody that no key reads any more. Each owner gets "
        "a letter, signs in without, and staff are asked to set up a new one before the admin opens."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", nargs="*", help="whose; make sure first that it is they who ask")
        parser.add_argument(
            "--unreadable",
            action="store_true",
            help="everybody's that were encrypted with a key that is lost",
        )
        parser.add_argument("--dry-run", action="store_true", help="say how many, remove nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["email"]) is options["unreadable"]:
            raise CommandError("Name the people by their addresses, or use --unreadable.")
        if options["unreadable"]:
            factors = second_factors.unreadable_second_factors()
        else:
            factors = second_factors.second_factors_of([self._member(email) for email in options["email"]])
        people = len({factor.user_id for factor in factors})
        if options["dry_run"]:
            self.stdout.write(f"Second factors that would be removed: {len(factors)}, of people: {people}.")
        else:
            second_factors.remove_second_factors(factors=factors, now=timezone.now())
            self.stdout.write(f"Second factors removed: {len(factors)}, of people: {people}.")

    def _member(self, email: str) -> User:
        member = User.objects.filter(email=email.lower()).first()
        if member is None:
            raise CommandError(f"Nobody has the address {email}. Nothing was removed.")
        return member
