"""The sessions that people chose."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import Count

from events.models.registrations import Registration

if TYPE_CHECKING:
    from events.models.programme import Session


class SessionPlaceQuerySet(models.QuerySet["SessionPlace"]):
    """Choices of sessions, asked for in the words of the field."""

    def taken(self) -> Self:
        """Those that count against a session's places: of registrations that hold a place themselves."""
        return self.filter(registration__state__in=Registration.HOLDING_A_PLACE)

    def count_by_session(self) -> dict[int, int]:
        """How many in each session; sessions that nobody chose are absent."""
        counted = self.order_by().values_list("session").annotate(number=Count("pk"))
        return dict(counted)

    def sessions_by_registration(self) -> "dict[int, list[Session]]":
        """What each registration chose, in the order of the day. One query."""
        chosen: dict[int, list[Session]] = {}
        for place in self.select_related("session").order_by("session__starts_at", "pk"):
            chosen.setdefault(place.registration_id, []).append(place.session)
        return chosen


class SessionPlace(models.Model):
    """One session that somebody chose. A place in it as soon as their registration holds one."""

    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="session_places")
    # A session that people chose is cancelled, never deleted.
    session = models.ForeignKey("events.Session", on_delete=models.PROTECT, related_name="places")
    chosen_at = models.DateTimeField()

    wagtail_reference_index_ignore = True

    objects: ClassVar[models.Manager["SessionPlace"]] = models.Manager.from_queryset(SessionPlaceQuerySet)()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["registration", "session"], name="events_sessionplace_chosen_once"
            ),
        ]

    def __str__(self) -> str:
        return f"choice {self.pk}"
