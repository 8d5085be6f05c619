"""Slides, handouts and recordings of an event."""

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Self

from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery

from events.models.attendance import Attendance
from events.models.programme import Session
from events.models.registrations import Registration

if TYPE_CHECKING:
    from uuid import UUID

    from django.contrib.auth.models import AnonymousUser

    from members.models import User


# In the private storage; nothing else lies in it.
FOLDER = "materials"


def private_storage() -> Storage:
    """Outside everything that a web server serves by itself."""
    return storages["private"]


def path_of(material: "Material", filename: str) -> str:
    """Where a file lies: under a name of our own, since no other is safe."""
    ending = filename.rsplit(".", 1)[-1].lower()[:8] if "." in filename else "bin"
    return f"{FOLDER}/{material.uuid}.{ending}"


class MaterialQuerySet(models.QuerySet["Material"]):
    """Materials, asked for in the words of the field."""

    def opened(self, now: datetime) -> Self:
        return self.filter(Q(opens_at__isnull=True) | Q(opens_at__lte=now))

    def visible_to(self, user: "User | AnonymousUser", now: datetime) -> Self:
        """What somebody who may see the event may open of it now. Whether they may is the event's to say."""
        audience = Material.Audience
        allowed = Q(audience=audience.EVERYONE)
        if user.is_authenticated:
            # A place lasts as long as it is confirmed; who was there was there.
            own = Registration.objects.filter(event=OuterRef("event"), member=user).confirmed()
            present = Attendance.objects.present().filter(
                registration__event=OuterRef("event"), registration__member=user
            )
            allowed |= Q(Q(audience=audience.PARTICIPANTS) & Exists(own))
            allowed |= Q(Q(audience=audience.ATTENDED) & Exists(present))
            if user.is_approved:
                allowed |= Q(audience=audience.MEMBERS)
        return self.opened(now).filter(allowed)

    def of_session(self, key: "UUID") -> Self:
        return self.filter(session_key=key)

    def with_session_title(self) -> Self:
        """Each with `session_title`; None for the event as a whole, and where the session is gone."""
        sessions = Session.objects.filter(event=OuterRef("event"), key=OuterRef("session_key"))
        return self.annotate(session_title=Subquery(sessions.values("title")[:1]))


class Material(models.Model):
    """One file or link of an event, with its own rule for who may open it."""

    class Audience(models.TextChoices):
        PARTICIPANTS = "participants", "People with a place"
        ATTENDED = "attended", "People who were there"
        MEMBERS = "members", "All members"
        EVERYONE = "everyone", "Everyone"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    event = models.ForeignKey("events.EventPage", on_delete=models.CASCADE, related_name="materials")
    # The key of the session it belongs to; empty for the event as a whole.
    session_key = models.UUIDField(null=True, blank=True)
    title = models.CharField(max_length=200)
    file = models.FileField(upload_to=path_of, storage=private_storage, blank=True, max_length=200)
    filename = models.CharField(max_length=200, blank=True, editable=False)
    size = models.PositiveBigIntegerField(default=0, editable=False)
    url = models.URLField("link", blank=True)
    audience = models.CharField(
        "who may open it", max_length=20, choices=Audience.choices, default=Audience.PARTICIPANTS
    )
    opens_at = models.DateTimeField("opens", null=True, blank=True, help_text="Empty: at once.")
    added_at = models.DateTimeField()

    wagtail_reference_index_ignore = True

    objects: ClassVar[models.Manager["Material"]] = models.Manager.from_queryset(MaterialQuerySet)()

    class Meta:
        ordering: ClassVar[list[str]] = ["event", "added_at", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=(Q(file="") & ~Q(url="")) | (~Q(file="") & Q(url="")),
                name="events_material_is_file_or_link",
            ),
            models.CheckConstraint(
                condition=Q(audience__in=["participants", "attended", "members", "everyone"]),
                name="events_material_audience_known",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def ending(self) -> str:
        """For example "pdf"; empty for a link."""
        return str(self.file.name).rsplit(".", 1)[-1] if self.file else ""
