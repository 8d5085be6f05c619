"""Outgoing mail, as rows."""

from typing import ClassVar

from django.db import models


class OutgoingMail(models.Model):
    """One letter to one recipient."""

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        SENDING = "sending", "Sending"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    dedupe_key = models.CharField(max_length=200, unique=True)
    state = models.CharField(max_length=20, choices=State.choices, default=State.QUEUED)

    objects: ClassVar[models.Manager["OutgoingMail"]] = models.Manager()

    def __str__(self) -> str:
        return f"letter {self.pk}"
