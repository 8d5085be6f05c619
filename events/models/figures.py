"""What was counted at past events."""

from typing import ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q


class RecordedFigures(models.Model):
    """What was counted at one event, or at several together where no more is known: who came, who answered."""

    name = models.CharField(
        max_length=120, unique=True, help_text="For organisers. For example: Two conferences, 2017 and 2019."
    )
    attended = models.PositiveIntegerField(
        null=True, blank=True, help_text="People in all. Empty: not recorded."
    )
    organisations = models.PositiveIntegerField(
        null=True, blank=True, help_text="From how many organisations. Empty: not recorded."
    )
    number_of_events = models.PositiveSmallIntegerField(
        "events counted together",
        default=1,
        validators=[MinValueValidator(1)],
        help_text="More than 1 where the figures are about several events and were not counted apart.",
    )
    feedback_asked = models.PositiveIntegerField("asked for feedback", null=True, blank=True)
    feedback_answers = models.PositiveIntegerField("answered", null=True, blank=True)
    source = models.CharField(max_length=250, help_text="Where the figures come from, with the year.")

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
        verbose_name = "recorded figures"
        verbose_name_plural = "recorded figures"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(feedback_answers__isnull=True, feedback_asked__isnull=True)
                | Q(feedback_asked__isnull=False, feedback_answers__lte=F("feedback_asked")),
                name="events_recordedfigures_answers_of_asked",
                violation_error_message="Give both: how many were asked, and how many of them answered.",
            ),
            models.CheckConstraint(
                condition=Q(organisations__isnull=True)
                | Q(attended__isnull=False, organisations__lte=F("attended")),
                name="events_recordedfigures_organisations_of_people",
                violation_error_message="There cannot be more organisations than people who came.",
            ),
        ]

    def __str__(self) -> str:
        return self.name
