"""What organisers write to the people of an event."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from mailing.models import Mailing


class Message(models.Model):
    """One letter to some of those registered: to whom. What it says and how far it is has the mailing."""

    # Drafts of an event that nobody registered for go with it; once sent, registrations keep it anyway.
    event = models.ForeignKey("events.EventPage", on_delete=models.CASCADE, related_name="messages")
    mailing = models.OneToOneField(Mailing, on_delete=models.PROTECT, related_name="+")
    # The filter of the list, as its address has it; looked up when the message is sent.
    filters = models.TextField(blank=True)
    # Or the registrations that were ticked, by uuid; then the filter does not count.
    chosen = models.JSONField(null=True, blank=True)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    written_at = models.DateTimeField()

    wagtail_reference_index_ignore = True

    class Meta:
        ordering: ClassVar[list[str]] = ["event", "-written_at", "-pk"]

    def __str__(self) -> str:
        return f"message {self.pk}"
