"""What line managers were asked about registrations."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from events.models.registrations import Registration


class ManagerApproval(models.Model):
    """What a line manager was asked by letter, and what they answered."""

    class Answer(models.TextChoices):
        APPROVED = "approved", "Approved"
        DECLINED = "declined", "Declined"

    registration = models.OneToOneField(
        Registration, on_delete=models.CASCADE, related_name="manager_approval"
    )
    # The address in the letter's link is this key, signed. Asking somebody else makes a new one.
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    manager_email = models.EmailField()
    asked_at = models.DateTimeField()
    answer = models.CharField(max_length=10, choices=Answer.choices, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(max_length=1000, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True)
                | (Q(answer__in=["approved", "declined"]) & Q(answered_at__isnull=False)),
                name="events_managerapproval_answer_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"approval {self.pk}"
