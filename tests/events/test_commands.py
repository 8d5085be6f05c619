"""The commands the clock runs: what they do, and that --dry-run only says it."""

from datetime import timedelta
from io import StringIO
from unittest import mock

import pytest
from django.core.management import call_command

from events.models import Registration
from mailing.models import OutgoingMail
from portal.schedule import JOBS

HOUR = timedelta(hours=1)


@pytest.fixture
def run(now):
    def command(name: str, *arguments: str, at=now) -> str:
        out = StringIO()
        with mock.patch("django.utils.timezone.now", return_value=at):
            call_command(name, *arguments, stdout=out)
        return out.getvalue()

    return command


def test_expire_offers(run, make_event, member, wait, now):
    event = make_event(title="Rating together", capacity=1)
    wait(event, member)
    late = now + 48 * HOUR

    nobody = "0 registrations followed a suspension, or the end of one.\n"
    nothing = "0 people went on with a course.\n"
    assert run("expire_offers", at=late - HOUR) == f"{nobody}0 events brought up to date.\n{nothing}"
    assert run("expire_offers", "--dry-run", at=late) == (
        "0 registrations follow a suspension, or the end of one.\n"
        f"{event.pk}: Rating together\n1 event has an offer to end or a place to offer.\n"
        "0 people may go on with a course.\n"
    )
    assert Registration.objects.get().state == "offered"
    assert run("expire_offers", at=late) == f"{nobody}1 event brought up to date.\n{nothing}"
    assert Registration.objects.get().state == "expired"


def test_send_reminders(run, make_event, member, book, now):
    book(make_event(starts_at=now + timedelta(days=1, hours=3)), member, now - 24 * HOUR)
    OutgoingMail.objects.all().delete()

    assert run("send_reminders", "--dry-run") == "1 reminder is due.\n"
    assert OutgoingMail.objects.count() == 0
    assert run("send_reminders") == "1 reminder queued.\n"
    assert run("send_reminders") == "0 reminders queued.\n"
    assert OutgoingMail.objects.count() == 1


@pytest.mark.parametrize(
    "command", ["expire_offers", "send_reminders", "erase_guests", "erase_contacts", "remove_stray_materials"]
)
def test_the_clock_knows_the_command(command):
    assert command in {job.command for job in JOBS}
