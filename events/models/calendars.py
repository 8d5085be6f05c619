"""Where a member reads their events in a calendar of their own."""

import uuid

from django.conf import settings
from django.db import models


class PersonalCalendar(models.Model):
    """The secret address under which one member's calendar can be read without signing in."""

    member = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="personal_calendar"
    )
    # The address is this key, signed. A new key makes a new address and ends the old one.
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"calendar {self.pk}"
