"""One letter to many, and words that a person wrote in place of a template."""

import uuid
from datetime import datetime
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q

from mailing.fields import PlainValuesField

SUBJECT_LIMIT = 250


class Wording(models.Model):
    """Subject and text with placeholders, written by a person. Each wording is kept once.

    Letters point to it, so 100,000 of them do not repeat it. It never changes: what was sent is known.
    """

    digest = models.CharField(max_length=64, unique=True, editable=False)
    subject = models.CharField(max_length=SUBJECT_LIMIT)
    text = models.TextField()

    def __str__(self) -> str:
        return f"wording {self.pk}"


class MailingQuerySet(models.QuerySet["Mailing"]):
    """Mailings, asked for in the words of the post room."""

    def sendable(self, now: datetime) -> Self:
        """Whose letters may leave now."""
        return self.filter(state=Mailing.State.RUNNING).filter(
            Q(scheduled_for__isnull=True) | Q(scheduled_for__lte=now)
        )


class Mailing(models.Model):
    """One letter to many recipients: what it says, and how far it is."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        RUNNING = "running", "Running"
        PAUSED = "paused", "Paused"
        CANCELLED = "cancelled", "Cancelled"
        DONE = "done", "Done"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # What people call it in lists; no recipient sees it.
    name = models.CharField(max_length=250)
    # The kind of letter: its template, or only its name where the words are a person's.
    kind = models.CharField(max_length=100)
    # PROTECT: the words of letters that wait.
    wording = models.ForeignKey(
        Wording, null=True, blank=True, on_delete=models.PROTECT, related_name="mailings"
    )
    # What every letter says; each row adds what differs.
    values = PlainValuesField(default=dict, blank=True)
    category = models.CharField(max_length=50, blank=True)
    reply_to = models.EmailField(blank=True)
    # At most so many a minute; empty for as many as the portal sends anyway.
    per_minute = models.PositiveIntegerField(null=True, blank=True)

    state = models.CharField(max_length=20, choices=State, default=State.DRAFT)
    created_at = models.DateTimeField()
    scheduled_for = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    # When all recipients were written down. Until then it cannot be done.
    queued_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = MailingQuerySet.as_manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state"], name="mailing_mailing_by_state"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(state__in=["draft", "running", "paused"], finished_at__isnull=True)
                | Q(state__in=["cancelled", "done"], finished_at__isnull=False),
                name="mailing_mailing_finished_has_time",
            ),
            models.CheckConstraint(
                condition=Q(per_minute__isnull=True) | Q(per_minute__gt=0),
                name="mailing_mailing_sends_at_least_one",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_over(self) -> bool:
        return self.state in {self.State.CANCELLED, self.State.DONE}
