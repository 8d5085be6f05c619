"""Returned letters in a real mailbox: read over IMAP and POP from a Dovecot that goes away at the worst moments."""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from mailing import bounces
from mailing.bounces import read_mailbox
from mailing.mailboxes import MailboxError
from mailing.models import Bounce, OutgoingMail
from mailing.reports import Kind
from mailing.suppression import is_suppressed
from tests.faults.conftest import missing
from tests.faults.dovecot import PASSWORD, Dovecot, is_installed
from tests.mailing.conftest import make_letter  # noqa: F401 - a fixture
from tests.mailing.test_reports import delivery_report, plain, recipient

SCHEMES = ["imap", "imaps", "pop3", "pop3s"]
LETTERS = 4


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    if not is_installed():
        missing("Dovecot is not installed (Debian: apt-get install dovecot-imapd dovecot-pop3d).")
    # Not below pytest's folder, which only its owner may enter: another user reads the mail.
    with tempfile.TemporaryDirectory(prefix="portal-dovecot-") as folder:
        Path(folder).chmod(0o755)
        server = Dovecot(Path(folder))
        server.start()
        yield server
        server.stop()


@pytest.fixture
def trusted(dovecot, monkeypatch) -> Dovecot:
    """Its own certificate counts, as one of a known authority would."""
    monkeypatch.setenv("SSL_CERT_FILE", str(dovecot.certificate))
    return dovecot


@pytest.fixture
def letters(make_letter) -> list[OutgoingMail]:  # noqa: F811 - pytest's way
    """Letters that were sent; each to somebody of their own."""
    return [
        make_letter(f"trial:{number}", state="sent", recipient=f"gone{number}@force.example")
        for number in range(LETTERS)
    ]


def report_on(letter: OutgoingMail) -> bytes:
    """That nobody lives at a letter's address."""
    fields = recipient("failed", "5.1.1", address=letter.recipient)
    return delivery_report(fields).replace(
        b"<0123456789abcdef0123456789abcdef@portal.example>", letter.message_id.encode()
    )


@pytest.fixture
def post(trusted, letters) -> Dovecot:
    """A report on each letter, and between them what is for a person or for nobody."""
    trusted.deliver(plain("p@force.example", "Re: Your place", "Can I bring a colleague?"), "0-person")
    trusted.deliver(b"\x00\xff\r\nno mail at all", "1-rubbish")
    trusted.deliver(b"Subject: long\n\n" + b"x" * 60_000 + b"\n", "2-long-line")
    for number, letter in enumerate(letters):
        trusted.deliver(report_on(letter), f"3-report-{number}")
    away = plain("p@force.example", "Automatic reply: x", "Away", In_Reply_To=letters[0].message_id)
    trusted.deliver(away, "4-away")
    return trusted


FOUND = {Kind.HARD: LETTERS, Kind.AUTOMATIC: 1, Kind.OTHER: 3}
LEFT = {"0-person", "1-rubbish", "2-long-line"}


def suppressed(letters: list[OutgoingMail]) -> list[bool]:
    return [is_suppressed(letter.recipient) for letter in letters]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_read_mailbox_takes_reports_out_and_leaves_the_rest_for_a_person(post, letters, now, scheme):
    assert read_mailbox(address=post.address(scheme), now=now) == FOUND

    assert suppressed(letters) == [True] * LETTERS
    assert Bounce.objects.count() == LETTERS + 1
    # Over IMAP: flagged for a person, and still unread. POP has no marks; Dovecot itself notes what was fetched by it.
    mark = "F" if scheme.startswith("imap") else "S"
    assert post.flags() == dict.fromkeys(LEFT, mark)


@pytest.mark.parametrize(("scheme", "second"), [("imap", {}), ("pop3", {Kind.OTHER: 3})])
def test_read_mailbox_again_finds_only_what_is_new(post, letters, now, scheme, second):
    read_mailbox(address=post.address(scheme), now=now)

    assert read_mailbox(address=post.address(scheme), now=now) == second

    post.deliver(plain("p@force.example", "Re: again", "Hello?"), "5-new")
    assert read_mailbox(address=post.address(scheme), now=now)[Kind.OTHER] == second.get(Kind.OTHER, 0) + 1
    assert Bounce.objects.count() == LETTERS + 1


@pytest.mark.parametrize("scheme", SCHEMES)
def test_dry_run_changes_nothing_in_the_mailbox(post, letters, scheme, capsys):
    before = post.flags()

    call_command("read_bounces", "--mailbox", post.address(scheme), "--dry-run")

    said = "4 cannot be delivered, 0 could not be delivered this time, 0 reported as spam, 1 automatic answer, 3 left for a person.\n"
    assert capsys.readouterr().out == said
    assert (post.flags() if scheme.startswith("imap") else dict.fromkeys(post.flags(), "")) == before
    assert suppressed(letters) == [False] * LETTERS
    call_command("read_bounces", "--mailbox", post.address(scheme))
    assert capsys.readouterr().out == said


def test_read_mailbox_leaves_alone_what_a_person_has_seen(post, letters, now):
    [report] = (post.maildir / "new").glob("3-report-0")
    report.rename(post.maildir / "cur" / "3-report-0:2,S")

    assert read_mailbox(address=post.address("imap"), now=now)[Kind.HARD] == LETTERS - 1

    assert suppressed(letters) == [False, True, True, True]
    assert post.flags()["3-report-0"] == "S"


def test_read_mailbox_opens_the_folder_it_is_given(post, letters, now):
    inner = post.maildir / ".Returned letters"
    for name in ("new", "cur", "tmp"):
        (inner / name).mkdir(parents=True)
    post.deliver(report_on(letters[0]), "../.Returned letters/new/1")

    assert read_mailbox(address=post.address("imaps", folder="Returned%20letters"), now=now) == {Kind.HARD: 1}
    with pytest.raises(MailboxError, match="no such folder"):
        read_mailbox(address=post.address("imap", folder="Nowhere"), now=now)


# --- What goes wrong -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("password", ["wr0ng-w0rd", "wröng", 'quo"te\\'])
def test_wrong_password_is_said_without_it_and_nothing_is_touched(post, letters, scheme, password):
    before = post.flags()

    with pytest.raises(CommandError, match="cannot be read") as failed:
        call_command("read_bounces", "--mailbox", post.address(scheme, password=password))

    assert not re.search(f"{re.escape(password)}|{re.escape(PASSWORD)}", str(failed.value))
    assert post.flags() == before


@pytest.mark.parametrize("scheme", ["imap", "pop3"])
def test_password_of_plain_letters_opens_it_too(post, letters, now, scheme):
    users = post.folder / "users"
    users.write_text(users.read_text().replace(PASSWORD, "Plain words 1"))

    assert read_mailbox(address=post.address(scheme, password="Plain words 1"), now=now) == FOUND


@pytest.mark.parametrize("scheme", ["imaps", "pop3s"])
def test_certificate_that_nobody_vouches_for_is_refused(dovecot, scheme):
    with pytest.raises(MailboxError, match="the connection is not secure"):
        read_mailbox(address=dovecot.address(scheme), now=None)


def test_certificate_of_another_host_is_refused(trusted, now):
    # Each name of this machine leads here; the certificate knows two of them.
    address = trusted.address("imaps").replace("127.0.0.1", "127.0.0.2")

    with pytest.raises(MailboxError):
        read_mailbox(address=address, now=now)


@pytest.mark.parametrize("scheme", ["imap", "pop3"])
@pytest.mark.parametrize("after", range(1, LETTERS + 1))
def test_server_that_goes_away_in_the_middle_loses_and_repeats_nothing(
    post, letters, now, monkeypatch, scheme, after
):
    """It is gone after some reports are written down; once it is back, the next run ends the work."""
    written = []
    record = bounces.record_reading

    def record_and_fall(**reading):
        written.append(record(**reading))
        if len(written) == after:
            post.stop()

    monkeypatch.setattr(bounces, "record_reading", record_and_fall)
    with pytest.raises(MailboxError):
        read_mailbox(address=post.address(scheme), now=now)
    assert suppressed(letters).count(True) == after
    post.start()

    read_mailbox(address=post.address(scheme), now=now)

    assert suppressed(letters) == [True] * LETTERS
    assert Bounce.objects.count() == LETTERS + 1
    assert set(post.flags()) == LEFT


@pytest.mark.parametrize("scheme", ["imap", "pop3"])
def test_database_that_goes_away_in_the_middle_loses_no_report(post, letters, now, monkeypatch, scheme):
    """The message that could not be written down is still there, and unread, for the next run."""
    with monkeypatch.context() as broken:

        def fail(**_):
            raise OperationalError("the database")

        broken.setattr(bounces, "record_reading", fail)
        with pytest.raises(OperationalError):
            read_mailbox(address=post.address(scheme), now=now)
    assert len(post.flags()) == LETTERS + 4

    read_mailbox(address=post.address(scheme), now=now)

    assert suppressed(letters) == [True] * LETTERS
    assert set(post.flags()) == LEFT


@pytest.mark.parametrize("scheme", SCHEMES)
def test_server_that_is_not_there_is_said(dovecot, scheme):
    dovecot.stop()

    with pytest.raises(CommandError, match="cannot be read: connection refused"):
        call_command("read_bounces", "--mailbox", dovecot.address(scheme))
