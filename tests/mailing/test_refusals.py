"""What each error means: temporary or permanent, and whether the server can be used at all."""

import smtplib

import pytest
import requests
from anymail.exceptions import (
    AnymailAPIError,
    AnymailInvalidAddress,
    AnymailRecipientsRefused,
    AnymailRequestsAPIError,
    AnymailSerializationError,
)
from django.core.mail import BadHeaderError

from mailing.refusals import refusal_of


def answered(status: int) -> AnymailRequestsAPIError:
    """What Anymail raises when a provider's API answers with a status."""
    response = requests.Response()
    response.status_code = status
    response.reason = "because"
    return AnymailRequestsAPIError("not sent", response=response)


TEMPORARY, PERMANENT, UNREACHABLE = (False, False), (True, False), (False, True)


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (smtplib.SMTPRecipientsRefused({"a@b.example": (450, b"busy")}), TEMPORARY),
        (smtplib.SMTPRecipientsRefused({"a@b.example": (550, b"unknown")}), PERMANENT),
        (smtplib.SMTPDataError(451, b"later"), TEMPORARY),
        (smtplib.SMTPDataError(554, b"spam"), PERMANENT),
        (smtplib.SMTPSenderRefused(550, b"not you", "p@portal.example"), TEMPORARY),
        (smtplib.SMTPAuthenticationError(535, b"wrong password"), UNREACHABLE),
        (smtplib.SMTPConnectError(554, b"not you"), UNREACHABLE),
        (smtplib.SMTPHeloError(501, b"what"), UNREACHABLE),
        (smtplib.SMTPServerDisconnected("gone"), UNREACHABLE),
        (smtplib.SMTPNotSupportedError("no STARTTLS"), UNREACHABLE),
        (TimeoutError("timed out"), UNREACHABLE),
        (ConnectionRefusedError(), UNREACHABLE),
        (BadHeaderError("line break"), PERMANENT),
        (UnicodeEncodeError("ascii", "ä", 0, 1, "no"), PERMANENT),
        (ValueError("no content type"), PERMANENT),
        (RuntimeError("a fault of ours"), TEMPORARY),
        (AnymailAPIError("broken"), UNREACHABLE),
        (answered(429), UNREACHABLE),
        (answered(401), UNREACHABLE),
        (answered(503), UNREACHABLE),
        (answered(502), UNREACHABLE),
        (answered(422), PERMANENT),
        (AnymailRecipientsRefused(), PERMANENT),
        (AnymailInvalidAddress("a@"), PERMANENT),
        (AnymailSerializationError("odd"), TEMPORARY),
    ],
)
def test_refusal_of_tells_what_an_error_means(error, meaning):
    refusal = refusal_of(error)

    assert (refusal.permanent, refusal.server_unreachable) == meaning
    assert refusal.reason != ""


@pytest.mark.parametrize("error", [smtplib.SMTPDataError(554, b"\xff" * 2000), RuntimeError("x\n" * 2000)])
def test_refusal_of_gives_a_reason_of_one_line_that_fits(error):
    reason = refusal_of(error).reason

    assert len(reason) <= 500
    assert len(reason.splitlines()) == 1
