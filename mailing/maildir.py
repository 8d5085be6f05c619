"""Reads what MaildirBackend wrote: the newest first, a page at a time."""

import email.policy
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.parser import BytesHeaderParser, BytesParser
from email.utils import parsedate_to_datetime
from pathlib import Path


@dataclass(frozen=True)
class Entry:
    """A letter in the list."""

    key: str
    recipient: str
    subject: str
    sent_at: datetime | None


@dataclass(frozen=True)
class File:
    """An attachment."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class StoredLetter:
    """A letter as its reader gets it."""

    headers: list[tuple[str, str]]
    subject: str
    text: str
    html: str
    files: list[File]


def newest_first(folder: Path) -> list[str]:
    """The keys of all letters. Only names are read, so thousands cost nothing."""
    new = folder / "new"
    # A Maildir name starts with the time in seconds, then M and the microseconds, then P, and Q with a count.
    return sorted((path.name for path in new.iterdir()), key=_age, reverse=True) if new.is_dir() else []


def _age(key: str) -> tuple[int, ...]:
    seconds, _, rest = key.partition(".")
    microseconds, _, rest = rest.removeprefix("M").partition("P")
    count = rest.partition("Q")[2].partition(".")[0]
    return tuple(int(number) if number.isdigit() else 0 for number in (seconds, microseconds, count))


def entries(folder: Path, keys: list[str]) -> list[Entry]:
    """What the list shows of these letters; one that was deleted meanwhile is left out."""
    found = []
    for key in keys:
        try:
            content = (folder / "new" / key).read_bytes()
        except FileNotFoundError:
            continue
        headers = BytesHeaderParser(policy=email.policy.default).parsebytes(content)
        date = headers["Date"]
        found.append(
            Entry(
                key=key,
                recipient=str(headers["To"] or ""),
                subject=str(headers["Subject"] or "").strip(),
                sent_at=parsedate_to_datetime(str(date)) if date else None,
            )
        )
    return found


def letter(folder: Path, key: str) -> StoredLetter | None:
    """One letter, or None if there is none of that key."""
    # The key comes from an address. It is looked up, never put together into a path.
    if key not in newest_first(folder):
        return None
    content = (folder / "new" / key).read_bytes()
    message = BytesParser(EmailMessage, policy=email.policy.default).parsebytes(content)
    return StoredLetter(
        headers=[(name, str(value)) for name, value in message.items()],
        subject=str(message["Subject"] or "").strip(),
        text=_body(message, "plain"),
        html=_body(message, "html"),
        files=[
            File(part.get_filename() or "file", str(part["Content-Type"]), _content(part))
            for part in message.iter_attachments()
        ],
    )


def _content(part: EmailMessage) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _body(message: EmailMessage, subtype: str) -> str:
    part = message.get_body(preferencelist=(subtype,))
    return str(part.get_content()) if part else ""
