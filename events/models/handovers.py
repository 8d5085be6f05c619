"""Places that their holders pass to colleagues."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from events.models.registrations import Registration


class Handover(models.Model):
    """A place, or a whole course, that its holder passes to a colleague."""

    class State(models.TextChoices):
        OFFERED = "offered", "Offered"
        # The colleague wants it, and has to be approved first: until then it is the holder's.
        ACCEPTED = "accepted", "Accepted, waits for approval"
        TAKEN = "taken", "Taken"
        DECLINED = "declined", "Declined"
        WITHDRAWN = "withdrawn", "Withdrawn"

    OPEN: ClassVar[list[str]] = [State.OFFERED, State.ACCEPTED]

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="handovers")
    # As it was typed. Kept also where no colleague has it, so that nobody learns here who has an account.
    colleague_email = models.EmailField()
    colleague = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.OFFERED)
    # The colleague's registration that waits for approval; of a course, the one for the same date.
    taken_as = models.ForeignKey(Registration, on_delete=models.CASCADE, null=True, related_name="+")
    offered_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["registration"],
                condition=Q(state__in=["offered", "accepted"]),
                name="events_handover_one_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["taken_as"], condition=Q(state="accepted"), name="events_handover_one_place_for_one"
            ),
            models.CheckConstraint(
                condition=~Q(state="accepted") | Q(taken_as__isnull=False),
                name="events_handover_accepted_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["offered", "accepted"], ended_at__isnull=True)
                | (Q(state__in=["taken", "declined", "withdrawn"]) & Q(ended_at__isnull=False)),
                name="events_handover_end_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"handover {self.pk}"

    @property
    def is_accepted(self) -> bool:
        return self.state == self.State.ACCEPTED
