"""Mail as files, for development: what was sent can be read on the page /dev/mail/."""

import mailbox
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class MaildirBackend(BaseEmailBackend):
    """Writes each message to a Maildir: no half-written files, and any mail program can read it."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Store the messages; return how many."""
        Path(settings.MAIL_DIR).parent.mkdir(parents=True, exist_ok=True)
        box = mailbox.Maildir(settings.MAIL_DIR, create=True)
        for message in email_messages:
            box.add(message.message().as_bytes())
        return len(email_messages)
