"""Conferences and workshops, as pages."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from wagtail.fields import StreamField
from wagtail.models import PageManager
from wagtail.search import index

from events import editing, timetable
from events.models.admission import Admission, Audience
from events.models.attendance import Certificate
from events.models.event_queries import LONGEST, EventQuerySet
from events.models.figures import RecordedFigures
from events.models.happening import HasProgramme
from events.models.in_words import InWords
from events.models.invitations import Invitation, InvitedAs
from events.models.materials import Material
from events.models.programme import Venue
from events.models.registrations import Registration
from events.models.series import SeriesPage
from events.places import Claim, Places
from events.standing import Standing, Visitor, standing
from pages.blocks import BodyBlock
from pages.models import PortalPage

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.http import HttpRequest

    from members.models import User

# Addresses under /events/ that are no pages: a page of that name could never be reached.
TAKEN_SLUGS = frozenset({"calendar", "cpd-record", "invitations", "materials", "registrations"})


def validate_time_zone(name: str) -> None:
    """Raise ValidationError unless it is a zone of the tz database, such as Europe/London."""
    if name not in available_timezones():
        raise ValidationError("Choose a time zone from the list, for example Europe/London.")


def validate_hours(hours: Decimal) -> None:
    """Raise ValidationError for hours that no certificate can be for."""
    if hours <= 0:
        raise ValidationError("Give more than 0 hours, or leave this empty.")


class EventPage(Admission, HasProgramme, InWords, PortalPage):
    """An event that people can come to. Made as a conference or a workshop."""

    class Kind(models.TextChoices):
        CONFERENCE = "conference", "Conference"
        WORKSHOP = "workshop", "Workshop"
        CASE_CLINIC = "case clinic", "Case clinic"
        REFRESHER = "refresher", "Refresher"

    # Changed by actions alone, never by an editor's form or an old draft: see `save`.
    OWNED_BY_ACTIONS: ClassVar[tuple[str, ...]] = (
        "uuid",
        "cancelled_at",
        "cancellation_reason",
        "calendar_sequence",
        "announced",
        "sent_sessions",
        "changed_letters",
    )

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.WORKSHOP)
    format = models.CharField(max_length=20, choices=InWords.Format.choices, default=InWords.Format.IN_PERSON)
    starts_at = models.DateTimeField("starts")
    ends_at = models.DateTimeField("ends")
    date_precision = models.CharField(
        "how much is known of the date",
        max_length=10,
        choices=InWords.DatePrecision.choices,
        default=InWords.DatePrecision.TIME,
    )
    time_zone = models.CharField(
        max_length=60,
        default="Europe/London",
        validators=[validate_time_zone],
        help_text="The clock that people read at the event.",
    )
    place = models.CharField(
        max_length=120, blank=True, help_text="For example: Midlands. Empty where it is online."
    )
    venue = models.ForeignKey(Venue, on_delete=models.SET_NULL, null=True, blank=True, related_name="events")
    joining_url = models.URLField("joining link", blank=True, help_text="Only people with a place see it.")
    hours_joining_link_shows = models.PositiveSmallIntegerField(
        "hours before the start from which the joining link shows", default=24
    )
    co_host = models.CharField(
        "together with", max_length=200, blank=True, help_text="Several: with a semicolon between them."
    )
    series = models.ForeignKey(
        "events.SeriesPage", on_delete=models.SET_NULL, null=True, blank=True, related_name="events"
    )
    body = StreamField(BodyBlock(), blank=True, verbose_name="about the event")
    recorded_figures = models.ForeignKey(
        RecordedFigures,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="events",
        help_text="After the event: who came and who answered.",
    )
    gives_certificates = models.BooleanField("certificates of attendance", default=True)
    certificate_hours = models.DecimalField(
        "CPD hours",
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[validate_hours],
        help_text="Empty: counted from the sessions attended, or from start to end where there are none.",
    )
    cancelled_at = models.DateTimeField(null=True, blank=True, editable=False)
    cancellation_reason = models.TextField(max_length=1000, blank=True, editable=False)
    # Counts what calendars were told: a file with a higher number replaces the one before (RFC 5545).
    calendar_sequence = models.PositiveIntegerField(default=0, editable=False)
    # Title, time and place as those registered were last told. Empty before the first publication.
    announced = models.JSONField(default=dict, blank=True, editable=False)
    # Keys of the sessions that went out as calendar entries of their own, and have to be taken back with the event.
    sent_sessions = models.JSONField(default=list, blank=True, editable=False)
    # Which of its letters say what its organisers wrote: the number of the wording, by the kind of letter. The
    # same as in EventLetter; here, so that a booking asks no more than it did.
    changed_letters = models.JSONField(default=dict, blank=True, editable=False)

    objects: ClassVar[PageManager] = PageManager.from_queryset(EventQuerySet)()

    base_form_class = editing.EventPageForm
    copy_form_class = editing.CopyEventForm
    search_fields: ClassVar[list] = [
        *PortalPage.search_fields,
        index.SearchField("place"),
        index.SearchField("co_host"),
        index.SearchField("body"),
    ]
    parent_page_types: ClassVar[list[str]] = []  # only as a conference or a workshop
    subpage_types: ClassVar[list[str]] = []
    # A copy has its own life: what became of this one, and when it shows and vanishes, stays here.
    exclude_fields_in_copy: ClassVar[list[str]] = [
        *OWNED_BY_ACTIONS,
        "recorded_figures",
        "go_live_at",
        "expire_at",
    ]

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            # Everything the list of events filters and counts by, in the order in which it is shown.
            models.Index(
                fields=["starts_at", "page_ptr", "ends_at", "kind", "format"], name="events_event_by_start"
            ),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(ends_at__gte=F("starts_at")), name="events_event_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(registration_closes_at__isnull=True)
                | Q(registration_closes_at__lte=F("ends_at")),
                name="events_event_registration_closes_before_end",
            ),
            models.CheckConstraint(
                condition=Q(registration_opens_at__isnull=True)
                | Q(registration_closes_at__isnull=True)
                | Q(registration_opens_at__lt=F("registration_closes_at")),
                name="events_event_registration_opens_before_closing",
            ),
            *Admission.ADMISSION_CONSTRAINTS,
        ]

    def clean(self) -> None:
        super().clean()
        errors = dict(self._problems())
        if errors:
            raise ValidationError(errors)

    def _problems(self) -> Iterator[tuple[str, str]]:
        """Field and sentence of all that contradicts itself. A draft may lack its dates."""
        start, end = self.starts_at, self.ends_at
        opens, closes = self.registration_opens_at, self.registration_closes_at
        if start and end and end <= start:
            yield "ends_at", "The event ends before it starts. Give a later end."
        elif start and end and end - start > LONGEST:
            yield "ends_at", f"An event lasts at most {LONGEST.days} days. Make a second event of the rest."
        if closes and end and closes > end:
            yield (
                "registration_closes_at",
                "Registration would close after the event is over. Give an earlier time.",
            )
        if opens and closes and opens >= closes:
            yield "registration_opens_at", "Registration would open after it closes. Give an earlier time."
        if opens and start and not closes and opens >= start:
            yield (
                "registration_opens_at",
                "Registration would open after the event starts. Give an earlier time.",
            )
        if self.format == self.Format.ONLINE and self.place:
            yield "place", "An online event has no place. Leave this empty, or choose “In person and online”."
        if self.slug in TAKEN_SLUGS:
            yield "slug", f"The portal uses “{self.slug}” itself. Choose another."

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> Any:
        """Save what editors write, and leave what actions write as the database has it.

        Wagtail publishes by loading a page, filling in a draft and saving all of it. Without this, an
        older draft, or a cancellation in between, would undo what happened since. To change such a field
        outside the actions, name it in `update_fields`.
        """
        if self._state.adding and self.live:
            self.announced = self.calendar_facts()
        elif not self._state.adding and kwargs.get("update_fields") is None:
            self._take_from_database(self.OWNED_BY_ACTIONS)
            self.keep_sessions_in_use()
        return super().save(*args, **kwargs)

    def _take_from_database(self, names: tuple[str, ...]) -> None:
        kept = EventPage.objects.filter(pk=self.pk).locked()
        for name, value in (kept.values(*names).first() or {}).items():
            setattr(self, name, value)

    @property
    def is_cancelled(self) -> bool:
        return self.cancelled_at is not None

    @property
    def places(self) -> Places:
        """For anybody who was not invited. Of an event that came `with_places_left`: a property asks no database."""
        return Places(
            capacity=self.capacity,
            taken=self.places_taken,
            waiting=self.number_ahead,
            kept=self.places_kept,
        )

    @property
    def standing_in_list(self) -> Standing:
        """Where a reader stands who has no registration. Of an event that came `with_places_left` and `for_reader`."""
        others = Visitor.UNINVITED if self.audience == Audience.INVITED else Visitor.STRANGER
        visitor = Visitor.NOBODY if self.is_for_reader else others
        return standing(self, places=self.places, registration=None, visitor=visitor, now=self.asked_at)

    @property
    def closes_at(self) -> datetime:
        """When registration closes."""
        return self.registration_closes_at or self.starts_at

    @property
    def gives_places_until(self) -> datetime:
        """The last moment at which somebody on the waiting list can take a place."""
        return max(self.starts_at, self.closes_at)

    def is_closed(self, now: datetime) -> bool:
        return self.closes_at <= now

    def calendar_facts(self) -> dict[str, Any]:
        """What people plan their day by: if any of it changes, those it matters to are told."""
        return {
            "title": self.title,
            "starts_at": self.starts_at.astimezone(UTC).isoformat(),
            "ends_at": self.ends_at.astimezone(UTC).isoformat(),
            "precision": self.date_precision,
            "time_zone": self.time_zone,
            "format": self.format,
            "place": self.place,
            "venue": self.venue.name if self.venue else "",
            "sessions": {str(each.key): each.calendar_facts() for each in self.sessions.all()},
        }

    def get_context(self, request: "HttpRequest", *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Where the reader stands with the event, what happens at it, and what came of it.

        Five queries, eight signed in; one more where chosen organisations may come, or of somebody's certificate.
        """
        context = super().get_context(request, *args, **kwargs)
        now = timezone.now()
        self._fetch_series()
        context.update(self.standing_of(request.user, now), event=self, now=now)
        context["course"] = (
            self.series if self.series and self.series.live and self.series.is_booked_as_one else None
        )
        if context["course"] is not None and context["standing"].shows_places:
            context.update(context["course"].standing_of_all(request.user, now))
        context["audience"] = self._only_for(context["standing"])
        context["invitation"] = self._invitation_of(request.user, context, now)
        context["certificate"] = _certificate_of(context["registration"]) if self.is_over(now) else None
        sessions = self.programme()
        context["days"] = timetable.in_short(
            sessions, time_zone=self.time_zone, url_of=self.session_url, places_of=self.places_of(now)
        )
        context["chooses_sessions"] = any(each.is_chosen and not each.is_cancelled for each in sessions)
        context["speakers"] = timetable.speakers_of(sessions)
        context["materials"] = list(
            # By its key: a page that is previewed before it is saved has none yet.
            Material.objects.filter(event=self.pk).visible_to(request.user, now).with_session_title()
        )
        if self.recorded_figures_id:
            context["counted_with"] = list(
                EventPage.objects.filter(recorded_figures=self.recorded_figures_id)
                .exclude(pk=self.pk)
                .order_by("starts_at")
                .only("title", "starts_at", "time_zone")
            )
        return context

    def _only_for(self, standing: Standing) -> str:
        """For whom the event is, if not for all members: for readers who may want to come, and do not know that they may."""
        if standing.may_register or not (standing.shows_places or standing == Standing.NOT_FOR_YOU):
            return ""
        if self.audience == Audience.CHOSEN:
            return self.audience_in_words()
        return "people who were invited" if self.audience == Audience.INVITED else ""

    def _invitation_of(
        self, user: "User | AnonymousUser", here: dict[str, Any], now: datetime
    ) -> Invitation | None:
        """What a reader was invited with who has not registered. One query, none where it was asked before."""
        if here["registration"] is not None or not (user.is_authenticated and here["standing"].shows_places):
            return None
        asked = self.asks_for_invitation(now)
        invited = here["invited"] if asked else Invitation.objects.invited_as(self.pk, user, now)
        found: Invitation | None = invited.invitation
        return found

    def _fetch_series(self) -> None:
        """Only what the page says of it. All of it, text and settings of a page, takes as long as all the rest."""
        if self.series_id:
            known = SeriesPage.objects.only("title", "url_path", "live", "is_booked_as_one")
            self.series = known.filter(pk=self.series_id).first()

    def standing_of(self, user: "User | AnonymousUser", now: datetime) -> dict[str, Any]:
        """`standing`, `places`, `registration` and `ahead`: what pages and forms of the event show.

        `registration` is an active one; `declined` is one that was refused, with none since. `invited` is asked only
        where it matters who was.
        """
        asks = self.asks_for_invitation(now)
        invited = Invitation.objects.invited_as(self.pk, user, now) if asks else InvitedAs()
        claim = Claim(getattr(user, "organisation_id", None), invited.keeps_place)
        room = Registration.objects.room_of(self, now)
        places = room.places_for(claim)
        last = (
            Registration.objects.visible_to(user).active_or_declined().filter(event=self.pk).last()
            if user.is_authenticated
            else None
        )
        registration = last if last is not None and last.is_active else None
        if registration is not None:
            registration.event = self
        return {
            "standing": standing(
                self,
                places=places,
                registration=registration,
                visitor=self.visitor(user, is_invited=invited.is_invited),
                now=now,
            ),
            "places": places,
            "registration": registration,
            "declined": None if registration else last,
            "invited": invited,
            "ahead": registration.count_ahead(now, room) if registration else 0,
        }


def _certificate_of(registration: Registration | None) -> Certificate | None:
    """The valid one. No query for somebody who was not registered."""
    if registration is None:
        return None
    return Certificate.objects.valid().filter(registration=registration).first()


class ConferencePage(EventPage):
    """A conference: several streams, one day or more."""

    template = "events/event_page.html"
    parent_page_types: ClassVar[list[str]] = ["events.EventIndexPage"]
    content_panels: ClassVar[list] = [*PortalPage.content_panels, *editing.content_panels([])]

    class Meta:
        verbose_name = "conference"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if not args:  # rows from the database come as arguments by place
            kwargs.setdefault("kind", self.Kind.CONFERENCE)
        super().__init__(*args, **kwargs)


class WorkshopPage(EventPage):
    """A workshop, case clinic or refresher: one room, one topic."""

    template = "events/event_page.html"
    parent_page_types: ClassVar[list[str]] = ["events.EventIndexPage"]
    content_panels: ClassVar[list] = [
        *PortalPage.content_panels,
        *editing.content_panels(
            [(value, label) for value, label in EventPage.Kind.choices if value != EventPage.Kind.CONFERENCE]
        ),
    ]

    class Meta:
        verbose_name = "workshop, case clinic or refresher"
