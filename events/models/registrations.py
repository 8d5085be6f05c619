"""Who comes to an event and who waits, what became of each, and what only some may read of them."""

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Self

from django.conf import settings
from django.db import connections, models
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from events.places import Claim, Room
from members.models import Organisation

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from events.models.pages import EventPage
    from events.models.programme import Session
    from members.models import User


class Look(NamedTuple):
    """What somebody finds who comes to an event now."""

    room: Room
    # The highest number on the waiting list that was ever given; 0 before the first.
    last_number: int
    # Whether they have a registration already, active or not.
    was_here: bool


# By hand: everybody who registers asks this while all others wait. Put together from querysets it is three
# statements, and Django takes longer over them than the database.
_LOOK = """
    SELECT COUNT(*) FILTER (WHERE state IN ('confirmed', 'offered')),
           COUNT(*) FILTER (WHERE state = 'offered'),
           COUNT(*) FILTER (WHERE state = 'waiting'),
           COALESCE(MAX(waiting_number), 0),
           COUNT(*) FILTER (WHERE member_id = %s)
    FROM events_registration
    WHERE event_id = %s
"""


class RegistrationQuerySet(models.QuerySet["Registration"]):
    """Registrations, asked for in the words of the field."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """One's own."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(member=user)

    def active(self) -> Self:
        return self.filter(state__in=Registration.ACTIVE)

    def active_or_declined(self) -> Self:
        return self.filter(state__in=[*Registration.ACTIVE, Registration.State.DECLINED])

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

    def awaiting_organiser(self) -> Self:
        """Waiting for approval by an organiser who has not given it: a line manager may have to as well."""
        return self.filter(
            state=Registration.State.AWAITING_APPROVAL,
            approved_at__isnull=True,
            event__needs_approval=True,
            event__cancelled_at__isnull=True,
        )

    def with_address(self) -> Self:
        """Of people who can be written to: not of those who left, nor of guests who gave no address."""
        return self.filter(Q(member__isnull=False) | ~Q(guest_email=""))

    def of_named_guests(self) -> Self:
        """Of people without an account who are still known here."""
        known = ~Q(guest_name="") | ~Q(guest_email="") | ~Q(guest_organisation="")
        return self.filter(known, member__isnull=True)

    def count_by_state(self) -> dict[str, int]:
        """How many in each state; states that nobody is in are absent."""
        counted = self.order_by().values_list("state").annotate(number=Count("pk"))
        return dict(counted)

    def count_by_claim(self) -> dict[Claim, int]:
        """How many on which places; claims that nobody has are absent."""
        counted = self.order_by().values_list("organisation", "is_invited").annotate(number=Count("pk"))
        return {Claim(organisation, is_invited): number for organisation, is_invited, number in counted}

    def look(self, event: "EventPage", member: "User", now: datetime) -> Look:
        """The room of one event, the end of its line and whether a member is in it already. With its row held.

        One query where it does not matter who has the places.
        """
        with connections[self.db].cursor() as cursor:
            cursor.execute(_LOOK, [member.pk, event.pk])
            taken, offered, waiting, last_number, of_member = cursor.fetchone()
        room = Room(
            capacity=event.capacity,
            reserved=event.places_reserved(now),
            per_organisation=event.places_per_organisation,
            taken=taken,
            waiting=waiting,
            offered=offered,
        )
        return Look(self.room_of(event, now) if room.asks_who else room, last_number, of_member > 0)

    def room_of(self, event: "EventPage", now: datetime) -> Room:
        """The places of one event and who has them: one query, and a plain one where it does not matter who."""
        here = self.filter(event=event.pk)
        room = Room(
            capacity=event.capacity,
            reserved=event.places_reserved(now),
            per_organisation=event.places_per_organisation,
        )
        if not room.asks_who:
            number = here.count_by_state()
            room.taken = sum(number.get(state, 0) for state in Registration.HOLDING_A_PLACE)
            room.waiting = number.get(Registration.State.WAITING, 0)
            room.offered = number.get(Registration.State.OFFERED, 0)
            return room
        rows = (
            here.filter(state__in=[*Registration.HOLDING_A_PLACE, Registration.State.WAITING])
            .order_by()
            .values_list("state", "organisation", "is_invited")
            .annotate(number=Count("pk"))
        )
        for state, organisation, is_invited, number in rows:
            if state == Registration.State.WAITING:
                room.wait(Claim(organisation, is_invited), number)
            else:
                room.take(Claim(organisation, is_invited), number)
                room.offered += number if state == Registration.State.OFFERED else 0
        return room


class Registration(models.Model):
    """One member's registration for one event."""

    class State(models.TextChoices):
        AWAITING_APPROVAL = "awaiting approval", "Waiting for approval"
        CONFIRMED = "confirmed", "Registered"
        WAITING = "waiting", "On the waiting list"
        OFFERED = "offered", "Place offered"
        # Hoped for a place when the membership was suspended: passed over until that is lifted.
        SET_ASIDE = "set aside", "Set aside while suspended"
        DECLINED = "declined", "Declined"
        EXPIRED = "expired", "Offer ended"
        CANCELLED = "cancelled", "Cancelled"

    ACTIVE: ClassVar[list[str]] = [
        State.AWAITING_APPROVAL,
        State.CONFIRMED,
        State.WAITING,
        State.OFFERED,
        State.SET_ASIDE,
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
    week_reminded_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    thanked_at = models.DateTimeField(null=True, blank=True)

    # What was answered, by the question's key. Sensitive answers stand in a table of their own.
    answers = models.JSONField(default=dict, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    # Counts for the places that are kept for invited people.
    is_invited = models.BooleanField(default=False)
    # Added at the door, where nobody asks whether there is room.
    is_walk_in = models.BooleanField(default=False)
    # A walk-in without an account. Erased some time after the event.
    guest_name = models.CharField(max_length=200, blank=True)
    guest_email = models.EmailField(blank=True)
    # As they gave it, where it is none that the portal knows.
    guest_organisation = models.CharField(max_length=200, blank=True)
    # When an organiser approved it, where the event asks for that.
    approved_at = models.DateTimeField(null=True, blank=True)
    declined_reason = models.TextField(max_length=1000, blank=True)
    # Shared by those that were made at once for the dates of a course: see `events.together`.
    booked_together = models.UUIDField(null=True, blank=True, db_index=True)

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
                condition=Q(state__in=["awaiting approval", "confirmed", "waiting", "offered", "set aside"]),
                name="events_registration_one_active_per_member",
            ),
            models.UniqueConstraint(
                fields=["event", "waiting_number"], name="events_registration_one_place_in_line"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["waiting", "set aside"]) | Q(waiting_number__isnull=False),
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
                        "set aside",
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
    def name(self) -> str:
        """Who it is, for those who may know: of one that came with its member."""
        if self.member is not None:
            return self.member.get_full_name() or self.member.email
        return self.guest_name or ("Somebody who walked in" if self.is_walk_in else "A member who has left")

    @property
    def organisation_name(self) -> str:
        """Where they work, or nothing: of one that came with its organisation."""
        return self.organisation.name if self.organisation else self.guest_organisation

    @property
    def address(self) -> str:
        """Where letters go; empty where nobody can be written to."""
        return self.member.email if self.member is not None else self.guest_email

    @property
    def is_active(self) -> bool:
        return self.state in self.ACTIVE

    @property
    def holds_a_place(self) -> bool:
        return self.state in self.HOLDING_A_PLACE

    @property
    def is_suspended(self) -> bool:
        """Whether whoever it is for is shut out at the moment: of one that came with its member."""
        return self.member is not None and self.member.state == self.member.State.SUSPENDED

    @property
    def claim(self) -> Claim:
        """On which places it counts."""
        return Claim(self.organisation_id, self.is_invited)

    def chosen_sessions(self) -> "list[Session]":
        """In the order of the day. One query."""
        return self.session_places.all().sessions_by_registration().get(self.pk, [])

    def count_ahead(self, now: datetime, room: Room | None = None) -> int:
        """How many come first in the line of its event; 0 for those who do not wait, without asking.

        `room` is the event's, where it was counted already. One query, and one more where it matters who has places.
        """
        if self.state != self.State.WAITING:
            return 0
        everybody = Registration.objects.filter(event=self.event_id)
        line = everybody.waiting().filter(waiting_number__lt=self.waiting_number)
        if not self.event.asks_who_comes(now):
            return line.count()
        room = room or Registration.objects.room_of(self.event, now)
        return room.number_ahead_of(self.claim, line.count_by_claim())


class SensitiveAnswers(models.Model):
    """What somebody needs to take part. Read by named organisers alone, erased after the event."""

    registration = models.OneToOneField(
        Registration, on_delete=models.CASCADE, related_name="sensitive_answers"
    )
    answers = models.JSONField(default=dict)

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return f"answers {self.pk}"


class RegistrationStep(models.Model):
    """One line of a registration's history: who did what, when. Only ever added."""

    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="steps")
    at = models.DateTimeField()
    # The action's name, for example "book_place".
    verb = models.CharField(max_length=40)
    # Empty: the portal itself (an offer that ended), or somebody who has left.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    # What a reader needs beside the verb: the state before and after, sessions. Never an answer's text.
    detail = models.JSONField(default=dict, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering: ClassVar[list[str]] = ["registration", "at", "pk"]

    def __str__(self) -> str:
        return f"step {self.pk}"
