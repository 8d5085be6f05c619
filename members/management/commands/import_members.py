"""Take in members from a list that an organisation sent."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError
from django.utils import timezone

from members import loading, roster
from members.loading import Outcome
from pages.counts import number_of


class Command(BaseCommand):
    help = (
        "Takes in members from a CSV file (UTF-8) with the columns email, first_name, last_name, "
        "organisation and, if you like, job_title. The organisation vouches for its people, so they are "
        "approved and their addresses count as confirmed. They get no password: they sign in with a code "
        "sent by e-mail. If one line is refused, nothing is written."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="Only say what would happen.")
        parser.add_argument(
            "--skip-bad-rows", action="store_true", help="Write the good lines although others are refused."
        )
        parser.add_argument("--invite", action="store_true", help="Send everybody who is new a letter.")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.perf_counter()
        content = self._content(options["file"])
        try:
            rows, refusals = roster.read(content)
        except roster.RosterUnreadableError as error:
            raise CommandError(f"{error} Nothing was written.") from error
        try:
            report = loading.import_members(
                rows=rows,
                refusals=refusals,
                now=timezone.now(),
                dry_run=options["dry_run"],
                skip_bad_rows=options["skip_bad_rows"],
                invite=options["invite"],
                progress=self._show_progress,
            )
        except IntegrityError as error:
            raise CommandError(
                "Somebody on the list signed up at this very moment. Nothing was written: run it again."
            ) from error
        self._show(report, time.perf_counter() - started)
        if not report.is_written and not options["dry_run"]:
            raise CommandError(
                "Nothing was written, because lines were refused. Correct them, or use --skip-bad-rows."
            )

    def _content(self, path: Path) -> bytes:
        limit = settings.MEMBERS_IMPORT_MAX_MEGABYTES
        try:
            size = path.stat().st_size
            if size > limit * 1_000_000:
                raise CommandError(
                    f"{path} has {size / 1_000_000:.0f} MB; lists may have {limit} MB "
                    "(MEMBERS_IMPORT_MAX_MEGABYTES). Nothing was written: split it."
                )
            return path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from error

    def _show_progress(self, done: int, total: int) -> None:
        if done % 2_000 == 0 and done < total:
            self.stderr.write(f"{done:,} of {number_of(total, 'line', 'lines')} checked")

    def _show(self, report: loading.ImportReport, seconds: float) -> None:
        """Line by line, without names or addresses: this is often kept as a log."""
        for line in report.lines:
            note = f": {line.note}" if line.note else ""
            self.stdout.write(f"line {line.number}: {line.outcome}{note}")
        counts = ", ".join(f"{report.count(outcome):,} {outcome}" for outcome in Outcome)
        tense = "Done" if report.is_written else "Nothing written; it would be"
        self.stdout.write(
            f"{tense}: {counts} ({number_of(len(report.lines), 'line', 'lines')} in {seconds:.1f} s)."
        )
