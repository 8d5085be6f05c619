"""Make draft events of a programme that others wrote."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from events import actions, schedules
from pages.counts import number_of

# Schedules of the largest conferences have two.
MOST_MEGABYTES = 10


class Command(BaseCommand):
    """Reads the file whole, checks it whole, and imports it whole or not at all."""

    help = (
        "Makes draft events, with sessions and speakers, of a pretalx or frab schedule.json or of an iCalendar "
        "file. The same file again changes nothing; a changed one updates what nobody edited since."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="a schedule.json or .ics file")
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would happen, and change nothing"
        )
        parser.add_argument(
            "--one-event",
            default="",
            metavar="TITLE",
            help="the entries of the calendar are sessions of one event of this title",
        )
        parser.add_argument(
            "--time-zone", default="Europe/London", help="of times that carry none (default: Europe/London)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        content = _read(options["file"])
        try:
            schedule = schedules.read(
                content, time_zone=options["time_zone"], one_event=options["one_event"].strip()
            )
            with transaction.atomic():
                outcomes = actions.import_events(events=schedule.events, now=timezone.now())
                transaction.set_rollback(options["dry_run"])
        except schedules.ScheduleError as error:
            raise CommandError(f"{error}\nNothing was imported.") from error
        except ValidationError as error:
            raise CommandError(f"{' '.join(error.messages)}\nNothing was imported.") from error
        for line in (*schedule.passed_over, *outcomes, *schedule.to_check):
            self.stdout.write(str(line))
        done = "Nothing was changed: this was a dry run." if options["dry_run"] else "Done."
        number = len(schedule.events)
        self.stdout.write(f"{number_of(number, 'event', 'events')} read. {done}")


def _read(path: Path) -> bytes:
    """Raises CommandError if there is no such file, or one larger than any schedule, which is not read at all."""
    try:
        size = path.stat().st_size
        if size > MOST_MEGABYTES * 1024 * 1024:
            raise CommandError(
                f"{path} has {size / 1024 / 1024:,.0f} MB. No schedule has more than {MOST_MEGABYTES} MB. "
                "Nothing was imported."
            )
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}. Nothing was imported.") from error
