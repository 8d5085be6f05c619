"""Fill the portal with demo content."""

from argparse import ArgumentParser
from datetime import datetime
from importlib import import_module
from time import monotonic
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from members import demo as members_demo
from members.models import User
from portal.roles import Role

# Each part stands on those before it: an event needs members to come to it.
PARTS = (
    ("Organisations and members", "members.demo"),
    ("Front page and standing pages", "home.demo"),
    ("Findings", "library.demo"),
    ("Events and registrations", "events.demo"),
)

# The practitioner is a member without a role.
GROUPS = {
    "organiser": Role.ORGANISERS,
    "membership manager": Role.MEMBERSHIP_MANAGERS,
    "moderator": Role.MODERATORS,
    "administrator": Role.ADMINISTRATORS,
}


class Command(BaseCommand):
    """Loads the demo of each part. What is there already stays as it is."""

    help = (
        "Fills the portal with demo content: real organisations, past events and publications, and "
        "fictional members and upcoming events, labelled as such. Running it again changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--yes", action="store_true", help="load the demo even though DEBUG is off, as in production"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG and not options["yes"]:
            raise CommandError(
                "This looks like production (DEBUG is off). The demo adds fictional members whose password "
                "everyone knows. Nothing was changed. To load it all the same: manage.py demo --yes"
            )
        started = monotonic()
        now = timezone.now()
        for title, module in PARTS:
            self._load(title, module, now)
        self._give_roles()
        # The pages that migrations made have never been indexed, and a worker may not be running yet.
        call_command("update_index", verbosity=0)
        self.stdout.write(f"The demo is there ({monotonic() - started:.1f} s).")

    def _load(self, title: str, module: str, now: datetime) -> None:
        self.stdout.write(f"{title} … ", ending="")
        self.stdout.flush()
        started = monotonic()
        import_module(module).load(now)
        self.stdout.write(f"{monotonic() - started:.1f} s")

    def _give_roles(self) -> None:
        for login in members_demo.LOGINS:
            if login.role in GROUPS:
                group = Group.objects.get(name=GROUPS[login.role])
                User.objects.get(email=login.email).groups.add(group)
