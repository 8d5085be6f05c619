"""What the database promises about letters, and which rows a question finds."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from mailing.claiming import claim_these
from mailing.models import LEASE, OutgoingMail, Priority

State = OutgoingMail.State


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("mailing_outgoingmail_finished_has_time", {"state": "lost"}),
        ("mailing_outgoingmail_lease_while_sending", {"state": State.SENDING}),
        ("mailing_outgoingmail_lease_while_sending", {"leased_until": "now"}),
        ("mailing_outgoingmail_sent_has_time", {"state": State.SENT, "finished_at": "now"}),
        ("mailing_outgoingmail_sent_has_time", {"sent_at": "now"}),
        ("mailing_outgoingmail_finished_has_time", {"state": State.CANCELLED}),
        ("mailing_outgoingmail_finished_has_time", {"finished_at": "now"}),
        ("mailing_outgoingmail_failed_says_why", {"state": State.FAILED, "finished_at": "now"}),
        (
            "mailing_outgoingmail_erased_is_empty",
            {"state": State.CANCELLED, "finished_at": "now", "body_erased_at": "now"},
        ),
        (
            "mailing_outgoingmail_waiting_keeps_body",
            {"body_erased_at": "now", "values": {}},
        ),
    ],
)
def test_letter_refuses_a_state_that_contradicts_itself(make_letter, now, constraint, fields):
    letter = make_letter()
    values = {name: now if value == "now" else value for name, value in fields.items()}

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        OutgoingMail.objects.filter(pk=letter.pk).update(**values)


@pytest.mark.parametrize("field", ["dedupe_key", "message_id"])
def test_letter_refuses_a_second_one_of_the_same_cause(make_letter, field):
    first, second = make_letter("1"), make_letter("2")

    with pytest.raises(IntegrityError), transaction.atomic():
        OutgoingMail.objects.filter(pk=second.pk).update(**{field: getattr(first, field)})


def test_due_finds_what_is_to_be_sent_now(make_letter, now):
    second = timedelta(seconds=1)
    make_letter("queued")
    make_letter("queued later", next_attempt_at=now + second)
    make_letter("held", state=State.SENDING, leased_until=now + second)
    make_letter("left behind", state=State.SENDING, leased_until=now)
    for state in (State.SENT, State.FAILED, State.CANCELLED):
        make_letter(state, state=state)

    due = OutgoingMail.objects.due(now).values_list("dedupe_key", flat=True)
    assert set(due) == {"queued", "left behind"}


def test_in_order_puts_urgent_and_early_ones_first(make_letter, now):
    minute = timedelta(minutes=1)
    make_letter("bulk", priority=Priority.BULK, next_attempt_at=now - minute)
    make_letter("normal 2")
    make_letter("normal 1", next_attempt_at=now - minute)
    make_letter("normal 3")
    make_letter("urgent", priority=Priority.URGENT)

    order = list(OutgoingMail.objects.in_order().values_list("dedupe_key", flat=True))
    assert order == ["urgent", "normal 1", "normal 2", "normal 3", "bulk"]


def test_claim_takes_a_due_letter_once(make_letter, now):
    letter = make_letter()

    assert [claim_these([letter.pk], now=now), claim_these([letter.pk], now=now)] == [[letter], []]

    letter.refresh_from_db()
    assert (letter.state, letter.leased_until, letter.attempts) == (State.SENDING, now + LEASE, 1)


def test_claim_takes_a_letter_over_when_its_lease_ended(make_letter, now):
    letter = make_letter(state=State.SENDING, leased_until=now)

    assert claim_these([letter.pk], now=now) == [letter]

    letter.refresh_from_db()
    assert (letter.leased_until, letter.attempts) == (now + LEASE, 2)


@pytest.mark.postgres
def test_due_uses_its_indexes_among_many_sent_letters(make_letter, now):
    make_letter("due")
    columns = "dedupe_key, message_id, kind, recipient, values, attachments, unsubscribe_url, category, priority, state, attempts, next_attempt_at, created_at, sent_at, finished_at, last_error"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO mailing_outgoingmail ({columns}) SELECT 'n' || n, '<' || n || '@portal.example>', 'k', 'a@force.example', '{{}}', '[]', '', '', 5, 'sent', 1, now(), now(), now(), now(), '' FROM generate_series(1, 20000) n"
        )
        cursor.execute("ANALYZE mailing_outgoingmail")
    plan = OutgoingMail.objects.on_their_own().queued(now).in_order()[:200].explain()
    plan += OutgoingMail.objects.left_behind(now).explain()

    assert "Seq Scan" not in plan
    assert "mailing_queued_in_order" in plan


@pytest.mark.parametrize(
    ("priority", "shown"), [(Priority.URGENT, False), (Priority.NORMAL, True), (Priority.BULK, True)]
)
def test_urgent_letters_are_shown_to_nobody(make_letter, priority, shown):
    assert make_letter(priority=priority).can_be_shown is shown
