"""`manage.py publish_due_pages`: pages whose time has come are published, or taken down."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Publishes and takes down pages whose time has come (Wagtail's publish_scheduled)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say which, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("publish_scheduled", dryrun=options["dry_run"], stdout=self.stdout)
