"""The sweep and the eraser, by hand and on the clock."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.management import call_command
from django.utils import timezone

from mailing.models import OutgoingMail, Priority

State = OutgoingMail.State


@pytest.fixture
def now():
    """Commands read the clock themselves."""
    return timezone.now()


def run(command: str, *args: str) -> str:
    out = StringIO()
    call_command(command, *args, stdout=out)
    return out.getvalue()


@pytest.fixture
def three_due(make_letter, now) -> None:
    make_letter("queued")
    make_letter("refused", recipient="a@force.example, b@force.example")
    make_letter("left behind", state=State.SENDING, leased_until=now - timedelta(seconds=1))
    make_letter("later", next_attempt_at=now + timedelta(hours=1))


def test_deliver_mail_sends_what_is_due(three_due):
    assert run("deliver_mail") == "2 sent, 0 put off, 1 failed.\n"

    assert len(mail.outbox) == 2
    assert OutgoingMail.objects.get(dedupe_key="later").state == State.QUEUED


def test_deliver_mail_dry_run_sends_nothing(three_due):
    before = list(OutgoingMail.objects.order_by("pk").values())

    assert run("deliver_mail", "--dry-run") == "3 letters are due, 1 of them left behind by a sender.\n"

    assert mail.outbox == []
    assert list(OutgoingMail.objects.order_by("pk").values()) == before


def test_deliver_mail_stops_in_time(three_due):
    assert run("deliver_mail", "--seconds", "0") == "0 sent, 0 put off, 0 failed.\n"


@pytest.fixture
def four_old(make_letter, now) -> None:
    for number in range(3):
        make_letter(f"old:{number}", state=State.FAILED, finished_at=now - timedelta(days=31))
    make_letter("code", state=State.FAILED, finished_at=now - timedelta(days=2), priority=Priority.URGENT)
    make_letter("recent", state=State.FAILED, finished_at=now - timedelta(days=29))


def test_erase_mail_bodies_forgets_old_ones(four_old):
    assert run("erase_mail_bodies") == "The text of 4 letters was erased.\n"

    assert OutgoingMail.objects.exclude(values={}).get().dedupe_key == "recent"


def test_erase_mail_bodies_takes_a_number_of_days(four_old):
    assert run("erase_mail_bodies", "--days", "28") == "The text of 5 letters was erased.\n"


def test_erase_mail_bodies_dry_run_erases_nothing(four_old):
    assert run("erase_mail_bodies", "--dry-run") == "The text of 4 letters would be erased.\n"

    assert not OutgoingMail.objects.filter(values={}).exists()
