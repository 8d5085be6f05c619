"""Letters are written, taken back, sent again and forgotten."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.template import TemplateDoesNotExist

from mailing import actions
from mailing.actions import queue_letter
from mailing.attachments import Attachment, AttachmentPlan
from mailing.composition import attached, composed
from mailing.models import OutgoingMail, Priority

State = OutgoingMail.State


@pytest.fixture
def place_booked(letter_template) -> str:
    return letter_template("Subject: Your place: {{ title }}\n\nYou are registered for {{ title }}.\n")


def queue(template, **changes):
    queue_letter(
        **{
            "template": template,
            "to": "practitioner@force.example",
            "context": {"title": "Safety & you"},
            "dedupe_key": "trial:1",
            **changes,
        }
    )


def test_queue_letter_writes_everything_the_letter_needs(db, place_booked):
    queue(place_booked, unsubscribe_url="https://portal.example/stop/")

    letter = OutgoingMail.objects.get()
    assert letter.kind == place_booked
    assert letter.recipient == "practitioner@force.example"
    assert letter.values == {"title": "Safety & you"}
    assert letter.attachments == []
    assert letter.state == State.QUEUED
    assert letter.priority == Priority.NORMAL
    assert letter.next_attempt_at == letter.created_at
    assert letter.unsubscribe_url == "https://portal.example/stop/"
    words = composed(letter)
    assert words.subject == "Your place: Safety & you"
    assert words.text.startswith("You are registered for Safety & you.\n")
    assert "You are registered for Safety &amp; you." in words.html


def test_queue_letter_is_one_statement(db, place_booked, django_assert_num_queries):
    with django_assert_num_queries(1):
        queue(place_booked)


def test_queue_letter_does_nothing_the_second_time(db, place_booked):
    queue(place_booked)
    queue(place_booked, to="somebody@else.example", context={"title": "Another"})

    assert OutgoingMail.objects.get().values == {"title": "Safety & you"}


def test_queue_letter_again_leaves_a_sent_one_alone(make_letter, place_booked):
    letter = make_letter("trial:1", state=State.SENT, recipient="before@force.example")

    queue(place_booked)

    letter.refresh_from_db()
    assert (letter.state, letter.recipient) == (State.SENT, "before@force.example")


def test_queue_letter_with_another_key_writes_another(db, place_booked):
    queue(place_booked)
    queue(place_booked, dedupe_key="trial:2")

    assert OutgoingMail.objects.count() == 2


def test_queue_letter_gives_the_same_cause_the_same_message_id(db, place_booked):
    queue(place_booked)
    first = OutgoingMail.objects.get().message_id
    OutgoingMail.objects.all().delete()
    queue(place_booked)
    queue(place_booked, dedupe_key="trial:2")

    again, other = OutgoingMail.objects.order_by("pk").values_list("message_id", flat=True)
    assert again == first
    assert other != first
    assert "trial" not in first
    assert first.endswith("@portal.example>")


def test_queue_letter_keeps_attachments_byte_for_byte(db, place_booked):
    content = b"BEGIN:VCALENDAR\r\n\xff\x00"
    queue(place_booked, attachments=[Attachment("event.ics", "text/calendar; method=PUBLISH", content)])

    assert attached(OutgoingMail.objects.get()) == [
        Attachment("event.ics", "text/calendar; method=PUBLISH", content)
    ]


def test_queue_letter_raises_for_a_template_that_is_not_there(db):
    with pytest.raises(TemplateDoesNotExist):
        queue("mailing/mail/nowhere")


def test_queue_letter_raises_for_what_is_not_plain(db, place_booked):
    with pytest.raises(ValueError, match=r"A letter cannot keep a object \(who\.name\)"):
        queue(place_booked, context={"who": {"name": object()}})

    assert OutgoingMail.objects.count() == 0


def test_queue_letter_raises_for_an_attachment_that_nobody_makes(db, place_booked):
    with pytest.raises(ValueError, match=r"Nobody makes the attachment mailing\.nothing"):
        queue(place_booked, attachments=[AttachmentPlan("mailing.nothing")])


def test_queue_letter_refuses_a_key_that_no_column_holds(db, place_booked):
    queue(place_booked, dedupe_key="k" * 200)

    with pytest.raises(ValueError, match="200"):
        queue(place_booked, dedupe_key="k" * 201)


def test_queue_letter_goes_when_its_cause_is_undone(transactional_db, place_booked):
    with pytest.raises(RuntimeError), transaction.atomic():
        queue(place_booked)
        raise RuntimeError

    assert OutgoingMail.objects.count() == 0
    assert mail.outbox == []


def test_queue_letter_is_delivered_once_its_cause_is_committed(transactional_db, place_booked):
    with transaction.atomic():
        queue(place_booked)
        assert mail.outbox == []

    [message] = mail.outbox
    assert message.subject == "Your place: Safety & you"
    assert OutgoingMail.objects.get().state == State.SENT


def test_queue_letter_leaves_bulk_to_the_sweep(transactional_db, place_booked):
    queue(place_booked, priority=Priority.BULK)

    assert mail.outbox == []
    assert OutgoingMail.objects.get().state == State.QUEUED


def test_queue_letter_does_not_swallow_a_broken_constraint(db, place_booked, monkeypatch):
    """SQLite's INSERT OR IGNORE would drop the letter without a word."""
    monkeypatch.setattr(actions, "encoded", lambda _: None)

    with pytest.raises(IntegrityError), transaction.atomic():
        queue(place_booked)


def test_cancel_letter_takes_back_what_waits(make_letter, now):
    letter = make_letter()

    assert actions.cancel_letter(letter=letter, now=now) is True

    letter.refresh_from_db()
    assert (letter.state, letter.finished_at) == (State.CANCELLED, now)


@pytest.mark.parametrize("state", [State.SENDING, State.SENT, State.FAILED, State.CANCELLED])
def test_cancel_letter_leaves_others_alone(make_letter, now, state):
    letter = make_letter(state=state)

    assert actions.cancel_letter(letter=letter, now=now + timedelta(hours=1)) is False

    finished = letter.finished_at
    letter.refresh_from_db()
    assert (letter.state, letter.finished_at) == (state, finished)


def test_cancel_letters_takes_back_those_of_one_cause(make_letter, now):
    make_letter("registration:1:booked")
    make_letter("registration:1:reminder", state=State.SENT)
    make_letter("registration:12:booked")

    assert actions.cancel_letters(dedupe_prefix="registration:1:", now=now) == 1

    states = dict(OutgoingMail.objects.values_list("dedupe_key", "state"))
    assert states == {
        "registration:1:booked": State.CANCELLED,
        "registration:1:reminder": State.SENT,
        "registration:12:booked": State.QUEUED,
    }


@pytest.mark.parametrize("state", [State.FAILED, State.CANCELLED])
def test_send_letter_again_starts_anew(make_letter, now, state):
    letter = make_letter(state=state, attempts=9)
    later = now + timedelta(days=1)

    assert actions.send_letter_again(letter=letter, now=later) is True

    letter.refresh_from_db()
    assert (letter.state, letter.attempts, letter.next_attempt_at) == (State.QUEUED, 0, later)
    assert (letter.finished_at, letter.last_error) == (None, "")


@pytest.mark.parametrize("state", [State.QUEUED, State.SENDING, State.SENT])
def test_send_letter_again_leaves_others_alone(make_letter, now, state):
    letter = make_letter(state=state)

    assert actions.send_letter_again(letter=letter, now=now) is False

    letter.refresh_from_db()
    assert letter.state == state


def test_send_letter_again_refuses_a_letter_without_text(make_letter, now):
    letter = make_letter(state=State.FAILED, values={}, body_erased_at=now)

    assert actions.send_letter_again(letter=letter, now=now) is False


def test_erase_bodies_forgets_what_old_letters_said(make_letter, now, monkeypatch):
    monkeypatch.setattr(actions, "ERASE_BATCH", 2)
    old = now - timedelta(days=31)
    recent = now - timedelta(days=29)
    for number in range(3):
        make_letter(
            f"old:{number}",
            state=State.SENT,
            finished_at=old,
            sent_at=old,
            attachments=[{"maker": "x", "values": {}}],
        )
    make_letter("failed", state=State.FAILED, finished_at=old)
    make_letter("recent", state=State.SENT, finished_at=recent)
    make_letter("waiting", created_at=old)

    assert actions.erase_bodies(days=30, now=now) == 4
    assert actions.erase_bodies(days=30, now=now) == 0

    erased = OutgoingMail.objects.filter(body_erased_at=now)
    assert set(erased.values_list("dedupe_key", flat=True)) == {"old:0", "old:1", "old:2", "failed"}
    assert list(erased.values_list("values", "attachments")) == [({}, [])] * 4
    assert set(OutgoingMail.objects.exclude(values={}).values_list("dedupe_key", flat=True)) == {
        "recent",
        "waiting",
    }


def test_erase_bodies_forgets_codes_after_a_day(make_letter, now):
    make_letter("old", state=State.SENT, priority=Priority.URGENT, finished_at=now - timedelta(hours=25))
    make_letter("recent", state=State.SENT, priority=Priority.URGENT, finished_at=now - timedelta(hours=23))

    actions.erase_bodies(days=30, now=now)

    assert OutgoingMail.objects.get(body_erased_at=now).dedupe_key == "old"


def test_forget_recipient_removes_every_letter_to_an_address(make_letter):
    make_letter("1", recipient="Practitioner@force.example")
    make_letter("2", state=State.SENT)
    make_letter("3", recipient="other@force.example")

    assert actions.forget_recipient(address="practitioner@FORCE.example") == 2

    assert OutgoingMail.objects.get().dedupe_key == "3"
