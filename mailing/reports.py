"""What a message in the mailbox for returned letters is: a delivery report, a complaint or an automatic answer.

Pure: bytes in, a reading out. Delivery reports are RFC 3464, complaints RFC 5965, automatic answers RFC 3834;
beside them the ways of programs that know none of these.
"""

import email.policy
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.errors import MessageError
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.utils import parseaddr
from enum import StrEnum

DETAIL_LIMIT = 500
# More is no report, and would only take memory.
SIZE_LIMIT = 2_000_000


class Kind(StrEnum):
    """What a message says."""

    HARD = "hard"
    SOFT = "soft"
    COMPLAINT = "complaint"
    AUTOMATIC = "automatic"
    OTHER = "other"  # A person's answer, an advertisement, anything else.


@dataclass(frozen=True)
class Failure:
    """What a report says about one recipient. Without an address it is whoever the letter went to."""

    kind: Kind
    address: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Reading:
    """What a message is. `key` is the same for the same bytes; `message_ids` are those of letters it is about."""

    kind: Kind
    key: str
    message_ids: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = field(default=())


_MESSAGE_ID = re.compile(r"<[^<>\s@]+@[^<>\s]+>")
_STATUS = re.compile(r"\b([245])\.\d{1,3}\.\d{1,3}\b")
_REPLY_CODE = re.compile(r"\b([45])\d\d[ -]")
# Full mailboxes and the like are told as lasting by some servers, and pass; policy is about us, not the address.
_PASSING = re.compile(r"\b5\.(2\.2|3\.\d+|4\.\d+|7\.\d+)\b|mailbox (is )?full|quota", re.IGNORECASE)
_SENT_BY_A_MAIL_SERVER = re.compile(r"^(mailer-daemon|postmaster)@", re.IGNORECASE)
_ABSENT = re.compile(
    r"^\s*(auto(matic)?[ -]?(reply|response)|out of (the )?office|away from|on (annual )?leave|"
    r"abwesen|automatische antwort|réponse automatique|respuesta automática|risposta automatica)",
    re.IGNORECASE,
)
_AUTOMATIC_HEADERS = ("X-Autoreply", "X-Autorespond", "X-Auto-Reply")


def read(content: bytes) -> Reading:
    """What a message is. Whatever it holds, something comes back: mail is written by anybody."""
    key = hashlib.sha256(content).hexdigest()
    if len(content) > SIZE_LIMIT:
        return Reading(Kind.OTHER, key)
    try:
        message = BytesParser(EmailMessage, policy=email.policy.default).parsebytes(content)
        return _reading(message, key)
    except (MessageError, ValueError, LookupError, TypeError, AttributeError, IndexError, RecursionError):
        # The parser of the standard library stumbles over some headers only when they are asked for, and over parts
        # in parts in parts.
        return Reading(Kind.OTHER, key)


def _reading(message: EmailMessage, key: str) -> Reading:
    report = (
        (message.get_param("report-type") or "") if message.get_content_type() == "multipart/report" else ""
    )
    report = str(report).lower()
    about = tuple(dict.fromkeys(_original_ids(message)))
    if report == "delivery-status":
        return _judged(key, about, tuple(_delivery_failures(message)))
    if report == "feedback-report":
        address = next(_fields(message, "message/feedback-report", "Original-Rcpt-To"), "")
        return Reading(Kind.COMPLAINT, key, about, (Failure(Kind.COMPLAINT, _address(address)),))
    if _is_automatic_answer(message):
        return Reading(Kind.AUTOMATIC, key, about)
    if _is_from_a_mail_server(message):
        return _judged(key, about, tuple(_guessed_failures(message)))
    return Reading(Kind.OTHER, key)


def _judged(key: str, about: tuple[str, ...], failures: tuple[Failure, ...]) -> Reading:
    """A report that tells of no failure (delivered, relayed) is an automatic answer like any other."""
    kinds = {failure.kind for failure in failures}
    kind = Kind.HARD if Kind.HARD in kinds else Kind.SOFT if kinds else Kind.AUTOMATIC
    return Reading(kind, key, about, failures)


# --- Delivery reports -----------------------------------------------------------------------------


def _delivery_failures(message: EmailMessage) -> Iterator[Failure]:
    for part in message.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        # The parser makes a message of each block of fields: the first is about the letter, the others
        # about a recipient each.
        for block in _nested(part):
            action = str(block.get("Action", "")).strip().lower()
            if action not in {"failed", "delayed"}:
                continue
            status = str(block.get("Status", "")).strip()
            said = " ".join(str(block.get("Diagnostic-Code", "")).split())
            address = str(block.get("Original-Recipient") or block.get("Final-Recipient") or "")
            yield Failure(
                _kind(action, status, said), _address(address), f"{status} {said}".strip()[:DETAIL_LIMIT]
            )


def _kind(action: str, status: str, said: str) -> Kind:
    lasting = action == "failed" and not status.startswith("4") and not _PASSING.search(f"{status} {said}")
    return Kind.HARD if lasting else Kind.SOFT


def _guessed_failures(message: EmailMessage) -> Iterator[Failure]:
    """For mail servers that write a text instead of a report."""
    text = _text(message)
    found = _STATUS.search(text) or _REPLY_CODE.search(text)
    if found and found[1] != "2":
        line = next((line for line in text.splitlines() if found[0] in line), "")
        lasting = found[1] == "5" and not _PASSING.search(text)
        yield Failure(Kind.HARD if lasting else Kind.SOFT, detail=" ".join(line.split())[:DETAIL_LIMIT])


# --- What it is about -----------------------------------------------------------------------------


def _original_ids(message: EmailMessage) -> Iterator[str]:
    """Message-IDs of the letters that came back or were answered."""
    for part in message.walk():
        kind = part.get_content_type()
        if kind == "message/rfc822":
            for original in _nested(part):
                yield from _MESSAGE_ID.findall(str(original.get("Message-ID", "")))
        elif kind == "text/rfc822-headers":
            headers = BytesParser(policy=email.policy.default).parsebytes(_payload(part), headersonly=True)
            yield from _MESSAGE_ID.findall(str(headers.get("Message-ID", "")))
    for name in ("In-Reply-To", "References"):
        yield from _MESSAGE_ID.findall(str(message.get(name, "")))
    if message.get_content_maintype() == "text":
        # Some append the letter as text.
        yield from re.findall(
            r"^[> ]*Message-ID:\s*(<[^<>\s]+>)", _text(message), re.IGNORECASE | re.MULTILINE
        )


def _fields(message: EmailMessage, content_type: str, name: str) -> Iterator[str]:
    for part in message.walk():
        if part.get_content_type() == content_type:
            text = "\n".join(str(block) for block in _nested(part)) if part.is_multipart() else _text(part)
            yield from re.findall(rf"^{name}:\s*(.+)$", text, re.IGNORECASE | re.MULTILINE)


def _address(field_value: str) -> str:
    """The address in a field such as "rfc822; someone@example.org", in lower case; empty if there is none."""
    _, _, value = field_value.rpartition(";")
    address = parseaddr(value.strip())[1].strip().lower()
    return address if "@" in address and len(address) <= 254 else ""


# --- Automatic answers ----------------------------------------------------------------------------


def _is_automatic_answer(message: EmailMessage) -> bool:
    said = str(message.get("Auto-Submitted", "no")).split(";")[0].strip().lower()
    if said in {"auto-replied", "auto-generated"} and not _names_a_mail_server(message):
        return True
    if any(message.get(name) for name in _AUTOMATIC_HEADERS):
        return True
    if str(message.get("Precedence", "")).strip().lower() == "auto_reply":
        return True
    return bool(_ABSENT.match(str(message.get("Subject", ""))))


def _is_from_a_mail_server(message: EmailMessage) -> bool:
    return _names_a_mail_server(message) or str(message.get("Return-Path", "")).strip() == "<>"


def _names_a_mail_server(message: EmailMessage) -> bool:
    return bool(_SENT_BY_A_MAIL_SERVER.match(parseaddr(str(message.get("From", "")))[1]))


def _text(part: EmailMessage) -> str:
    body = part.get_body(("plain",)) if part.is_multipart() else part
    return _payload(body).decode("utf-8", "replace") if body is not None else ""


def _nested(part: Message) -> Iterator[Message]:
    """The messages inside a part, where there are any."""
    content = part.get_payload()
    if isinstance(content, list):
        yield from (inner for inner in content if isinstance(inner, Message))


def _payload(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""
