"""The mailbox where returned letters arrive: a Maildir, or one reached by IMAP or POP.

Each gives its messages one by one with a way to say that one is done with. What is not done with stays in the
mailbox, for a person to read.
"""

import imaplib
import mailbox
import poplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from urllib.parse import SplitResult, unquote, urlsplit

TIMEOUT_SECONDS = 30
IMAP_PORT, IMAPS_PORT = 143, 993
SCHEMES = ("maildir", "imap", "imaps", "pop3", "pop3s")

Messages = Iterator[tuple[bytes, Callable[[], None]]]


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
            with _imap(place) as server:
                yield _imap_messages(server)
                server.expunge()
                server.close()
        elif place.scheme in {"pop3", "pop3s"}:
            post = _pop(place)
            yield _pop_messages(post)
            post.quit()
        else:
            raise MailboxError(f"The address of a mailbox starts with one of {', '.join(SCHEMES)}.")
    except (OSError, imaplib.IMAP4.error, poplib.error_proto, mailbox.Error) as error:
        raise MailboxError(
            f"The mailbox for returned letters cannot be read ({type(error).__name__})."
        ) from error


def _maildir(path: str) -> Messages:
    box = mailbox.Maildir(path, create=False)
    for key in box.keys():  # noqa: SIM118 - iterating over a Maildir reads the messages
        try:
            content = box.get_bytes(key)
        except (KeyError, FileNotFoundError):
            continue
        yield content, partial(box.discard, key)


def _imap(place: SplitResult) -> imaplib.IMAP4:
    host, port = place.hostname or "", place.port
    if place.scheme == "imaps":
        server: imaplib.IMAP4 = imaplib.IMAP4_SSL(
            host,
            port or IMAPS_PORT,
            ssl_context=ssl.create_default_context(),
            timeout=TIMEOUT_SECONDS,
        )
    else:
        server = imaplib.IMAP4(host, port or IMAP_PORT, timeout=TIMEOUT_SECONDS)
    server.login(unquote(place.username or ""), unquote(place.password or ""))
    folder = unquote(place.path.strip("/")) or "INBOX"
    answer, _ = server.select(f'"{folder}"')
    if answer != "OK":
        raise MailboxError("There is no such folder in the mailbox for returned letters.")
    return server


def _imap_messages(server: imaplib.IMAP4) -> Messages:
    # Those that a person, or an earlier run, has seen are theirs.
    _, found = server.uid("search", "UNSEEN")
    for number in found[0].split():
        _, data = server.uid("fetch", number, "(RFC822)")
        content = next((part[1] for part in data if isinstance(part, tuple)), None)
        if isinstance(content, bytes):
            yield content, partial(_delete, server, number)


def _delete(server: imaplib.IMAP4, number: bytes) -> None:
    server.uid("store", number.decode(), "+FLAGS", r"(\Deleted)")


def _pop(place: SplitResult) -> poplib.POP3:
    host, port = place.hostname or "", place.port
    if place.scheme == "pop3s":
        server: poplib.POP3 = poplib.POP3_SSL(
            host, port or poplib.POP3_SSL_PORT, context=ssl.create_default_context(), timeout=TIMEOUT_SECONDS
        )
    else:
        server = poplib.POP3(host, port or poplib.POP3_PORT, timeout=TIMEOUT_SECONDS)
    server.user(unquote(place.username or ""))
    server.pass_(unquote(place.password or ""))
    return server


def _pop_messages(server: poplib.POP3) -> Messages:
    number, _ = server.stat()
    for each in range(1, number + 1):
        _, lines, _ = server.retr(each)
        yield b"\r\n".join(lines) + b"\r\n", partial(_forget, server, each)


def _forget(server: poplib.POP3, number: int) -> None:
    server.dele(number)
