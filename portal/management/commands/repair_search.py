"""`manage.py repair_search`: the search index is made anew."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from wagtail.search.index import get_indexed_models


class Command(BaseCommand):
    help = (
        "Makes the search index anew (Wagtail's update_index, with a dry run): it lacks what changed while the "
        "broker or a worker was dead."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say how much, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = sum(model.get_indexed_objects().count() for model in get_indexed_models())
        if options["dry_run"]:
            self.stdout.write(f"{rows} pages, pictures and documents would be indexed anew.")
            return
        call_command("update_index", verbosity=0)
        self.stdout.write(f"{rows} pages, pictures and documents indexed.")
