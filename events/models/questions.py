"""What an organiser asks those who register."""

import uuid
from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from modelcluster.fields import ParentalKey
from wagtail.models import Orderable

# What a number can be.
DIGITS, DECIMALS = 12, 4


class Question(Orderable):
    """One field of an event's registration form."""

    class Kind(models.TextChoices):
        TEXT = "text", "Text, one line"
        LONG_TEXT = "long text", "Text, several lines"
        YES_NO = "yes or no", "Yes or no"
        CHOICE = "choice", "One of several"
        CHOICES = "choices", "Any of several"
        NUMBER = "number", "Number"
        DATE = "date", "Date"
        CONSENT = "consent", "Consent (a box to tick)"

    WITH_OPTIONS: ClassVar[list[str]] = [Kind.CHOICE, Kind.CHOICES]

    event = ParentalKey("events.EventPage", on_delete=models.CASCADE, related_name="questions")
    # The question's name in answers and conditions. A copied event keeps it: unique within the event.
    key = models.UUIDField(default=uuid.uuid4, editable=False)
    label = models.CharField("question", max_length=250)
    help_text = models.CharField("hint", max_length=300, blank=True)
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.TEXT)
    options = models.TextField(max_length=2000, blank=True, help_text="One on each line.")
    # Of a number: what makes sense as an answer.
    smallest = models.DecimalField(
        "smallest number",
        max_digits=DIGITS,
        decimal_places=DECIMALS,
        default=Decimal(0),
        null=True,
        blank=True,
        help_text="Where a number is asked for. Empty: any.",
    )
    largest = models.DecimalField(
        "largest number", max_digits=DIGITS, decimal_places=DECIMALS, null=True, blank=True
    )
    is_required = models.BooleanField("must be answered", default=False)
    is_sensitive = models.BooleanField(
        "sensitive",
        default=False,
        help_text="Access or dietary needs: only organisers you name see it, and it is erased after the event.",
    )
    needs_new_approval = models.BooleanField(
        "a changed answer needs approval again",
        default=False,
        help_text="Only where registrations are approved.",
    )
    # Both or neither: the label of an earlier question, and the answer that makes this one appear.
    shown_if = models.CharField(
        "only shown when the answer to",
        max_length=250,
        blank=True,
        help_text="An earlier question, word for word.",
    )
    shown_if_answer = models.CharField("is", max_length=250, blank=True)

    wagtail_reference_index_ignore = True

    class Meta(Orderable.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["event", "key"], name="events_question_key_once_an_event"),
            models.CheckConstraint(
                condition=Q(shown_if="", shown_if_answer="") | (~Q(shown_if="") & ~Q(shown_if_answer="")),
                name="events_question_condition_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(smallest__isnull=True) | Q(largest__isnull=True) | Q(smallest__lte=F("largest")),
                name="events_question_largest_not_below_smallest",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def choices(self) -> list[str]:
        """The options, each once, in their order."""
        lines = (line.strip() for line in self.options.splitlines())
        return list(dict.fromkeys(line for line in lines if line))
