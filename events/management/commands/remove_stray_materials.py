"""`manage.py remove_stray_materials`: files of materials that no row names, as a crash may leave them."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from events import actions
from pages.counts import number_of


class Command(BaseCommand):
    help = "Remove stored files of materials that are older than a day and belong to no material."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="name the files, remove nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["dry_run"]:
            stray = list(actions.stray_materials(now))
            for name in stray:
                self.stdout.write(name)
            self.stdout.write(f"{number_of(len(stray), 'file belongs', 'files belong')} to no material.")
            return
        self.stdout.write(f"{number_of(actions.remove_stray_materials(now=now), 'file', 'files')} removed.")
