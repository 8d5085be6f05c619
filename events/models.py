"""Conferences, workshops and who comes to them."""

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from wagtail.models import PageManager
from wagtail.query import PageQuerySet

from members.models import Organisation
from pages.models import PortalPage

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.models import User


class EventIndexPage(PortalPage):
    """The list of all events, upcoming and past."""

    max_count = 1
    subpage_types: ClassVar[list[str]] = ["events.ConferencePage", "events.WorkshopPage"]


class EventQuerySet(PageQuerySet):
    """Events, asked for in the words of the field."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Published events; those behind a Wagtail privacy setting stay out."""
        return self.live().public()

    def upcoming(self, now: datetime) -> Self:
        """Not over yet, the next one first."""
        return self.filter(ends_at__gte=now).order_by("starts_at", "pk")

    def past(self, now: datetime) -> Self:
        """Over, the latest first."""
        return self.filter(ends_at__lt=now).order_by("-starts_at", "-pk")


class EventPage(PortalPage):
    """An event that people can come to. Made as a conference or a workshop."""

    class Kind(models.TextChoices):
        CONFERENCE = "conference", "Conference"
        WORKSHOP = "workshop", "Workshop"
        CASE_CLINIC = "case clinic", "Case clinic"
        REFRESHER = "refresher", "Refresher"

    class Format(models.TextChoices):
        IN_PERSON = "in person", "In person"
        ONLINE = "online", "Online"
        HYBRID = "hybrid", "In person and online"

    class DatePrecision(models.TextChoices):
        TIME = "time", "Day and time are known"
        MONTH = "month", "Only the month is known"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.WORKSHOP)
    format = models.CharField(max_length=20, choices=Format.choices, default=Format.IN_PERSON)
    starts_at = models.DateTimeField("starts")
    ends_at = models.DateTimeField("ends")
    date_precision = models.CharField(
        max_length=10, choices=DatePrecision.choices, default=DatePrecision.TIME
    )
    time_zone = models.CharField(max_length=60, default="Europe/London")
    place = models.CharField(max_length=120, blank=True, help_text="For example: Midlands.")
    capacity = models.PositiveIntegerField(
        "places", null=True, blank=True, validators=[MinValueValidator(1)], help_text="Empty: no limit."
    )
    registration_opens_at = models.DateTimeField("registration opens", null=True, blank=True)
    registration_closes_at = models.DateTimeField("registration closes", null=True, blank=True)
    has_waiting_list = models.BooleanField("keep a waiting list when full", default=True)
    hours_to_take_an_offer = models.PositiveSmallIntegerField(
        "hours to take an offered place", default=48, validators=[MinValueValidator(1)]
    )
    shows_numbers = models.BooleanField("show how many places are left", default=True)
    cancelled_at = models.DateTimeField(null=True, blank=True, editable=False)
    co_host = models.CharField("with", max_length=200, blank=True)
    recorded_attendance = models.PositiveIntegerField("attended", null=True, blank=True)

    objects: ClassVar[PageManager] = PageManager.from_queryset(EventQuerySet)()

    parent_page_types: ClassVar[list[str]] = []  # only as a conference or a workshop
    subpage_types: ClassVar[list[str]] = []
    exclude_fields_in_copy: ClassVar[list[str]] = ["uuid", "cancelled_at"]

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["ends_at", "starts_at"], name="events_event_by_time"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(ends_at__gte=F("starts_at")), name="events_event_ends_after_start"
            ),
        ]


class ConferencePage(EventPage):
    """A conference: several streams, one day or more."""

    parent_page_types: ClassVar[list[str]] = ["events.EventIndexPage"]


class WorkshopPage(EventPage):
    """A workshop, case clinic or refresher: one room, one topic."""

    parent_page_types: ClassVar[list[str]] = ["events.EventIndexPage"]


class RegistrationQuerySet(models.QuerySet["Registration"]):
    """Registrations, asked for in the words of the field."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """One's own."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(member=user)

    def active(self) -> Self:
        return self.filter(state__in=Registration.ACTIVE)

    def holding_a_place(self) -> Self:
        """Confirmed, or offered: an offered place is taken until its offer ends."""
        return self.filter(state__in=Registration.HOLDING_A_PLACE)

    def waiting(self) -> Self:
        """In the order in which they came."""
        return self.filter(state=Registration.State.WAITING).order_by("waiting_number")


class Registration(models.Model):
    """One member's registration for one event."""

    class State(models.TextChoices):
        AWAITING_APPROVAL = "awaiting approval", "Waiting for approval"
        CONFIRMED = "confirmed", "Registered"
        WAITING = "waiting", "On the waiting list"
        OFFERED = "offered", "Place offered"
        DECLINED = "declined", "Declined"
        CANCELLED = "cancelled", "Cancelled"

    ACTIVE: ClassVar[list[str]] = [
        State.AWAITING_APPROVAL,
        State.CONFIRMED,
        State.WAITING,
        State.OFFERED,
    ]
    HOLDING_A_PLACE: ClassVar[list[str]] = [State.CONFIRMED, State.OFFERED]

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # An event with registrations is cancelled, never deleted.
    event = models.ForeignKey(EventPage, on_delete=models.PROTECT, related_name="registrations")
    # A member who leaves takes the name along; the count of who came stays.
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="registrations"
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.SET_NULL, null=True, related_name="registrations"
    )
    state = models.CharField(max_length=20, choices=State.choices)
    registered_at = models.DateTimeField()
    waiting_number = models.PositiveIntegerField(null=True, blank=True)
    offer_expires_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["Registration"]] = models.Manager.from_queryset(RegistrationQuerySet)()

    class Meta:
        ordering: ClassVar[list[str]] = ["registered_at", "pk"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["event", "state", "waiting_number"], name="events_registration_in_order"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["event", "member"],
                condition=Q(state__in=["awaiting approval", "confirmed", "waiting", "offered"]),
                name="events_registration_one_active_per_member",
            ),
            models.UniqueConstraint(
                fields=["event", "waiting_number"], name="events_registration_one_place_in_line"
            ),
            models.CheckConstraint(
                condition=~Q(state="waiting") | Q(waiting_number__isnull=False),
                name="events_registration_waiting_has_number",
            ),
            models.CheckConstraint(
                condition=Q(state="offered", offer_expires_at__isnull=False)
                | (~Q(state="offered") & Q(offer_expires_at__isnull=True)),
                name="events_registration_offer_has_expiry",
            ),
        ]

    def __str__(self) -> str:
        return f"registration {self.uuid}"
