"""The row that the peer of `events.book_place` writes."""

from django.conf import settings
from django.db import models


class Row(models.Model):
    """One row, written by one member: the least that a view which keeps something must do."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"row {self.pk}"
