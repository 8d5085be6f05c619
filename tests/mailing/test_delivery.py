"""Letters go out, wait or fail, over a real connection to a mail server that does as it is told."""

import email
import email.policy
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from mailing import claiming
from mailing.claiming import claim_these
from mailing.composition import composed
from mailing.delivery import PAUSES, URGENT_PAUSES, deliver, sweep
from mailing.models import LEASE, OutgoingMail, Priority
from mailing.tasks import deliver_letters

State = OutgoingMail.State
HOUR = timedelta(hours=1)


@pytest.fixture
def clock(now):
    return lambda: now


def test_deliver_hands_over_the_letter_and_writes_it_down(make_letter, mail_server, now, clock):
    letter = make_letter(unsubscribe_url="https://portal.example/stop/")

    tally = deliver([letter.pk], clock=clock)

    assert (tally.sent, tally.postponed, tally.failed) == (1, 0, 0)
    letter.refresh_from_db()
    assert (letter.state, letter.sent_at, letter.finished_at) == (State.SENT, now, now)
    assert (letter.attempts, letter.leased_until, letter.last_error) == (1, None, "")
    message = email.message_from_bytes(mail_server.received[0].encode(), policy=email.policy.default)
    assert dict(message.items()) | {"Content-Type": ""} == {
        "Content-Type": "",
        "MIME-Version": "1.0",
        "Subject": "You are registered: Safety & you",
        "From": "Practice Portal <portal@portal.example>",
        "To": "practitioner@force.example",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "List-Unsubscribe": "<https://portal.example/stop/>",
        "Message-ID": letter.message_id,
        "Date": "Thu, 14 Jan 2027 09:29:00 +0000",
    }
    words = composed(letter)
    assert message.get_body(("plain",)).get_content().replace("\r\n", "\n") == words.text
    assert message.get_body(("html",)).get_content().replace("\r\n", "\n") == words.html


def test_deliver_sends_attachments_byte_for_byte(make_letter, mail_server, clock):
    calendar = {
        "filename": "Käse\r\n/x.ics",
        "content_type": "text/calendar; method=PUBLISH",
        "content": "QQ0KQg==",
    }
    letter = make_letter(attachments=[calendar])

    deliver([letter.pk], clock=clock)

    message = email.message_from_string(mail_server.received[0], policy=email.policy.default)
    [part] = message.iter_attachments()
    assert part.get_payload(decode=True) == b"A\r\nB"
    assert part["Content-Type"] == 'text/calendar; method="PUBLISH"'
    assert part.get_filename() == "Käse___x.ics"


def test_deliver_sends_once_however_often_it_is_asked(make_letter, mail_server, clock):
    letter = make_letter()

    deliver([letter.pk, letter.pk], clock=clock)
    deliver([letter.pk], clock=clock)

    assert len(mail_server.received) == 1


@pytest.mark.parametrize("state", [State.SENDING, State.SENT, State.FAILED, State.CANCELLED])
def test_deliver_leaves_letters_alone_that_are_not_due(make_letter, mail_server, clock, state):
    letter = make_letter(state=state)

    deliver([letter.pk], clock=clock)

    assert mail_server.connections == 0
    assert OutgoingMail.objects.get().state == state


@pytest.mark.parametrize(
    ("command", "answer", "state", "error"),
    [
        ("RCPT", "450 mailbox busy", State.QUEUED, "450 mailbox busy"),
        ("RCPT", "550 no such person", State.FAILED, "550 no such person"),
        ("DATA", "451 try later", State.QUEUED, "451 try later"),
        ("DATA", "554 no", State.FAILED, "554 no"),
        (".", "452 disk full", State.QUEUED, "452 disk full"),
        (".", "554 looks like spam", State.FAILED, "554 looks like spam"),
        ("MAIL", "421 closing", State.QUEUED, "421 closing"),
        ("MAIL", "550 sender unknown", State.QUEUED, "550 sender unknown"),
        ("CONNECT", "421 too many", State.QUEUED, "421 too many"),
        ("CONNECT", "drop", State.QUEUED, "SMTPServerDisconnected: Connection unexpectedly closed"),
        (".", "drop", State.QUEUED, "SMTPServerDisconnected: Connection unexpectedly closed"),
    ],
)
def test_deliver_takes_each_refusal_for_what_it_is(
    make_letter, mail_server, now, clock, command, answer, state, error
):
    letter = make_letter()
    mail_server.answers[command] = answer

    deliver([letter.pk], clock=clock)

    letter.refresh_from_db()
    assert (letter.state, letter.last_error, letter.leased_until) == (state, error, None)
    assert letter.next_attempt_at == (now + PAUSES[0] if state == State.QUEUED else now)
    assert letter.finished_at == (None if state == State.QUEUED else now)
    assert mail_server.received == []


@pytest.mark.parametrize("command", ["CONNECT", "RCPT", "."])
def test_deliver_gives_up_on_a_server_that_says_nothing(make_letter, mail_server, settings, clock, command):
    settings.EMAIL_TIMEOUT = 0.2
    letter = make_letter()
    mail_server.answers[command] = "hang"

    deliver([letter.pk], clock=clock)

    letter.refresh_from_db()
    assert letter.state == State.QUEUED
    assert letter.last_error in {
        "TimeoutError: timed out",
        "SMTPServerDisconnected: Connection unexpectedly closed: timed out",
    }


def test_deliver_tries_again_later_when_nobody_listens(make_letter, settings, now, clock):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    letters = [make_letter("1"), make_letter("2")]

    tally = deliver([letter.pk for letter in letters], clock=clock)

    assert (tally.sent, tally.postponed, tally.failed) == (0, 1, 0)
    first, second = OutgoingMail.objects.order_by("pk")
    assert (first.state, first.attempts, first.next_attempt_at) == (State.QUEUED, 1, now + PAUSES[0])
    assert first.last_error.startswith("ConnectionRefusedError")
    assert (second.state, second.attempts, second.next_attempt_at) == (State.QUEUED, 0, now)


@pytest.mark.parametrize(
    ("priority", "pauses"), [(Priority.NORMAL, PAUSES), (Priority.URGENT, URGENT_PAUSES)]
)
def test_deliver_waits_longer_each_time_and_then_gives_up(make_letter, mail_server, now, priority, pauses):
    letter = make_letter(priority=priority)
    mail_server.answers["RCPT"] = "450 busy"
    moment = now
    for pause in pauses:
        deliver([letter.pk], clock=lambda at=moment: at)
        letter.refresh_from_db()
        assert (letter.state, letter.next_attempt_at) == (State.QUEUED, moment + pause)
        moment = letter.next_attempt_at

    deliver([letter.pk], clock=lambda: moment)

    letter.refresh_from_db()
    assert (letter.state, letter.attempts) == (State.FAILED, len(pauses) + 1)


def test_deliver_gives_up_on_a_letter_that_kills_every_sender(make_letter, mail_server, clock, now):
    letter = make_letter(state=State.SENDING, attempts=len(PAUSES) + 1, leased_until=now)

    deliver([letter.pk], clock=clock)

    letter.refresh_from_db()
    assert (letter.state, letter.last_error) == (State.FAILED, "Every attempt ended without an answer.")
    assert mail_server.connections == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"recipient": "a@force.example\nBcc: thief@elsewhere.example"},
        {"recipient": "a@force.example, thief@elsewhere.example"},
        {"recipient": "Thief <thief@elsewhere.example>"},
        {"recipient": ""},
        {"unsubscribe_url": "https://a>\r\nBcc: thief@elsewhere.example"},
        {"message_id": "<1@a>\nBcc: thief@elsewhere.example"},
        {
            "attachments": [
                {"filename": "a", "content_type": "text/plain\nBcc: thief@elsewhere.example", "content": ""}
            ]
        },
    ],
)
def test_deliver_fails_a_letter_whose_headers_hold_line_breaks(make_letter, mail_server, clock, fields):
    letter = make_letter(**fields)

    deliver([letter.pk], clock=clock)

    letter.refresh_from_db()
    assert letter.state == State.FAILED
    assert mail_server.received == []


def test_deliver_goes_on_after_a_letter_that_is_refused(make_letter, mail_server, clock):
    bad = make_letter("bad", recipient="not an address")
    good = make_letter("good")

    tally = deliver([bad.pk, good.pk], clock=clock)

    assert (tally.sent, tally.failed) == (1, 1)
    assert len(mail_server.received) == 1


def test_deliver_uses_one_connection_for_many_letters(make_letter, mail_server, clock):
    letters = [make_letter(str(number)) for number in range(3)]

    deliver([letter.pk for letter in letters], clock=clock)

    assert (len(mail_server.received), mail_server.connections) == (3, 1)


@pytest.mark.parametrize("farewell", ["drop", "hang", "421 go away"])
def test_deliver_keeps_an_accepted_letter_when_the_server_leaves_rudely(
    make_letter, mail_server, settings, clock, farewell
):
    settings.EMAIL_TIMEOUT = 0.2
    mail_server.answers["QUIT"] = farewell
    letter = make_letter()

    deliver([letter.pk], clock=clock)

    letter.refresh_from_db()
    assert letter.state == State.SENT


def test_deliver_writes_down_each_letter_before_the_next(make_letter, clock, monkeypatch):
    """A sender that stops in the middle: the first is sent, the second in doubt, the third given back."""
    letters = [make_letter(str(number)) for number in range(3)]
    seen = []

    def send_messages(self, messages):
        seen.append(list(OutgoingMail.objects.order_by("pk").values_list("state", flat=True)))
        if len(seen) == 2:
            raise SystemExit
        return 1

    monkeypatch.setattr(EmailBackend, "send_messages", send_messages)
    with pytest.raises(SystemExit):
        deliver([letter.pk for letter in letters], clock=clock)

    assert seen == [[State.SENDING] * 3, [State.SENT, State.SENDING, State.SENDING]]
    left = OutgoingMail.objects.order_by("pk").values_list("state", "attempts")
    assert list(left) == [(State.SENT, 1), (State.SENDING, 1), (State.QUEUED, 0)]


def test_deliver_leaves_the_outcome_to_the_sender_that_took_over(make_letter, now, monkeypatch):
    """A sender that slept past its lease must not undo what the next one wrote."""
    letter = make_letter()

    def send_messages(self, messages):
        claim_these([letter.pk], now=now + LEASE)
        raise OSError

    monkeypatch.setattr(EmailBackend, "send_messages", send_messages)
    deliver([letter.pk], clock=lambda: now)

    letter.refresh_from_db()
    assert (letter.state, letter.attempts, letter.leased_until) == (State.SENDING, 2, now + 2 * LEASE)


def test_deliver_survives_that_the_recipient_leaves_meanwhile(make_letter, clock, monkeypatch):
    letter = make_letter()

    def send_messages(self, messages):
        OutgoingMail.objects.all().delete()
        return 1

    monkeypatch.setattr(EmailBackend, "send_messages", send_messages)
    tally = deliver([letter.pk], clock=clock)

    assert tally.sent == 1
    assert OutgoingMail.objects.count() == 0


def test_deliver_holds_nothing_by_a_clock_that_was_set_back_since_the_claim(make_letter, now):
    """Another sender takes such a lease for nonsense: to go on would send every letter twice."""
    letter = make_letter()
    times = iter([now, *[now - HOUR] * 20])

    tally = deliver([letter.pk], clock=lambda: next(times))

    letter.refresh_from_db()
    assert (tally.sent, letter.state, letter.attempts) == (0, OutgoingMail.State.QUEUED, 0)


def test_deliver_keeps_addresses_out_of_the_log(make_letter, mail_server, clock, caplog):
    caplog.set_level("DEBUG")
    letter = make_letter()
    mail_server.answers["RCPT"] = "550 practitioner@force.example is unknown"

    deliver([letter.pk], clock=clock)

    ours = [record.getMessage() for record in caplog.records if record.name.startswith("mailing")]
    assert ours == [f"Letter {letter.pk} failed after 1 attempts."]


@pytest.mark.parametrize(("letters", "statements"), [(1, 5 + 1), (3, 5 + 3), (50, 5 + 50)])
def test_deliver_takes_five_statements_a_batch_and_one_a_letter(
    make_letter, clock, django_assert_num_queries, monkeypatch, letters, statements
):
    monkeypatch.setattr("mailing.delivery.LOOK_SECONDS", 3600)
    keys = [make_letter(str(number)).pk for number in range(letters)]

    with django_assert_num_queries(statements):
        deliver(keys, clock=clock)


def test_sweep_sends_all_that_is_due_in_order(make_letter, now, clock, monkeypatch):
    monkeypatch.setattr(claiming, "BATCH", 2)
    make_letter("bulk", priority=Priority.BULK, values={"title": "4"})
    make_letter("normal", values={"title": "2"})
    make_letter(
        "left behind", state=State.SENDING, leased_until=now, values={"title": "3"}, next_attempt_at=now
    )
    make_letter("urgent", priority=Priority.URGENT, values={"title": "1"})
    make_letter("later", next_attempt_at=now + HOUR)

    tally = sweep(clock=clock, time_allowed=HOUR)

    assert tally.sent == 4
    assert [message.subject[-1] for message in mail.outbox] == ["1", "2", "3", "4"]


def test_sweep_stops_when_its_time_is_over(make_letter, now):
    for number in range(20):
        make_letter(str(number))
    ticks = iter(range(100))

    tally = sweep(clock=lambda: now + timedelta(seconds=next(ticks)), time_allowed=timedelta(seconds=14))

    assert 0 < tally.sent < 20
    left = OutgoingMail.objects.filter(state=State.QUEUED, attempts=0)
    assert left.count() == 20 - tally.sent


def test_sweep_asks_a_dead_server_once(make_letter, mail_server, clock):
    for number in range(3):
        make_letter(str(number))
    mail_server.answers["CONNECT"] = "421 not now"

    tally = sweep(clock=clock, time_allowed=HOUR)

    assert (tally.postponed, mail_server.connections) == (1, 1)


def test_deliver_letters_task_ignores_what_it_does_not_know(make_letter):
    letter = make_letter(next_attempt_at=timezone.now())

    deliver_letters(letters=[letter.pk], colour="blue")

    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        (
            "No subject.\n\nText.",
            "The template mailing/mail/trial failed (LetterFormatError: A letter starts ",
        ),
        ("Subject: {% nonsense %}\n\nText.", "The template mailing/mail/trial failed (TemplateSyntaxError: "),
        ("Subject: S\n\n{{ title|add:1|first }}", "The template mailing/mail/trial failed (TypeError)."),
    ],
)
def test_deliver_fails_a_letter_for_good_that_cannot_be_composed(
    make_letter, letter_template, mail_server, clock, caplog, template, reason
):
    kind = letter_template(template)
    bad = make_letter("bad", kind=kind, values={"title": 5})
    good = make_letter("good")

    tally = deliver([bad.pk, good.pk], clock=clock)

    bad.refresh_from_db()
    assert (tally.sent, tally.failed, bad.state) == (1, 1, State.FAILED)
    assert bad.last_error.startswith(f"CannotBeComposedError: {reason}")
    assert f"Letter {bad.pk} cannot be written: {bad.last_error}" in caplog.messages
    assert len(mail_server.received) == 1


def test_deliver_fails_a_letter_whose_file_cannot_be_made(make_letter, mail_server, clock):
    letter = make_letter(attachments=[{"maker": "nobody", "values": {}}])

    deliver([letter.pk], clock=clock)

    letter.refresh_from_db()
    assert (letter.state, letter.last_error) == (
        State.FAILED,
        "CannotBeComposedError: An attachment failed (KeyError).",
    )
    assert mail_server.connections == 0


# --- Clocks, deaths and what overtakes -----------------------------------------------------------------------


def test_a_sender_gives_its_batch_back_when_the_clock_is_moved(make_letter, now, monkeypatch):
    for number in range(3):
        make_letter(str(number))
    moved = [timedelta(0)]

    def send_messages(self, messages):
        moved[0] = HOUR
        return 1

    monkeypatch.setattr(EmailBackend, "send_messages", send_messages)
    keys = list(OutgoingMail.objects.values_list("pk", flat=True))
    deliver(keys, clock=lambda: now + moved[0])

    states = OutgoingMail.objects.order_by("pk").values_list("state", "attempts", "leased_until")
    assert list(states) == [(State.SENT, 1, None), (State.QUEUED, 0, None), (State.QUEUED, 0, None)]


@pytest.mark.parametrize(
    ("leased_until", "is_left_behind"),
    [
        (timedelta(0), True),
        (timedelta(seconds=1), False),
        (LEASE, False),
        (LEASE + timedelta(seconds=59), False),
        (LEASE + timedelta(seconds=61), True),
        (HOUR, True),
    ],
)
def test_left_behind_letters_are_those_whose_lease_ended_or_cannot_be_true(
    make_letter, now, leased_until, is_left_behind
):
    make_letter(state=State.SENDING, leased_until=now + leased_until)

    assert OutgoingMail.objects.left_behind(now).exists() is is_left_behind


def test_sweep_sends_what_was_written_before_the_clock_was_set_back(make_letter, now, clock):
    letter = make_letter(created_at=now + HOUR, next_attempt_at=now + HOUR)
    make_letter("retry", created_at=now - HOUR, next_attempt_at=now + HOUR, attempts=1)

    assert sweep(clock=clock, time_allowed=HOUR).sent == 1
    letter.refresh_from_db()
    assert letter.state == State.SENT


def test_sweep_lets_urgent_letters_overtake_between_two_of_bulk(make_letter, now, clock, monkeypatch):
    monkeypatch.setattr("mailing.delivery.LOOK_SECONDS", 0)
    for number in range(3):
        make_letter(f"bulk {number}", priority=Priority.BULK, values={"title": "bulk"})
    order = []

    def send_messages(self, messages):
        order.append(messages[0].subject.rpartition(" ")[2])
        if len(order) == 1:
            make_letter("code", priority=Priority.URGENT, values={"title": "urgent"})
            make_letter("normal", values={"title": "normal"})
        return 1

    monkeypatch.setattr(EmailBackend, "send_messages", send_messages)
    sweep(clock=clock, time_allowed=HOUR)

    assert order == ["bulk", "urgent", "normal", "bulk", "bulk"]


def test_deliver_writes_the_fate_down_although_the_database_was_away(make_letter, clock, monkeypatch):
    from django.db import OperationalError

    from mailing import delivery

    calls = iter([OperationalError("gone"), OperationalError("gone"), 1])

    def write():
        result = next(calls)
        if isinstance(result, Exception):
            raise result
        return result

    closed = []
    monkeypatch.setattr(delivery, "DATABASE_PAUSES", (0, 0, 0))
    monkeypatch.setattr(
        delivery, "connection", type("C", (), {"in_atomic_block": False, "close": lambda: closed.append(1)})
    )

    assert delivery._insisted(write) == 1
    assert closed == [1, 1]


@pytest.mark.parametrize(
    ("address", "on_the_wire"),
    [
        ("practitioner@müller.example", "practitioner@xn--mller-kva.example"),
        ('"quoted@name"@force.example', '"quoted@name"@force.example'),
        ("o'brien+portal@force.example", "o'brien+portal@force.example"),
    ],
)
def test_deliver_reaches_addresses_of_every_kind(make_letter, mail_server, clock, address, on_the_wire):
    letter = make_letter(recipient=address)

    deliver([letter.pk], clock=clock)

    letter.refresh_from_db()
    assert (letter.state, letter.last_error) == (State.SENT, "")
    message = email.message_from_bytes(mail_server.received[0].encode(), policy=email.policy.default)
    assert message["To"] == on_the_wire


def test_deliver_survives_a_name_of_three_thousand_characters(
    make_letter, letter_template, mail_server, clock
):
    kind = letter_template("Subject: Dear {{ name }}\n\nDear {{ name }}")
    letter = make_letter(kind=kind, values={"name": "Ä\r\nBcc: thief@elsewhere.example " * 100})

    deliver([letter.pk], clock=clock)

    letter.refresh_from_db()
    assert letter.state == State.SENT
    headers, _, _ = mail_server.received[0].replace("\r\n", "\n").partition("\n\n")
    message = email.message_from_string(headers, policy=email.policy.default)
    assert len(message["Subject"].strip()) == 250
    assert message["Bcc"] is None
