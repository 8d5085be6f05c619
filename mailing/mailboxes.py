"""The mailbox where returned letters arrive: a Maildir, or one reached by IMAP or POP.

Each gives its messages one by one, with a way to take one out and a way to leave it for a person. Neither happens by
reading alone: whatever breaks off in between, a message that nobody dealt with comes again.
"""

import imaplib
import mailbox
import poplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from urllib.parse import SplitResult, unquote, urlsplit

TIMEOUT_SECONDS = 30
# Mail has lines of 1,000 characters at most, and people's programs send longer ones. poplib takes 2,048 and breaks off,
# which would leave everything behind such a message unread for ever.
poplib._MAXLINE = 1_000_000  # type: ignore[attr-defined]
IMAP_PORT, IMAPS_PORT = 143, 993
SCHEMES = ("maildir", "imap", "imaps", "pop3", "pop3s")


def _nothing() -> None:
    """What a mailbox does that keeps no marks."""


@dataclass(frozen=True)
class Arrived:
    """A message of the mailbox. `leave` marks it for a person where a mailbox has marks, so that it is read once."""

    content: bytes
    take_out: Callable[[], None]
    leave: Callable[[], None] = _nothing


Messages = Iterator[Arrived]


class MailboxError(Exception):
    """The mailbox cannot be opened or read."""


@contextmanager
def opened(address: str) -> Iterator[Messages]:
    """The messages of the mailbox at an address such as maildir:///var/mail/portal or imaps://USER:PASSWORD@HOST/INBOX.

    Raises MailboxError, which never repeats the password.
    """
    place = urlsplit(address)
    try:
        if place.scheme == "maildir":
            yield _maildir(unquote(place.path))
        elif place.scheme in {"imap", "imaps"}:
            with _closed(_imap(place)) as server:
                _sign_in_imap(server, place)
                yield _imap_messages(server)
                server.expunge()
                server.close()
                server.logout()
        elif place.scheme in {"pop3", "pop3s"}:
            # Closed without a word, a server takes nothing out: what was read comes again, and counts once.
            with closing(_pop(place)) as post:
                _sign_in_pop(post, place)
                yield _pop_messages(post)
                post.quit()
        else:
            raise MailboxError(f"The address of a mailbox starts with one of {', '.join(SCHEMES)}.")
    except (OSError, imaplib.IMAP4.error, poplib.error_proto, mailbox.Error) as error:
        raise MailboxError(f"The mailbox for returned letters cannot be read: {_why(error)}.") from error


def _why(error: Exception) -> str:
    """In words, and without what a server said: that may repeat what was sent."""
    if isinstance(error, mailbox.NoSuchMailboxError):
        return "there is none at this address"
    if isinstance(error, TimeoutError):
        return "the server did not answer in time"
    if isinstance(error, ssl.SSLError):
        return "the connection is not secure"
    if isinstance(error, OSError):
        return (error.strerror or "the server cannot be reached").lower()
    if isinstance(error, mailbox.Error):
        return "what is there is no mailbox"
    return "the server refused the name, the password or the folder"


def _maildir(path: str) -> Messages:
    box = mailbox.Maildir(path, create=False)
    for key in box.keys():  # noqa: SIM118 - iterating over a Maildir reads the messages
        try:
            content = box.get_bytes(key)
        except (KeyError, FileNotFoundError):
            continue
        yield Arrived(content, partial(box.discard, key))


def _imap(place: SplitResult) -> imaplib.IMAP4:
    host, port = place.hostname or "", place.port
    if place.scheme == "imaps":
        context = ssl.create_default_context()
        return imaplib.IMAP4_SSL(host, port or IMAPS_PORT, ssl_context=context, timeout=TIMEOUT_SECONDS)
    return imaplib.IMAP4(host, port or IMAP_PORT, timeout=TIMEOUT_SECONDS)


@contextmanager
def _closed(server: imaplib.IMAP4) -> Iterator[imaplib.IMAP4]:
    """Closes the connection at the end: left to itself, imaplib keeps one whose other side went away."""
    try:
        yield server
    finally:
        if server.sock.fileno() >= 0:
            server.shutdown()


def _sign_in_imap(server: imaplib.IMAP4, place: SplitResult) -> None:
    user, password = unquote(place.username or ""), unquote(place.password or "")
    if (user + password).isascii():
        server.login(user, password)
    else:
        # The command LOGIN knows ASCII alone.
        server.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())
    folder = unquote(place.path.strip("/")) or "INBOX"
    answer, _ = server.select(f'"{folder}"')
    if answer != "OK":
        raise MailboxError("There is no such folder in the mailbox for returned letters.")


def _imap_messages(server: imaplib.IMAP4) -> Messages:
    # Those that a person has seen, and those an earlier run left for one, are theirs.
    _, found = server.uid("search", "UNSEEN UNFLAGGED UNDELETED")
    for number in found[0].decode().split():
        # A peek: it stays unread, for a person who looks and for the next run should this one break off.
        _, data = server.uid("fetch", number, "(BODY.PEEK[])")
        content = next((part[1] for part in data if isinstance(part, tuple)), None)
        if isinstance(content, bytes):
            yield Arrived(
                content,
                partial(_mark, server, number, r"\Deleted"),
                partial(_mark, server, number, r"\Flagged"),
            )


def _mark(server: imaplib.IMAP4, number: str, flag: str) -> None:
    server.uid("store", number, "+FLAGS", f"({flag})")


def _pop(place: SplitResult) -> poplib.POP3:
    host, port = place.hostname or "", place.port
    if place.scheme == "pop3s":
        context = ssl.create_default_context()
        return poplib.POP3_SSL(host, port or poplib.POP3_SSL_PORT, context=context, timeout=TIMEOUT_SECONDS)
    return poplib.POP3(host, port or poplib.POP3_PORT, timeout=TIMEOUT_SECONDS)


def _sign_in_pop(server: poplib.POP3, place: SplitResult) -> None:
    server.user(unquote(place.username or ""))
    server.pass_(unquote(place.password or ""))


def _pop_messages(server: poplib.POP3) -> Messages:
    number, _ = server.stat()
    for each in range(1, number + 1):
        _, lines, _ = server.retr(each)
        yield Arrived(b"\r\n".join(lines) + b"\r\n", partial(_delete, server, each))


def _delete(server: poplib.POP3, number: int) -> None:
    server.dele(number)
