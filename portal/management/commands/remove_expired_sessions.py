"""`manage.py remove_expired_sessions`: sessions that nobody can use any more are forgotten."""

from argparse import ArgumentParser
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from pages.counts import number_of


class Command(BaseCommand):
    help = (
        "Removes sessions that have expired (Django's clearsessions), and from where they were opened, which allauth "
        "keeps beside them."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say how many, remove nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        alive = Session.objects.filter(expire_date__gte=timezone.now())
        expired = Session.objects.count() - alive.count()
        places = UserSession.objects.exclude(session_key__in=alive.values("session_key"))
        what = f"{number_of(expired, 'session', 'sessions')} and {number_of(places.count(), 'record', 'records')} of where one was opened"
        if options["dry_run"]:
            self.stdout.write(f"{what} would be removed.")
            return
        call_command("clearsessions")
        places.delete()
        self.stdout.write(f"{what} removed.")
