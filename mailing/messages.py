"""From a row to the message that goes over the wire."""

import re
from datetime import datetime
from email import encoders
from email.message import Message
from email.mime.base import MIMEBase
from email.utils import format_datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email

from mailing.attachments import Attachment
from mailing.composition import attached, composed
from mailing.models import OutgoingMail
from mailing.stopping import stop_url

# What tells other machines that a machine wrote this: no answers from absence notices.
_BY_A_MACHINE = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
_CONTENT_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(; ?[\w-]+=[\w.+-]+)*", re.ASCII)
_NOT_IN_FILENAMES = re.compile(r'[\x00-\x1f\x7f"/\\]')


def message_of(letter: OutgoingMail) -> EmailMultiAlternatives:
    """The message of a letter, composed now: the same Message-ID and date at every attempt.

    A second copy, after a crash, is known by both.

    Raises ValueError (Django's BadHeaderError is one) if a header would hold a line break, or the
    recipient is not exactly one address; CannotBeComposedError if its template or a file fails.
    """
    try:
        validate_email(letter.recipient)
    except ValidationError as error:
        raise ValueError("The recipient is not an e-mail address.") from error
    written = composed(letter)
    headers = dict(_BY_A_MACHINE)
    if one_click := stop_url(letter):
        # RFC 8058: the reader's mail program stops these letters with one POST.
        headers["List-Unsubscribe"] = f"<{one_click}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    elif letter.unsubscribe_url:
        headers["List-Unsubscribe"] = f"<{letter.unsubscribe_url}>"
    if settings.MAIL_BOUNCES_TO:
        # Django takes the sender of the envelope from `from_email`, so what readers see stands in the header.
        headers["From"] = settings.DEFAULT_FROM_EMAIL
    message = EmailMultiAlternatives(
        from_email=settings.MAIL_BOUNCES_TO or None,
        subject=written.subject,
        body=written.text,
        to=[letter.recipient],
        reply_to=[letter.mailing.reply_to] if letter.mailing and letter.mailing.reply_to else None,
        headers={
            **headers,
            "Message-ID": letter.message_id,
            "Date": format_datetime(_dated(letter)),
        },
    )
    # A provider's reports come back with it.
    setattr(message, "metadata", {"letter": str(letter.pk)})  # noqa: B010 - an attribute of django-anymail's
    message.attach_alternative(written.html, "text/html")
    for attachment in attached(letter):
        message.attach(_part(attachment))
    return message


def _dated(letter: OutgoingMail) -> datetime:
    """When it was ready to leave: a mailing can be written days before its time."""
    scheduled_for = letter.mailing.scheduled_for if letter.mailing else None
    return max(letter.created_at, scheduled_for or letter.created_at)


def _part(attachment: Attachment) -> MIMEBase:
    """An attachment, byte for byte: a calendar file keeps its line ends, its type its parameters."""
    if not _CONTENT_TYPE.fullmatch(attachment.content_type):
        raise ValueError(f"“{attachment.content_type}” is not a content type.")
    header = Message()
    header["Content-Type"] = attachment.content_type
    part = MIMEBase(header.get_content_maintype(), header.get_content_subtype())
    for name, value in header.get_params([])[1:]:
        part.set_param(name, value)
    part.set_payload(attachment.content)
    encoders.encode_base64(part)
    part.add_header(
        "Content-Disposition", "attachment", filename=_NOT_IN_FILENAMES.sub("_", attachment.filename)
    )
    return part
