"""`manage.py repair_references`: Wagtail's record of what refers to what is made anew."""

from argparse import ArgumentParser
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.core.management.base import BaseCommand
from wagtail.models import ReferenceIndex

from pages.counts import number_of


class Command(BaseCommand):
    help = (
        "Makes the record of what refers to what anew (Wagtail's rebuild_references_index, with a dry run): it lacks "
        "what changed while the broker or a worker was dead."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say how much, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        models = [model for model in apps.get_models() if ReferenceIndex.is_indexed(model)]
        rows = sum(model._default_manager.count() for model in models)
        if options["dry_run"]:
            self.stdout.write(
                f"{number_of(ReferenceIndex.objects.count(), 'reference', 'references')} would be made anew, from {rows} pages and other rows."
            )
            return
        call_command("rebuild_references_index", verbosity=0)
        self.stdout.write(
            f"{number_of(ReferenceIndex.objects.count(), 'reference', 'references')}, from {rows} pages and other rows."
        )
