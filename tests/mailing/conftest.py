"""Letters in every state, a template that only tests use, and a mail server that does as it is told."""

import socketserver
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha256

import pytest

from mailing.models import LEASE, OutgoingMail, Priority


@pytest.fixture
def letter_template(settings, tmp_path) -> Callable[[str], str]:
    """Makes a letter template of a text and gives its name."""
    settings.TEMPLATES = [
        {**settings.TEMPLATES[0], "DIRS": [*settings.TEMPLATES[0]["DIRS"], str(tmp_path)]},
    ]

    def make(text: str, name: str = "mailing/mail/trial") -> str:
        path = tmp_path / f"{name}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return name

    return make


@pytest.fixture
def make_letter(db, now) -> Callable[..., OutgoingMail]:
    """Makes a letter, by default queued and due at `now`."""

    def make(key: str = "trial:1", **fields) -> OutgoingMail:
        state = fields.get("state", OutgoingMail.State.QUEUED)
        by_state = {
            OutgoingMail.State.QUEUED: {},
            OutgoingMail.State.SENDING: {"leased_until": now + LEASE, "attempts": 1},
            OutgoingMail.State.SENT: {"sent_at": now, "finished_at": now, "attempts": 1},
            OutgoingMail.State.FAILED: {"finished_at": now, "last_error": "550 no", "attempts": 1},
            OutgoingMail.State.SUPPRESSED: {"finished_at": now, "last_error": "Stopped", "attempts": 1},
            OutgoingMail.State.CANCELLED: {"finished_at": now},
        }[state]
        return OutgoingMail.objects.create(
            **{
                "dedupe_key": key,
                "message_id": f"<{sha256(key.encode()).hexdigest()[:32]}@portal.example>",
                "kind": "events/mail/place_booked",
                "recipient": "practitioner@force.example",
                "values": {"title": "Safety & you", "registration_url": "https://portal.example/r/"},
                "priority": Priority.NORMAL,
                "created_at": now - timedelta(minutes=1),
                "next_attempt_at": now,
                **by_state,
                **fields,
            }
        )

    return make


class MailServer(socketserver.ThreadingTCPServer):
    """Speaks enough SMTP to take a letter, or to refuse one the way `answers` says.

    `answers` maps a command (RCPT, DATA, "." for the end of a letter, CONNECT) to the line to answer
    with; "hang" says nothing and "drop" closes the connection.
    """

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}
        self.received: list[str] = []
        self.connections = 0
        self.over = threading.Event()
        super().__init__(("127.0.0.1", 0), _Conversation)


class _Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.server.connections += 1
        if not self.say("CONNECT", "220 mail.example ready"):
            return
        while line := self.rfile.readline().decode().strip():
            command = line.split()[0].upper()
            usual = {"DATA": "354 go on", "QUIT": "221 goodbye"}.get(command, "250 fine")
            if not self.say(command, usual) or command == "QUIT":
                return
            if command == "DATA" and "DATA" not in self.server.answers:
                letter = self.read_letter()
                if "." not in self.server.answers:
                    self.server.received.append(letter)
                if not self.say(".", "250 taken"):
                    return

    def say(self, command: str, usual: str) -> bool:
        answer = self.server.answers.get(command, usual)
        if answer == "hang":
            self.server.over.wait(30)
            return False
        if answer == "drop":
            return False
        self.wfile.write(f"{answer}\r\n".encode())
        return True

    def read_letter(self) -> str:
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line)
        return b"".join(lines).decode()


@pytest.fixture
def mail_server(settings) -> Iterator[MailServer]:
    """A mail server on this machine, and settings that lead to it."""
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        settings.EMAIL_TIMEOUT = 2
        yield server
        server.over.set()
        server.shutdown()
        thread.join()
