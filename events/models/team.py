"""Who runs one event."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.models import User

# Whoever has this permission needs no role in an event to run it.
RUN_ALL_EVENTS = "events.manage_registrations"

# The group that lets people with a role into the admin; `portal.roles` says what it may do there.
EVENT_TEAM = "Event team"


class TeamMemberQuerySet(models.QuerySet["TeamMember"]):
    """The teams of events."""

    def of(self, user: "User | AnonymousUser") -> Self:
        """What somebody does at events: nothing, unless they are an approved member."""
        if not user.is_authenticated or not user.is_approved:
            return self.none()
        return self.filter(member=user)

    def managing(self) -> Self:
        return self.filter(role=TeamMember.Role.MANAGE)

    def reading(self) -> Self:
        """Of those who may see registrations: at the door one sees the list to tick, and no more."""
        return self.exclude(role=TeamMember.Role.CHECK_IN)


class TeamMember(models.Model):
    """What one person does at one event. Those who run all events need no such row."""

    class Role(models.TextChoices):
        MANAGE = "manage", "Manage registrations and write to people"
        CHECK_IN = "check in", "Check people in"
        READ = "read", "See registrations and numbers"

    event = models.ForeignKey("events.EventPage", on_delete=models.CASCADE, related_name="team")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="event_roles")
    role = models.CharField(max_length=10, choices=Role.choices)
    sees_sensitive_answers = models.BooleanField("sees access and dietary needs", default=False)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    added_at = models.DateTimeField()

    wagtail_reference_index_ignore = True

    objects: ClassVar[models.Manager["TeamMember"]] = models.Manager.from_queryset(TeamMemberQuerySet)()

    class Meta:
        ordering: ClassVar[list[str]] = ["event", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["event", "member"], name="events_teammember_once_an_event"),
            models.CheckConstraint(
                condition=Q(role__in=["manage", "check in", "read"]), name="events_teammember_role_known"
            ),
        ]

    def __str__(self) -> str:
        return f"team member {self.pk}"
