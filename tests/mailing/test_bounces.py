"""Letters that came back: addresses are suppressed, members are told, and it is lifted with a reason."""

import mailbox
from datetime import timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from mailing import bounces
from mailing.bounces import SuppressionIsLiftedError, lift_suppression, read_mailbox, record_reading
from mailing.delivery import deliver
from mailing.models import Bounce, OutgoingMail, Priority, Suppression
from mailing.reports import Failure, Kind, Reading
from mailing.suppression import is_suppressed, suppression_of
from tests.mailing.test_reports import delivery_report, plain, recipient

DAY = timedelta(days=1)
ADDRESS = "practitioner@force.example"


@pytest.fixture
def letter(make_letter) -> OutgoingMail:
    return make_letter(state="sent")


def reading_of(letter: OutgoingMail, kind: Kind, key: str = "1", *, address: str = ADDRESS) -> Reading:
    failures = () if kind == Kind.AUTOMATIC else (Failure(kind, address, "5.1.1 no such person"),)
    return Reading(kind, key, (letter.message_id,), failures)


def test_a_lasting_failure_suppresses_the_address(letter, now):
    record_reading(reading=reading_of(letter, Kind.HARD), now=now)

    suppression = Suppression.objects.get()
    assert (suppression.address, suppression.reason, suppression.detail, suppression.since) == (
        ADDRESS, "hard", "5.1.1 no such person", now,
    )  # fmt: skip
    assert is_suppressed("Practitioner@FORCE.example")
    assert Bounce.objects.get().letter == letter


def test_a_report_read_twice_counts_once(letter, now):
    for _ in range(2):
        record_reading(reading=reading_of(letter, Kind.HARD), now=now)

    assert (Bounce.objects.count(), Suppression.objects.count()) == (1, 1)


def test_a_report_of_a_letter_that_we_never_wrote_changes_nothing(letter, now):
    """Anybody can forge a report, but nobody guesses a Message-ID."""
    forged = Reading(Kind.HARD, "1", ("<1@portal.example>",), (Failure(Kind.HARD, ADDRESS, "5.1.1"),))

    assert record_reading(reading=forged, now=now) == []
    assert record_reading(reading=reading_of(letter, Kind.HARD), now=now + 100 * DAY) == []
    assert not is_suppressed(ADDRESS)


def test_a_report_suppresses_whom_we_wrote_to_and_nobody_else(letter, now):
    record_reading(reading=reading_of(letter, Kind.HARD, address="victim@elsewhere.example"), now=now)

    assert list(Suppression.objects.values_list("address", flat=True)) == [ADDRESS]


def test_a_report_about_a_list_behind_the_address_is_not_about_the_address(letter, now):
    failures = (Failure(Kind.HARD, "a@inner.example", ""), Failure(Kind.HARD, "b@inner.example", ""))

    assert record_reading(reading=Reading(Kind.HARD, "1", (letter.message_id,), failures), now=now) == []


def test_passing_failures_suppress_only_when_there_are_many(letter, now):
    for number in range(5):
        assert not is_suppressed(ADDRESS)
        record_reading(reading=reading_of(letter, Kind.SOFT, str(number)), now=now + number * DAY)

    assert suppression_of(ADDRESS).reason == "soft"


def test_passing_failures_of_long_ago_do_not_count(letter, now):
    for number in range(5):
        record_reading(reading=reading_of(letter, Kind.SOFT, str(number)), now=now + number * 10 * DAY)

    assert not is_suppressed(ADDRESS)


def test_passing_failures_are_counted_anew_after_lifting(letter, now):
    for number in range(5):
        record_reading(reading=reading_of(letter, Kind.SOFT, str(number)), now=now)
    lift_suppression(suppression=Suppression.objects.get(), by="1", because="Works again", now=now + DAY)

    record_reading(reading=reading_of(letter, Kind.SOFT, "6"), now=now + 2 * DAY)

    assert not is_suppressed(ADDRESS)


def test_a_complaint_suppresses_and_an_automatic_answer_does_not(letter, now):
    record_reading(reading=reading_of(letter, Kind.AUTOMATIC, "1"), now=now)
    assert not is_suppressed(ADDRESS)

    record_reading(reading=reading_of(letter, Kind.COMPLAINT, "2"), now=now)
    assert suppression_of(ADDRESS).reason == "complaint"
    assert list(Bounce.objects.order_by("pk").values_list("kind", flat=True)) == ["automatic", "complaint"]


def test_suppressed_addresses_get_no_letter_except_what_somebody_waits_for(make_letter, now):
    Suppression.objects.create(address=ADDRESS, reason="hard", since=now)
    letters = [
        make_letter("normal"), make_letter("capitals", recipient="Practitioner@Force.example"),
        make_letter("code", priority=Priority.URGENT), make_letter("other", recipient="other@force.example"),
    ]  # fmt: skip

    tally = deliver([letter.pk for letter in letters], clock=lambda: now)

    assert (tally.sent, tally.suppressed) == (2, 2)
    assert [message.to for message in mail.outbox] == [[ADDRESS], ["other@force.example"]] or len(
        mail.outbox
    ) == 2
    held = OutgoingMail.objects.get(dedupe_key="normal")
    assert (held.state, held.finished_at, held.last_error) == (
        "suppressed", now, "Suppressed: The address does not exist or refuses letters",
    )  # fmt: skip


def test_lifted_addresses_are_written_to_again(make_letter, now):
    suppression = Suppression.objects.create(address=ADDRESS, reason="hard", since=now)

    lift_suppression(suppression=suppression, by="7", because=" Works\nagain ", now=now + DAY)

    suppression.refresh_from_db()
    assert (suppression.lifted_at, suppression.lifted_by, suppression.lifted_because) == (
        now + DAY, "7", "Works again",
    )  # fmt: skip
    assert deliver([make_letter().pk], clock=lambda: now).sent == 1
    with pytest.raises(SuppressionIsLiftedError):
        lift_suppression(suppression=suppression, by="8", because="Again", now=now)


def test_lifting_needs_a_reason(db, now):
    suppression = Suppression.objects.create(address=ADDRESS, reason="hard", since=now)

    with pytest.raises(ValueError, match="needs a reason"):
        lift_suppression(suppression=suppression, by="7", because=" ", now=now)
    assert is_suppressed(ADDRESS)


def test_suppress_address_leaves_an_earlier_suppression_as_it_is(db, now):
    first = bounces.suppress_address(address="A@force.example", reason="hard", detail="x", now=now)
    second = bounces.suppress_address(address="a@force.example", reason="soft", detail="y", now=now)

    assert (first, second.reason) == (second, "hard")


# --- The mailbox -------------------------------------------------------------------------------------------


@pytest.fixture
def post(tmp_path, make_letter) -> Path:
    """A Maildir with a report, an absence notice, a person's answer and rubbish."""
    letter = make_letter(state="sent")
    report = delivery_report(recipient("failed", "5.1.1", address=ADDRESS)).replace(
        b"<0123456789abcdef0123456789abcdef@portal.example>", letter.message_id.encode()
    )
    box = mailbox.Maildir(tmp_path / "returned", create=True)
    box.add(report)
    box.add(plain("p@force.example", "Automatic reply: x", "Away", In_Reply_To=letter.message_id))
    box.add(plain("p@force.example", "Re: Your place", "Can I bring a colleague?"))
    box.add(b"\x00\xff")
    return tmp_path / "returned"


def test_read_mailbox_takes_reports_out_and_leaves_what_people_wrote(post, now):
    found = read_mailbox(address=f"maildir://{post}", now=now)

    assert found == {Kind.HARD: 1, Kind.AUTOMATIC: 1, Kind.OTHER: 2}
    assert sorted(str(message["Subject"]) for message in mailbox.Maildir(post)) == ["None", "Re: Your place"]
    assert is_suppressed(ADDRESS)
    assert read_mailbox(address=f"maildir://{post}", now=now) == {Kind.OTHER: 2}


@pytest.mark.parametrize(("action", "status"), [("failed", "5.1.1"), ("delayed", "4.2.2")])
def test_read_mailbox_leaves_a_report_that_names_no_letter_of_ours(tmp_path, db, now, action, status):
    box = mailbox.Maildir(tmp_path / "returned", create=True)
    box.add(delivery_report(recipient(action, status, address=ADDRESS)))

    for _ in range(2):
        found = read_mailbox(address=f"maildir://{tmp_path}/returned", now=now)
        assert found == {Kind.OTHER: 1}

    assert len(box) == 1
    assert (Bounce.objects.count(), is_suppressed(ADDRESS)) == (0, False)


def test_read_bounces_says_what_there_is(post, capsys):
    call_command("read_bounces", "--mailbox", f"maildir://{post}", "--dry-run")

    said = "1 cannot be delivered, 0 could not be delivered this time, 0 reported as spam, 1 automatic answer, 2 left for a person.\n"
    assert capsys.readouterr().out == said
    assert (len(mailbox.Maildir(post)), is_suppressed(ADDRESS)) == (4, False)

    call_command("read_bounces", "--mailbox", f"maildir://{post}")
    assert capsys.readouterr().out == said


def test_read_bounces_without_a_mailbox_does_nothing(db, settings, capsys):
    call_command("read_bounces")

    assert capsys.readouterr().out == "MAIL_BOUNCES_MAILBOX is not set: nothing to read.\n"


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("maildir:///nowhere/at/all", "there is none at this address"),
        ("imaps://user:s3cret@127.0.0.1:1/INBOX", "connection refused"),
        ("pop3s://user:s3cret@127.0.0.1:1", "connection refused"),
    ],
)
def test_read_bounces_says_when_the_mailbox_cannot_be_read_and_keeps_its_password(db, address, why):
    with pytest.raises(CommandError) as failed:
        call_command("read_bounces", "--mailbox", address)

    assert str(failed.value) == f"The mailbox for returned letters cannot be read: {why}."
