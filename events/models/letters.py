"""What organisers wrote in place of the portal's own letters about one event."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from mailing.models import Wording


class EventLetter(models.Model):
    """The words of one kind of letter about one event. Without a row the portal's own are sent."""

    # No ParentalKey: letters are no part of a draft, and no old draft brings their words back.
    event = models.ForeignKey("events.EventPage", on_delete=models.CASCADE, related_name="letters")
    # One of events.letter_kinds.
    kind = models.CharField(max_length=40)
    # PROTECT: without its words the event would send none at all.
    wording = models.ForeignKey(Wording, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    wagtail_reference_index_ignore = True

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["event", "kind"], name="events_eventletter_once_an_event"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of event {self.event_id}"
