"""Limits by the minute hold for all senders together; urgent letters pass."""

from datetime import timedelta

import pytest

from mailing import claiming, mailings
from mailing.delivery import sweep
from mailing.models import Allowance, Mailing, OutgoingMail, Priority

MINUTE = timedelta(minutes=1)


@pytest.fixture
def run(now, monkeypatch):
    monkeypatch.setattr(claiming, "BATCH", 4)

    def go(at=now) -> int:
        return sweep(clock=lambda: at, time_allowed=timedelta(hours=1)).sent

    return go


def test_no_more_letters_leave_in_a_minute_than_allowed(make_letter, settings, run, now):
    settings.MAIL_PER_MINUTE = 5
    for number in range(12):
        make_letter(str(number))

    assert [run(), run(), run(now + MINUTE), run(now + 2 * MINUTE)] == [5, 0, 5, 2]


def test_no_more_letters_leave_to_one_domain_and_others_are_not_held_up(make_letter, settings, run, now):
    settings.MAIL_PER_DOMAIN_PER_MINUTE = 3
    for number in range(9):
        make_letter(f"a{number}", recipient=f"p{number}@FORCE.example", priority=Priority.BULK)
    for number in range(2):
        make_letter(f"b{number}", recipient=f"p{number}@council.example", priority=Priority.BULK)

    assert run() == 5
    assert not OutgoingMail.objects.filter(recipient__endswith="council.example", state="queued").exists()
    assert [run(), run(now + MINUTE)] == [0, 3]


def test_a_mailing_keeps_to_its_own_limit(db, run, now):
    made = [
        mailings.make_mailing(name="M", kind="events/mail/place_booked", per_minute=limit, now=now)
        for limit in (2, None)
    ]
    for mailing in made:
        mailings.queue_mailing(
            mailing=mailing,
            recipients=[
                mailings.Recipient("p@force.example", {}, f"{mailing.pk}:{each}") for each in range(3)
            ],
            now=now,
        )
        mailings.start_mailing(mailing=mailing, now=now)

    assert run() == 2 + 3
    assert list(Mailing.objects.order_by("pk").values_list("state", flat=True)) == ["running", "done"]
    assert run(now + MINUTE) == 1


def test_urgent_letters_pass_every_limit(make_letter, settings, run, now):
    settings.MAIL_PER_MINUTE = settings.MAIL_PER_DOMAIN_PER_MINUTE = 1
    for number in range(3):
        make_letter(f"u{number}", priority=Priority.URGENT)
        make_letter(f"n{number}")

    assert run() == 4
    assert OutgoingMail.objects.filter(state="queued", priority=Priority.NORMAL).count() == 2


def test_letters_that_have_to_wait_keep_their_attempts(make_letter, settings, run, now):
    settings.MAIL_PER_MINUTE = 1
    for number in range(3):
        make_letter(str(number))

    run()

    waiting = OutgoingMail.objects.filter(state="queued")
    assert list(waiting.values_list("attempts", "leased_until")) == [(0, None)] * 2


def test_counts_of_past_minutes_are_removed(make_letter, settings, run, now):
    settings.MAIL_PER_MINUTE = 9
    make_letter("1")
    run()
    assert Allowance.objects.count() == 1

    run(now + timedelta(hours=2))

    assert Allowance.objects.count() == 0


def test_without_limits_nothing_is_counted(make_letter, run):
    make_letter()

    assert run() == 1
    assert Allowance.objects.count() == 0
