"""From a row to the message that goes over the wire."""

import base64
import re
from email import encoders
from email.message import Message
from email.mime.base import MIMEBase
from email.utils import format_datetime

from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email

from mailing.models import OutgoingMail

_CONTENT_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(; ?[\w-]+=[\w.+-]+)*", re.ASCII)
_NOT_IN_FILENAMES = re.compile(r'[\x00-\x1f\x7f"/\\]')


def message_of(letter: OutgoingMail) -> EmailMultiAlternatives:
    """The message of a letter: the same Message-ID and date at every attempt.

    Raises ValueError (Django's BadHeaderError is one) if a header would hold a line break, or the
    recipient is not exactly one address.
    """
    try:
        validate_email(letter.recipient)
    except ValidationError as error:
        raise ValueError("The recipient is not an e-mail address.") from error
    message = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        to=[letter.recipient],
        headers={
            **letter.headers,
            "Message-ID": letter.message_id,
            "Date": format_datetime(letter.created_at),
        },
    )
    message.attach_alternative(letter.html, "text/html")
    for attachment in letter.attachments:
        message.attach(_part(**attachment))
    return message


def _part(*, filename: str, content_type: str, content: str) -> MIMEBase:
    """An attachment, byte for byte: a calendar file keeps its line ends, its type its parameters."""
    if not _CONTENT_TYPE.fullmatch(content_type):
        raise ValueError(f"“{content_type}” is not a content type.")
    header = Message()
    header["Content-Type"] = content_type
    part = MIMEBase(header.get_content_maintype(), header.get_content_subtype())
    for name, value in header.get_params([])[1:]:
        part.set_param(name, value)
    part.set_payload(base64.b64decode(content))
    encoders.encode_base64(part)
    part.add_header("Content-Disposition", "attachment", filename=_NOT_IN_FILENAMES.sub("_", filename))
    return part
