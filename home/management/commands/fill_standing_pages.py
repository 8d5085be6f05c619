"""Give a new installation its first texts."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from home.actions import fill_standing_pages


class Command(BaseCommand):
    """Fills what is empty and leaves alone what an editor wrote."""

    help = (
        "Fills the standing pages (accessibility statement, privacy notice, cookies, contact …), the front page "
        "and the contact address with first texts, where they have none. Read them before you open the portal: "
        "they speak in the name of those who run it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--run-by",
            required=True,
            metavar="NAME",
            help="who runs the portal and is responsible for its data, for example: Example University",
        )
        parser.add_argument(
            "--contact", required=True, metavar="ADDRESS", help="the mail address at which they are reached"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        run_by, contact = options["run_by"].strip(), options["contact"].strip()
        if not run_by:
            raise CommandError("--run-by is empty. Name who runs the portal. Nothing was changed.")
        try:
            validate_email(contact)
        except ValidationError:
            raise CommandError(f"“{contact}” is no mail address. Nothing was changed.") from None
        filled = fill_standing_pages(run_by=run_by, contact=contact)
        for title in filled:
            self.stdout.write(f"Filled: {title}")
        if not filled:
            self.stdout.write("Every page has a text already. Nothing was changed.")
