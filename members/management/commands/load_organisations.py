"""Load organisations and their e-mail domains."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError

from members import loading
from members.domains import validate_domain
from members.models import OrganisationKind

BUNDLED = Path(__file__).resolve().parents[2] / "data" / "organisations.json"


def read(path: Path) -> list[dict[str, Any]]:
    """The organisations of a file. Raises CommandError with what is wrong and where."""
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))["organisations"]
        for number, entry in enumerate(entries, start=1):
            _check(number, entry)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CommandError(f'{path} is not JSON of the form {{"organisations": […]}}: {error}.') from error
    return list(entries)


def _check(number: int, entry: dict[str, Any]) -> None:
    if not str(entry.get("name", "")).strip():
        raise CommandError(f"Organisation {number} has no name. Nothing was loaded.")
    name = entry["name"]
    if entry.get("kind") not in OrganisationKind.values:
        kinds = ", ".join(OrganisationKind.values)
        raise CommandError(f"The kind of {name} has to be one of: {kinds}. Nothing was loaded.")
    for domain in entry.get("domains", []):
        try:
            validate_domain(domain.lower())
        except ValidationError as error:
            raise CommandError(f"{domain} of {name}: {error.messages[0]} Nothing was loaded.") from error


class Command(BaseCommand):
    help = (
        "Loads organisations with their e-mail domains from a JSON file, by default the bundled list. "
        "Safe to run again: what managers changed since is kept."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, default=BUNDLED)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = loading.load_organisations(entries=read(options["file"]))
        except IntegrityError as error:
            raise CommandError(
                f"Two organisations would be the same: {error}. Nothing was loaded."
            ) from error
        for note in report.notes:
            self.stdout.write(f"Kept: {note}")
        self.stdout.write(
            f"Organisations: {report.created} created, {report.updated} updated, {report.unchanged} unchanged."
        )
