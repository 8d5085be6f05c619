"""What is known about addresses: which cannot be reached, and which letters somebody does not want."""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    """Addresses that are not written to, asked for in the words of the post room."""

    def active(self) -> Self:
        return self.filter(lifted_at__isnull=True)

    def of(self, address: str) -> Self:
        return self.filter(address=address.lower())


class Suppression(models.Model):
    """An address that is not written to until somebody lifts it. Lifted ones stay, to say who did and why."""

    class Reason(models.TextChoices):
        HARD = "hard", "The address does not exist or refuses letters"
        SOFT = "soft", "Letters came back again and again"
        COMPLAINT = "complaint", "The reader reported a letter as spam"
        PERSON = "person", "Entered by hand"

    address = models.EmailField()  # In lower case.
    reason = models.CharField(max_length=20, choices=Reason)
    # What the mail server said.
    detail = models.CharField(max_length=500, blank=True)
    since = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)
    # Who lifted it: the key of an account. This app does not know what accounts are.
    lifted_by = models.CharField(max_length=64, blank=True)
    lifted_because = models.CharField(max_length=500, blank=True)

    objects: ClassVar[Any] = SuppressionQuerySet.as_manager()

    class Meta:
        verbose_name = "suppressed address"
        verbose_name_plural = "suppressed addresses"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["-since"], name="mailing_suppression_latest"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["address"],
                condition=Q(lifted_at__isnull=True),
                name="mailing_suppression_one_active_per_address",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True) | ~Q(lifted_because=""),
                name="mailing_suppression_lifted_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"suppression {self.pk}"


class Unsubscription(models.Model):
    """Somebody at an address does not want letters of one category."""

    address = models.EmailField()  # In lower case.
    category = models.CharField(max_length=50)
    since = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["address", "category"], name="mailing_unsubscription_one_per_category"
            ),
        ]

    def __str__(self) -> str:
        return f"unsubscription {self.pk}"


class Bounce(models.Model):
    """One report that a letter did not arrive, or one automatic answer to a letter."""

    class Kind(models.TextChoices):
        HARD = "hard", "Cannot be delivered"
        SOFT = "soft", "Could not be delivered this time"
        COMPLAINT = "complaint", "Reported as spam"
        AUTOMATIC = "automatic", "Automatic answer"

    # What makes a report one: read twice, it counts once.
    key = models.CharField(max_length=64, unique=True, editable=False)
    kind = models.CharField(max_length=20, choices=Kind)
    address = models.EmailField(blank=True)  # In lower case; empty for an automatic answer of unknown origin.
    # CASCADE: whoever leaves takes the reports about their letters along.
    letter = models.ForeignKey(
        "mailing.OutgoingMail", null=True, blank=True, on_delete=models.CASCADE, related_name="bounces"
    )
    detail = models.CharField(max_length=500, blank=True)
    reported_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["address", "reported_at"], name="mailing_bounce_by_address"),
        ]

    def __str__(self) -> str:
        return f"bounce {self.pk}"
