"""Who comes to an event, who waits, and where a member reads it in a calendar."""

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from events.places import Places
from members.models import Organisation

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from events.models.pages import EventPage
    from members.models import User


class RegistrationQuerySet(models.QuerySet["Registration"]):
    """Registrations, asked for in the words of the field."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """One's own."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(member=user)

    def active(self) -> Self:
        return self.filter(state__in=Registration.ACTIVE)

    def confirmed(self) -> Self:
        return self.filter(state=Registration.State.CONFIRMED)

    def holding_a_place(self) -> Self:
        """Confirmed, or offered: an offered place is taken until its offer ends."""
        return self.filter(state__in=Registration.HOLDING_A_PLACE)

    def waiting(self) -> Self:
        """In the order in which they came."""
        return self.filter(state=Registration.State.WAITING).order_by("waiting_number")

    def with_place_in_line(self) -> Self:
        """Each with `ahead`: how many of its event come first. Says something only of those who wait."""
        line = Registration.objects.waiting().filter(
            event=OuterRef("event"), waiting_number__lt=OuterRef("waiting_number")
        )
        counted = line.order_by().values("event").annotate(number=Count("pk")).values("number")
        return self.annotate(
            ahead=Coalesce(Subquery(counted, output_field=models.IntegerField()), 0),
        )

    def overdue(self, now: datetime) -> Self:
        """Offered, and not taken in time."""
        return self.filter(state=Registration.State.OFFERED, offer_expires_at__lte=now)

    def count_by_state(self) -> dict[str, int]:
        """How many in each state; states that nobody is in are absent."""
        counted = self.order_by().values_list("state").annotate(number=Count("pk"))
        return dict(counted)

    def places_of(self, event: "EventPage") -> Places:
        """The places of one event: one query."""
        number = self.filter(event=event.pk).count_by_state()
        return Places(
            capacity=event.capacity,
            taken=sum(number.get(state, 0) for state in Registration.HOLDING_A_PLACE),
            waiting=number.get(Registration.State.WAITING, 0),
        )


class Registration(models.Model):
    """One member's registration for one event."""

    class State(models.TextChoices):
        AWAITING_APPROVAL = "awaiting approval", "Waiting for approval"
        CONFIRMED = "confirmed", "Registered"
        WAITING = "waiting", "On the waiting list"
        OFFERED = "offered", "Place offered"
        DECLINED = "declined", "Declined"
        EXPIRED = "expired", "Offer ended"
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
    event = models.ForeignKey("events.EventPage", on_delete=models.PROTECT, related_name="registrations")
    # A member who leaves takes the name along; the count of who came stays.
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="registrations"
    )
    # Where they worked when they registered.
    organisation = models.ForeignKey(
        Organisation, on_delete=models.SET_NULL, null=True, related_name="registrations"
    )
    state = models.CharField(max_length=20, choices=State.choices)
    registered_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    # Counts up within the event and is never given twice: the lowest that waits is next.
    waiting_number = models.PositiveIntegerField(null=True, blank=True)
    offer_expires_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)

    # Wagtail keeps an index of what refers to its pages; this would write to it at every registration.
    wagtail_reference_index_ignore = True

    objects: ClassVar[models.Manager["Registration"]] = models.Manager.from_queryset(RegistrationQuerySet)()

    class Meta:
        ordering: ClassVar[list[str]] = ["registered_at", "pk"]
        permissions: ClassVar = [
            ("manage_registrations", "Can see and cancel registrations, and cancel events"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["event", "state", "waiting_number"], name="events_registration_in_order"),
            models.Index(fields=["state", "offer_expires_at"], name="events_registration_by_expiry"),
            models.Index(fields=["event", "-registered_at", "-id"], name="events_registration_latest"),
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
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "awaiting approval",
                        "confirmed",
                        "waiting",
                        "offered",
                        "declined",
                        "expired",
                        "cancelled",
                    ]
                ),
                name="events_registration_state_known",
            ),
        ]

    def __str__(self) -> str:
        return f"registration {self.uuid}"

    @property
    def is_active(self) -> bool:
        return self.state in self.ACTIVE

    def count_ahead(self) -> int:
        """How many come first on the waiting list; 0 for those who do not wait, without asking."""
        if self.state != self.State.WAITING:
            return 0
        line = Registration.objects.filter(event=self.event_id).waiting()
        return line.filter(waiting_number__lt=self.waiting_number).count()


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
