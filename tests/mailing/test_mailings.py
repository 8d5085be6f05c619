"""One letter to many: made, previewed, filled, started, stopped, counted."""

import email
import email.policy
from datetime import timedelta
from email.utils import format_datetime

import pytest
from django.core import mail
from django.template import TemplateDoesNotExist

from mailing import categories, claiming, mailings
from mailing.actions import stop_letters
from mailing.composition import composed
from mailing.delivery import deliver, sweep
from mailing.mailings import MailingIsUnderWayError, Progress, Recipient, WordingError
from mailing.models import Mailing, OutgoingMail, Priority, Wording
from mailing.rationing import Limits
from mailing.stopping import letter_of

State = Mailing.State
MINUTE = timedelta(minutes=1)
PLACEHOLDERS = ["name", "title", "answer_url"]
TEXT = "Dear {name},\n\ncome to “{title}”.\n\nAnswer the invitation:\n{answer_url}"


@pytest.fixture
def invitations(monkeypatch) -> str:
    monkeypatch.setattr(categories, "_categories", {})
    categories.register("invitations", label="Invitations to events", short="invitations")
    return "invitations"


@pytest.fixture
def wording(db) -> Wording:
    return mailings.keep_wording(subject="Come to {title}", text=TEXT, placeholders=PLACEHOLDERS)


@pytest.fixture
def mailing(wording, invitations, now) -> Mailing:
    return mailings.make_mailing(
        name="Invitation",
        kind="events/mail/invitation",
        wording=wording,
        values={"title": "Rating & ranking"},
        category=invitations,
        now=now,
    )


def people(number: int, first: int = 0):
    for each in range(first, first + number):
        yield Recipient(
            f"p{each}@force.example",
            {"name": f"Pat {each}", "answer_url": f"https://portal.example/a/{each}/"},
            f"invitation:{each}",
        )


def run_sweep(now):
    return sweep(clock=lambda: now, time_allowed=timedelta(hours=1))


def test_keep_wording_keeps_the_same_words_once(db):
    words = {"subject": "On {title}", "text": "Dear {name}\r\n", "placeholders": PLACEHOLDERS}

    first, second = mailings.keep_wording(**words), mailings.keep_wording(**words)

    assert first == second
    assert Wording.objects.get().text == "Dear {name}"


def test_keep_wording_refuses_what_cannot_be_sent(db):
    with pytest.raises(WordingError, match=r"There is no placeholder {nmae}") as refused:
        mailings.keep_wording(subject="S", text="{nmae}", placeholders=["name"])

    assert list(refused.value.problems) == ["text"]
    assert Wording.objects.count() == 0


def test_make_mailing_is_a_draft_with_its_values(mailing, now):
    stored = Mailing.objects.get()

    assert (stored.state, stored.created_at, stored.values) == (
        State.DRAFT,
        now,
        {"title": "Rating & ranking"},
    )
    assert str(stored) == "Invitation"


def test_make_mailing_refuses_what_is_not_there(db, now, wording):
    with pytest.raises(TemplateDoesNotExist):
        mailings.make_mailing(name="N", kind="events/mail/nothing", now=now)
    with pytest.raises(ValueError, match="no category of letters nothing"):
        mailings.make_mailing(name="N", kind="x", wording=wording, category="nothing", now=now)
    with pytest.raises(ValueError, match="cannot keep a object"):
        mailings.make_mailing(name="N", kind="x", wording=wording, values={"a": object()}, now=now)


def test_preview_shows_the_letter_as_one_recipient_gets_it(mailing):
    letter = mailings.preview(
        mailing=mailing, values={"name": "D’Arcy <Co>", "answer_url": "https://a.example/"}
    )

    assert letter.subject == "Come to Rating & ranking"
    assert letter.text.startswith(
        "Dear D’Arcy <Co>,\n\ncome to “Rating & ranking”.\n\nAnswer the invitation:\nhttps://a.example/\n"
    )
    assert 'href="https://a.example/" style="display:inline-block' in letter.html
    assert "D’Arcy &lt;Co&gt;" in letter.html
    assert OutgoingMail.objects.count() == 0


def test_preview_lets_no_value_reach_headers_or_pose_as_a_button(mailing):
    name = "Pat\r\nBcc: thief@elsewhere.example\n\nSign in here:\nhttps://thief.example/\n\n"

    letter = mailings.preview(mailing=mailing, values={"name": name, "title": name})

    assert "\n" not in letter.subject
    assert 'href="https://thief.example/" style="display:inline-block' not in letter.html


def test_send_test_letter_sends_each_time_it_is_asked(transactional_db, mailing):
    for _ in range(2):
        mailings.send_test_letter(mailing=mailing, values={"name": "Me"}, to="me@force.example")

    assert [message.subject for message in mail.outbox] == ["Come to Rating & ranking"] * 2
    assert mail.outbox[0].to == ["me@force.example"]
    assert mailings.progress(mailing) == Progress()


def test_queue_mailing_writes_one_letter_for_each_recipient(mailing, now):
    report = mailings.queue_mailing(mailing=mailing, recipients=people(3), now=now)

    assert (report.written, report.repeated, report.invalid) == (3, 0, 0)
    letter = OutgoingMail.objects.order_by("pk").first()
    assert (letter.recipient, letter.priority, letter.mailing) == ("p0@force.example", Priority.BULK, mailing)
    assert letter.values == {"name": "Pat 0", "answer_url": "https://portal.example/a/0/"}
    assert composed(letter).subject == "Come to Rating & ranking"


def test_queue_mailing_again_repeats_nothing(mailing, now):
    mailings.queue_mailing(mailing=mailing, recipients=people(3), now=now)

    report = mailings.queue_mailing(mailing=mailing, recipients=people(5, first=1), now=now)

    assert (report.written, report.repeated) == (3, 2)
    assert OutgoingMail.objects.count() == 6


def test_queue_mailing_counts_addresses_that_are_none(mailing, now, monkeypatch):
    monkeypatch.setattr(mailings, "RECIPIENTS_AT_A_TIME", 300)
    wrong = [
        "", "no address", "a@b", "Pat <p@force.example>", "a@force.example, b@force.example",
        "a@force.example\nBcc: thief@elsewhere.example", f"{'a' * 250}@force.example",
    ]  # fmt: skip
    good = ['"quoted.person"@force.example', "käse@force.example", "p@müller.example"]
    rows = [Recipient(address, {}, f"k:{number}") for number, address in enumerate([*wrong, *good] * 100)]

    report = mailings.queue_mailing(mailing=mailing, recipients=iter(rows), now=now)

    # An address with letters outside ASCII before the @ needs a mail server that speaks SMTPUTF8.
    assert (report.written, report.invalid) == (200, 800)
    assert report.invalid_addresses[:7] == wrong
    assert len(report.invalid_addresses) == 100


def test_queue_mailing_takes_a_key_that_comes_twice_in_one_batch_once(mailing, now):
    report = mailings.queue_mailing(mailing=mailing, recipients=[*people(1), *people(1)], now=now)

    assert (report.written, report.repeated) == (1, 1)


def test_queue_mailing_refuses_values_that_are_not_plain(mailing, now):
    with pytest.raises(ValueError, match=r"cannot keep a object \(name\)"):
        mailings.queue_mailing(
            mailing=mailing, recipients=[Recipient("a@force.example", {"name": object()}, "k")], now=now
        )


@pytest.mark.parametrize("number", [1, 3])
def test_queue_mailing_costs_the_same_statements_for_a_batch(mailing, now, number, django_assert_num_queries):
    with django_assert_num_queries(6):
        mailings.queue_mailing(mailing=mailing, recipients=people(number), now=now)


def test_letters_of_a_mailing_leave_only_while_it_runs(mailing, now):
    mailings.queue_mailing(mailing=mailing, recipients=people(2), now=now)
    assert run_sweep(now).sent == 0

    mailings.start_mailing(mailing=mailing, now=now)
    mailings.pause_mailing(mailing=mailing)
    assert run_sweep(now).sent == 0

    mailings.resume_mailing(mailing=mailing)
    assert run_sweep(now).sent == 2
    assert Mailing.objects.get().state == State.DONE


def test_letters_of_a_scheduled_mailing_wait_for_their_time(mailing, now):
    mailings.queue_mailing(mailing=mailing, recipients=people(1), now=now)
    mailings.start_mailing(mailing=mailing, now=now, scheduled_for=now + MINUTE)

    assert run_sweep(now).sent == 0
    assert run_sweep(now + MINUTE).sent == 1
    [letter] = mail.outbox
    assert letter.extra_headers["Date"] == format_datetime(now + MINUTE)


def test_a_mailing_is_not_done_before_all_recipients_are_written_down(mailing, now):
    mailings.start_mailing(mailing=mailing, now=now)

    run_sweep(now)

    assert Mailing.objects.get().state == State.RUNNING


def test_cancel_mailing_takes_back_what_has_not_left(mailing, now):
    mailings.queue_mailing(mailing=mailing, recipients=people(3), now=now)
    mailings.start_mailing(mailing=mailing, now=now)
    deliver([OutgoingMail.objects.earliest("pk").pk], clock=lambda: now)

    assert mailings.cancel_mailing(mailing=mailing, now=now) is True

    assert mailings.progress(mailing) == Progress(sent=1, cancelled=2)
    assert run_sweep(now).sent == 0


def test_cancel_mailing_of_many_lets_nothing_leave_and_the_sweep_closes_the_rest(mailing, now, monkeypatch):
    monkeypatch.setattr(claiming, "CLOSED_AT_A_TIME", 2)
    mailings.queue_mailing(mailing=mailing, recipients=people(7), now=now)
    mailings.start_mailing(mailing=mailing, now=now)

    mailings.cancel_mailing(mailing=mailing, now=now)

    assert mailings.progress(mailing) == Progress(queued=5, cancelled=2)
    assert run_sweep(now).sent == 0
    assert mailings.progress(mailing) == Progress(cancelled=7)


def test_cancel_mailing_takes_back_what_a_sender_gave_back_afterwards(mailing, now):
    mailings.queue_mailing(mailing=mailing, recipients=people(2), now=now)
    mailings.start_mailing(mailing=mailing, now=now)
    held = claiming.claim(OutgoingMail.objects.queued(now), now=now, limits=Limits.in_force())
    mailings.cancel_mailing(mailing=mailing, now=now)
    claiming.release(held)
    assert mailings.progress(mailing) == Progress(queued=2)

    run_sweep(now)

    assert mailings.progress(mailing) == Progress(cancelled=2)


@pytest.mark.parametrize("number", [1, 3, 2500])
def test_cancel_mailing_costs_the_same_statements_for_any_number(
    mailing, now, number, django_assert_num_queries
):
    mailings.queue_mailing(mailing=mailing, recipients=people(number), now=now)
    mailings.start_mailing(mailing=mailing, now=now)

    with django_assert_num_queries(4):
        mailings.cancel_mailing(mailing=mailing, now=now)


def test_moves_of_several_mailings_leave_alone_those_that_are_elsewhere(mailing, now):
    ours = [
        mailing,
        *(
            mailings.make_mailing(name=name, kind=mailing.kind, wording=mailing.wording, now=now)
            for name in "bcd"
        ),
    ]
    for each, state in zip(ours, [State.RUNNING, State.PAUSED, State.DONE, State.RUNNING], strict=True):
        finished_at = now if state == State.DONE else None
        Mailing.objects.filter(pk=each.pk).update(state=state, finished_at=finished_at)
    several = Mailing.objects.exclude(pk=ours[-1].pk)

    def states():
        return list(Mailing.objects.order_by("pk").values_list("state", flat=True))

    assert mailings.pause_mailings(mailings=several) == 1
    assert states() == ["paused", "paused", "done", "running"]
    assert mailings.resume_mailings(mailings=several) == 2
    assert states() == ["running", "running", "done", "running"]
    assert mailings.cancel_mailings(mailings=several, now=now) == 2
    assert states() == ["cancelled", "cancelled", "done", "running"]


MOVES = {
    "start": (lambda mailing, now: mailings.start_mailing(mailing=mailing, now=now), {State.DRAFT: State.RUNNING}),
    "pause": (lambda mailing, now: mailings.pause_mailing(mailing=mailing), {State.RUNNING: State.PAUSED}),
    "resume": (lambda mailing, now: mailings.resume_mailing(mailing=mailing), {State.PAUSED: State.RUNNING}),
    "cancel": (
        lambda mailing, now: mailings.cancel_mailing(mailing=mailing, now=now),
        dict.fromkeys([State.DRAFT, State.RUNNING, State.PAUSED], State.CANCELLED),
    ),
}  # fmt: skip


@pytest.mark.parametrize("state", State.values)
@pytest.mark.parametrize("move", MOVES)
def test_each_move_of_a_mailing_starts_where_it_may(mailing, now, state, move):
    is_over = state in {State.CANCELLED, State.DONE}
    Mailing.objects.update(state=state, finished_at=now if is_over else None)
    do, leads_to = MOVES[move]

    assert do(mailing, now) is (state in leads_to)
    assert Mailing.objects.get().state == leads_to.get(state, state)


def test_change_wording_is_for_drafts(mailing, now):
    other = mailings.keep_wording(subject="Other", text="Words", placeholders=[])
    mailings.change_wording(mailing=mailing, wording=other)
    assert Mailing.objects.get().wording == other

    mailings.start_mailing(mailing=mailing, now=now)
    with pytest.raises(MailingIsUnderWayError):
        mailings.change_wording(mailing=mailing, wording=None)


def test_queue_mailing_refuses_one_that_is_over(mailing, now):
    mailings.cancel_mailing(mailing=mailing, now=now)

    with pytest.raises(MailingIsUnderWayError):
        mailings.queue_mailing(mailing=mailing, recipients=people(1), now=now)


def test_progress_counts_states_and_reasons_in_one_statement(
    mailing, make_letter, now, django_assert_num_queries
):
    letters = OutgoingMail.State
    for number, (state, error) in enumerate(
        [
            (letters.QUEUED, "450 later"), (letters.SENDING, ""), (letters.SENT, ""), (letters.SENT, ""),
            (letters.FAILED, "550 no"), (letters.FAILED, "550 no"), (letters.FAILED, "554 spam"),
            (letters.SUPPRESSED, "Stopped"), (letters.CANCELLED, ""),
        ]
    ):  # fmt: skip
        make_letter(str(number), state=state, mailing=mailing, last_error=error)
    make_letter("of none")

    with django_assert_num_queries(1):
        counted = mailings.progress(mailing)

    assert counted == Progress(
        queued=2, sent=2, failed=3, suppressed=1, cancelled=1,
        reasons=(("550 no", 2), ("554 spam", 1), ("Stopped", 1)),
    )  # fmt: skip
    assert counted.total == 9


def test_a_letter_of_a_mailing_carries_reply_address_and_one_click_stop(mailing, now, mail_server):
    Mailing.objects.update(reply_to="organiser@charity.example")
    mailings.queue_mailing(mailing=Mailing.objects.get(), recipients=people(1), now=now)
    mailings.start_mailing(mailing=mailing, now=now)

    run_sweep(now)

    message = email.message_from_bytes(mail_server.received[0].encode(), policy=email.policy.default)
    assert message["Reply-To"] == "organiser@charity.example"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = message["List-Unsubscribe"].strip(" <>")
    assert letter_of(url.rpartition("/stop/")[2].rstrip("/")).recipient == "p0@force.example"
    assert f"To stop letters like this one: {url}" in message.get_body(("plain",)).get_content()


def test_a_letter_is_not_sent_to_whoever_stopped_its_category(mailing, now, django_assert_num_queries):
    stop_letters(address="P1@force.example", category="invitations", now=now)
    stop_letters(address="p2@force.example", category="something else", now=now)
    mailings.queue_mailing(mailing=mailing, recipients=people(3), now=now)
    mailings.start_mailing(mailing=mailing, now=now)

    tally = run_sweep(now)

    assert (tally.sent, tally.suppressed) == (2, 1)
    assert mailings.progress(mailing) == Progress(
        sent=2, suppressed=1, reasons=(("Stopped by its reader: Invitations to events", 1),)
    )


def test_a_late_letter_reopens_a_mailing_that_is_done(mailing, make_letter, now):
    from mailing.actions import send_letter_again

    letter = make_letter(state="failed", mailing=mailing)
    Mailing.objects.update(state=State.DONE, finished_at=now, queued_at=now)

    assert send_letter_again(letter=letter, now=now) is True
    assert Mailing.objects.get().state == State.RUNNING

    Mailing.objects.update(state=State.CANCELLED, finished_at=now)
    other = make_letter("2", state="cancelled", mailing=mailing)
    assert send_letter_again(letter=other, now=now) is False
