"""How many letters left in a minute, so that all senders together keep to the limits."""

from typing import ClassVar

from django.db import models


class Allowance(models.Model):
    """How much of one limit is used up in one minute."""

    # "all", "domain:force.example" or "mailing:12".
    key = models.CharField(max_length=270)
    minute = models.DateTimeField()
    used = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["key", "minute"], name="mailing_allowance_one_per_minute"),
        ]

    def __str__(self) -> str:
        return f"{self.key} at {self.minute:%H:%M}"
