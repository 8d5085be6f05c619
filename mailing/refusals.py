"""What an error of the mail server means for the letter: try again later, or give it up."""

import smtplib
from dataclasses import dataclass

REASON_LIMIT = 500
# "Service not available, closing": it would say the same to the next letter (RFC 5321, 3.8).
CLOSING = 421


@dataclass(frozen=True)
class Refusal:
    """Why a letter was not taken."""

    reason: str
    permanent: bool = False
    server_unreachable: bool = False


def refusal_of(error: Exception) -> Refusal:
    """What the error means. Unknown errors are temporary: a letter is given up only for a known cause."""
    if isinstance(error, smtplib.SMTPException):  # An OSError too, so it comes first.
        return _of_server(error)
    if refusal := _of_provider(error):
        return refusal
    # A ValueError (Django's BadHeaderError is one) says that the letter itself cannot be written.
    return Refusal(
        _named(error), permanent=isinstance(error, ValueError), server_unreachable=isinstance(error, OSError)
    )


def _of_server(error: smtplib.SMTPException) -> Refusal:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        [(code, answer), *_] = error.recipients.values()
        return Refusal(_answer(code, answer), permanent=code >= 500, server_unreachable=code == CLOSING)
    if not isinstance(error, smtplib.SMTPResponseException):
        return Refusal(_named(error), server_unreachable=True)
    reason = _answer(error.smtp_code, error.smtp_error)
    if isinstance(error, smtplib.SMTPAuthenticationError | smtplib.SMTPConnectError | smtplib.SMTPHeloError):
        # Wrong settings, not a wrong letter: once they are right, everything that waited goes out.
        return Refusal(reason, server_unreachable=True)
    sender_refused = isinstance(error, smtplib.SMTPSenderRefused)
    return Refusal(
        reason,
        permanent=error.smtp_code >= 500 and not sender_refused,
        server_unreachable=error.smtp_code == CLOSING,
    )


def _of_provider(error: Exception) -> Refusal | None:
    """For a provider's API, reached through Anymail; None if the error is not one of Anymail's."""
    # Imported only now: it brings an HTTP client along that no web process needs.
    from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused

    if isinstance(error, AnymailAPIError):
        status = error.status_code
        if status is None or status in {401, 403, 429} or status >= 500:
            return Refusal(_named(error), server_unreachable=True)
        return Refusal(_named(error), permanent=True)
    if isinstance(error, AnymailRecipientsRefused | ValueError) and isinstance(error, AnymailError):
        return Refusal(_named(error), permanent=True)
    return Refusal(_named(error)) if isinstance(error, AnymailError) else None


def _answer(code: int, answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return f"{code} {' '.join(text.split())}"[:REASON_LIMIT]


def _named(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:REASON_LIMIT]
