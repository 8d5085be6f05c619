"""`manage.py read_bounces`: what came back. Suppresses addresses that cannot be reached."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from mailing.bounces import read_mailbox
from mailing.mailboxes import MailboxError
from mailing.reports import Kind
from pages.counts import number_of


class Command(BaseCommand):
    help = "Read delivery reports and automatic answers from the mailbox in MAIL_BOUNCES_MAILBOX."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what is there, change nothing")
        parser.add_argument(
            "--mailbox",
            default=settings.MAIL_BOUNCES_MAILBOX,
            help="another mailbox: maildir:///PATH, imaps://USER:PASSWORD@HOST/FOLDER, pop3s://USER:PASSWORD@HOST",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["mailbox"]:
            self.stdout.write("MAIL_BOUNCES_MAILBOX is not set: nothing to read.")
            return
        try:
            found = read_mailbox(
                address=options["mailbox"], now=timezone.now(), is_dry_run=options["dry_run"]
            )
        except MailboxError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{found[Kind.HARD]} cannot be delivered, {found[Kind.SOFT]} could not be delivered this time, "
            f"{found[Kind.COMPLAINT]} reported as spam, {number_of(found[Kind.AUTOMATIC], 'automatic answer', 'automatic answers')}, "
            f"{found[Kind.OTHER]} left for a person."
        )
