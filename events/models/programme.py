"""What happens at an event: sessions, who speaks, and where."""

import uuid
from datetime import UTC, timedelta
from typing import Any, ClassVar, Self

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.models import Orderable
from wagtail.search import index

from events.models.registrations import Registration
from members.models import Organisation

# How large a speaker's picture is, in the words of Wagtail's image tag.
PICTURE = "fill-160x160"


class Venue(index.Indexed, models.Model):
    """A building that events take place in."""

    name = models.CharField(max_length=120, unique=True)
    address = models.TextField(max_length=500)
    map_url = models.URLField("link to a map", blank=True)
    access_information = models.TextField(
        "access", max_length=2000, blank=True, help_text="Step-free entrance, hearing loop, quiet room."
    )
    travel = models.TextField("how to get there", max_length=2000, blank=True)

    search_fields: ClassVar[list] = [index.SearchField("name"), index.AutocompleteField("name")]

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name


class Speaker(index.Indexed, models.Model):
    """Somebody who speaks at events."""

    name = models.CharField(max_length=120)
    role = models.CharField("role", max_length=160, blank=True, help_text="For example: Detective Inspector.")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    biography = models.TextField(max_length=3000, blank=True)
    photo = models.ForeignKey(
        "wagtailimages.Image", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    search_fields: ClassVar[list] = [index.SearchField("name"), index.AutocompleteField("name")]

    class Meta:
        ordering: ClassVar[list[str]] = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class SessionQuerySet(models.QuerySet["Session"]):
    """Sessions, asked for in the words of the field."""

    def in_order(self) -> Self:
        """As they happen; of those that begin together, as the organiser ordered them."""
        return self.order_by("starts_at", "sort_order", "pk")

    def with_speakers(self) -> Self:
        """Each with who speaks, in order, and where they work: one more query. Without the long texts."""
        speaking = SessionSpeaker.objects.select_related("speaker__organisation").only(
            "session", "sort_order", "speaker__name", "speaker__role", "speaker__organisation__name"
        )
        return self.defer("summary").prefetch_related(models.Prefetch("session_speakers", speaking))

    def with_biographies(self, images: type[models.Model]) -> Self:
        """Each with who speaks, what they tell of themselves, and their pictures, made already if they were."""
        pictures = images._default_manager.prefetch_renditions(PICTURE)  # type: ignore[attr-defined] # Wagtail's queryset
        return self.prefetch_related(
            models.Prefetch(
                "session_speakers", SessionSpeaker.objects.select_related("speaker__organisation")
            ),
            models.Prefetch("session_speakers__speaker__photo", pictures),
        )

    def with_places_taken(self) -> Self:
        """Each with how many of its places are taken; None where it has no limit."""
        return self.annotate(places_taken=_PlacesTaken())

    def to_choose(self) -> Self:
        """Those that people choose when they register."""
        return self.filter(is_chosen=True, is_cancelled=False)

    def to_attend(self) -> Self:
        """Those at which attendance is taken, as they happen."""
        return self.filter(is_cancelled=False).exclude(kind=Session.Kind.BREAK).in_order()


class _PlacesTaken(models.Func):
    """How many hold a place in a session that has only so many. Written out, as `EventQuerySet` does, for its cost."""

    template = (
        '(CASE WHEN %(expressions)s IS NULL THEN NULL ELSE (SELECT COUNT(*) FROM "events_sessionplace" "chosen"'
        ' INNER JOIN "events_registration" "holder" ON "holder"."id" = "chosen"."registration_id"'
        ' WHERE "chosen"."session_id" = "events_session"."id" AND "holder"."state" IN (%(states)s)) END)'
    )
    output_field = models.IntegerField()

    def __init__(self) -> None:
        held = ", ".join(f"'{state}'" for state in Registration.HOLDING_A_PLACE)
        super().__init__(F("capacity"), states=held)


class Session(ClusterableModel, Orderable):
    """One part of an event's programme."""

    class Kind(models.TextChoices):
        KEYNOTE = "keynote", "Keynote"
        TALK = "talk", "Talk"
        PANEL = "panel", "Panel"
        WORKSHOP = "workshop", "Workshop"
        CASE_CLINIC = "case clinic", "Case clinic"
        BREAK = "break", "Break"

    event = ParentalKey("events.EventPage", on_delete=models.CASCADE, related_name="sessions")
    # The session's name in addresses, calendars and answers. A copied event keeps it, so it is unique
    # within the event only, and with the event's own for the world.
    key = models.UUIDField(default=uuid.uuid4, editable=False)
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.TALK)
    stream = models.CharField(
        max_length=60, blank=True, help_text="Sessions in parallel stand in streams. Empty: for everybody."
    )
    room = models.CharField(max_length=80, blank=True)
    starts_at = models.DateTimeField("starts")
    ends_at = models.DateTimeField("ends")
    summary = models.TextField("what it is about", max_length=3000, blank=True)
    is_chosen = models.BooleanField(
        "people choose it when they register", default=False, help_text="Otherwise it is for everybody."
    )
    capacity = models.PositiveIntegerField(
        "places", null=True, blank=True, validators=[MinValueValidator(1)], help_text="Empty: no limit."
    )
    is_cancelled = models.BooleanField("cancelled", default=False)

    # Any: the type checker cannot see the managers of what has an untyped base.
    objects: ClassVar[Any] = models.Manager.from_queryset(SessionQuerySet)()

    class Meta(Orderable.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["event", "key"], name="events_session_key_once_an_event"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="events_session_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(capacity__isnull=True) | (Q(capacity__gte=1) & Q(is_chosen=True)),
                name="events_session_with_places_is_chosen",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def speakers(self) -> list[Speaker]:
        """In the organiser's order. Asks the database unless the session came `with_speakers`."""
        return [speaking.speaker for speaking in self.session_speakers.all()]

    @property
    def duration(self) -> timedelta:
        return self.ends_at - self.starts_at

    def is_full(self, taken: int) -> bool:
        """Whether so many people leave no place in it."""
        return self.capacity is not None and taken >= self.capacity

    def overlaps(self, other: "Session") -> bool:
        """Whether nobody can be in both. One that ends as the other starts does not overlap it."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    def calendar_facts(self) -> dict[str, Any]:
        """What people plan their day by, and what a letter needs to say about it once the row is gone."""
        return {
            "title": self.title,
            "starts_at": self.starts_at.astimezone(UTC).isoformat(),
            "ends_at": self.ends_at.astimezone(UTC).isoformat(),
            "room": self.room,
            "is_chosen": self.is_chosen,
            "is_break": self.kind == self.Kind.BREAK,
            "is_cancelled": self.is_cancelled,
        }


class SessionSpeaker(Orderable):
    """Somebody who speaks in a session."""

    session = ParentalKey(Session, on_delete=models.CASCADE, related_name="session_speakers")
    # Taken out of the programme first, so that nobody vanishes from it by the way.
    speaker = models.ForeignKey(Speaker, on_delete=models.PROTECT, related_name="speaking")

    class Meta(Orderable.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["session", "speaker"], name="events_sessionspeaker_once_a_session"
            ),
        ]

    def __str__(self) -> str:
        return str(self.speaker)


def names_by_session(speaking: "models.QuerySet[SessionSpeaker]") -> dict[int, list[str]]:
    """Who speaks, by the numbers of the sessions, in the organiser's order. One query."""
    names: dict[int, list[str]] = {}
    for session, name in speaking.order_by("sort_order", "pk").values_list("session", "speaker__name"):
        names.setdefault(session, []).append(name)
    return names


class ImportedEvent(models.Model):
    """Where an imported event came from, and what the importer wrote into it."""

    event = models.OneToOneField("events.EventPage", on_delete=models.CASCADE, related_name="imported_from")
    # The event's name where it came from: the UID of a calendar entry, the address of a schedule.
    source = models.CharField(max_length=250, unique=True)
    # As written the last time: what differs from it now was edited here, and is left alone.
    facts = models.JSONField(default=dict)
    imported_at = models.DateTimeField()

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return f"imported event {self.pk}"
