"""Conferences and workshops, as pages, and the list of them."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from wagtail.fields import StreamField
from wagtail.models import PageManager
from wagtail.query import PageQuerySet
from wagtail.search import index

from events import editing, listing, timetable, wording
from events.models.admission import Admission
from events.models.figures import RecordedFigures
from events.models.happening import HasProgramme
from events.models.invitations import Invitation, InvitedAs
from events.models.materials import Material
from events.models.programme import Venue
from events.models.registrations import Registration
from events.models.team import RUN_ALL_EVENTS, TeamMember
from events.places import Claim, Places
from events.standing import standing
from pages.blocks import BodyBlock
from pages.models import PortalPage, address_of
from pages.privacy import closed_to, is_anything_private

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.http import HttpRequest

    from members.models import User

# No event lasts longer. The list of upcoming events counts on it: what began before cannot be on now.
LONGEST = timedelta(days=62)

# Addresses under /events/ that are no pages: a page of that name could never be reached.
TAKEN_SLUGS = frozenset({"calendar", "cpd-record", "invitations", "materials", "registrations"})


def validate_time_zone(name: str) -> None:
    """Raise ValidationError unless it is a zone of the tz database, such as Europe/London."""
    if name not in available_timezones():
        raise ValidationError("Choose a time zone from the list, for example Europe/London.")


class EventIndexPage(PortalPage):
    """The list of all events, upcoming and past."""

    max_count = 1
    subpage_types: ClassVar[list[str]] = [
        "events.ConferencePage",
        "events.WorkshopPage",
        "events.SeriesPage",
    ]
    template = "events/event_index_page.html"

    class Meta:
        verbose_name = "list of events"

    def get_context(self, request: "HttpRequest", *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context["listing"] = listing.read(
            EventPage.objects.listed_for(request.user),
            request.GET,
            now=timezone.now(),
            url=self.get_url(request) or "",
            kinds=EventPage.Kind.choices,
            formats=EventPage.Format.choices,
        )
        return context


class SeriesPage(PortalPage):
    """Events that belong together: the dates of a course, or a conference year by year."""

    body = StreamField(BodyBlock(), blank=True, verbose_name="about the series")
    is_booked_as_one = models.BooleanField(
        "all dates are booked at once or none",
        default=False,
        help_text="A course: whoever registers gets a place on every date, or on none.",
    )

    template = "events/series_page.html"
    parent_page_types: ClassVar[list[str]] = ["events.EventIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    content_panels: ClassVar[list] = [*PortalPage.content_panels, "body", "is_booked_as_one"]
    search_fields: ClassVar[list] = [*PortalPage.search_fields, index.SearchField("body")]

    class Meta:
        verbose_name = "series of events"

    @property
    def address(self) -> str:
        """Without a query, which Wagtail's own way of finding it would take."""
        return address_of(self.url_path)

    def get_context(self, request: "HttpRequest", *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        now = timezone.now()
        events = EventPage.objects.listed_for(request.user).filter(series=self.pk)
        context["upcoming"] = list(events.upcoming(now).with_places().for_cards())
        context["past"] = list(events.past(now).with_figures().for_cards())
        return context


class EventQuerySet(PageQuerySet):
    """Events, asked for in the words of the field."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Published events, without those that a Wagtail privacy setting keeps from the user."""
        return self.live().exclude(closed_to(user))

    def listed_for(self, user: "User | AnonymousUser") -> Self:
        """As `visible_to`, for a page that asks several times.

        One small query settles the usual case, that nothing is private at all: the others become plain.
        """
        return self.visible_to(user) if is_anything_private() else self.live()

    def run_by(self, user: "User | AnonymousUser") -> Self:
        """Those in whose team the user is, drafts too; all, for those who run all events."""
        if user.has_perm(RUN_ALL_EVENTS):
            return self
        return self.filter(pk__in=TeamMember.objects.of(user).order_by().values("event"))

    def read_by(self, user: "User | AnonymousUser") -> Self:
        """As `run_by`, without those where the user only checks people in."""
        if user.has_perm(RUN_ALL_EVENTS):
            return self
        return self.filter(pk__in=TeamMember.objects.of(user).reading().order_by().values("event"))

    def upcoming(self, now: datetime) -> Self:
        """Not over yet, the next one first."""
        # The bound on the start says nothing new; it lets an index on the start find the first of them.
        return self.filter(ends_at__gte=now, starts_at__gte=now - LONGEST).order_by("starts_at", "pk")

    def past(self, now: datetime) -> Self:
        """Over, the latest first."""
        return self.filter(ends_at__lt=now, starts_at__lt=now).order_by("-starts_at", "-pk")

    def locked(self) -> Self:
        """Held until the transaction ends: whoever changes an event's registrations waits here.

        Of the event's own row alone, and not of its key, so that nobody who only reads it waits.
        """
        return self.select_for_update(of=("self",), no_key=True)

    def with_known_day(self) -> Self:
        """Those that can stand in a calendar."""
        return self.filter(date_precision=EventPage.DatePrecision.TIME)

    def with_form(self) -> Self:
        """Each with how many questions it asks and how many sessions there are to choose: what the form needs."""
        return self.annotate(
            number_of_questions=_NumberOfRows("events_question"),
            number_to_choose=_NumberOfRows(
                "events_session", " AND counted.is_chosen AND NOT counted.is_cancelled"
            ),
        )

    def with_places(self) -> Self:
        """Each with how many places are taken and how many people wait: what `places` needs."""
        return self.annotate(
            places_taken=_NumberOfRegistrations(*Registration.HOLDING_A_PLACE),
            number_waiting=_NumberOfRegistrations(Registration.State.WAITING),
        )

    def for_cards(self) -> Self:
        """Only what a card or a row of a table shows."""
        return self.only(
            "title", "slug", "url_path", "summary", "kind", "format", "starts_at", "ends_at", "date_precision",
            "time_zone", "place", "co_host", "capacity", "has_waiting_list", "shows_numbers", "cancelled_at",
            "recorded_figures",
        )  # fmt: skip

    def with_figures(self) -> Self:
        """Each with what was recorded."""
        return self.select_related("recorded_figures")


class _NumberOfRegistrations(models.Func):
    """How many registrations an event has in some states.

    Written out, because a list asks for it on every page view: a subquery of Django's takes longer to put
    together than the database takes to answer it.
    """

    template = (
        '(SELECT COUNT(*) FROM "events_registration" "counted"'
        ' WHERE "counted"."event_id" = %(expressions)s AND "counted"."state" IN (%(states)s))'
    )
    output_field = models.IntegerField()

    def __init__(self, *states: str) -> None:
        super().__init__(F("pk"), states=", ".join(f"'{state}'" for state in states))


class _NumberOfRows(models.Func):
    """How many rows of a table belong to an event. Written out for the same reason."""

    template = '(SELECT COUNT(*) FROM "%(table)s" counted WHERE counted.event_id = %(expressions)s%(which)s)'
    output_field = models.IntegerField()

    def __init__(self, table: str, which: str = "") -> None:
        super().__init__(F("pk"), table=table, which=which)


class EventPage(Admission, HasProgramme, PortalPage):
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

    # Changed by actions alone, never by an editor's form or an old draft: see `save`.
    OWNED_BY_ACTIONS: ClassVar[tuple[str, ...]] = (
        "uuid",
        "cancelled_at",
        "cancellation_reason",
        "calendar_sequence",
        "announced",
        "changed_letters",
    )

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.WORKSHOP)
    format = models.CharField(max_length=20, choices=Format.choices, default=Format.IN_PERSON)
    starts_at = models.DateTimeField("starts")
    ends_at = models.DateTimeField("ends")
    date_precision = models.CharField(
        "how much is known of the date",
        max_length=10,
        choices=DatePrecision.choices,
        default=DatePrecision.TIME,
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
        help_text="Empty: counted from the sessions attended, or from start to end where there are none.",
    )
    cancelled_at = models.DateTimeField(null=True, blank=True, editable=False)
    cancellation_reason = models.TextField(max_length=1000, blank=True, editable=False)
    # Counts what calendars were told: a file with a higher number replaces the one before (RFC 5545).
    calendar_sequence = models.PositiveIntegerField(default=0, editable=False)
    # Title, time and place as those registered were last told. Empty before the first publication.
    announced = models.JSONField(default=dict, blank=True, editable=False)
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
    def has_door(self) -> bool:
        """Whether people come to a place at a time that is known, and show a code there."""
        return self.has_known_day and self.format != self.Format.ONLINE

    @property
    def is_joined_online(self) -> bool:
        """Whether some or all of the people come by a joining link."""
        return self.format != self.Format.IN_PERSON

    @property
    def has_known_day(self) -> bool:
        return self.date_precision == self.DatePrecision.TIME

    @property
    def when(self) -> str:
        return wording.when(
            self.starts_at, self.ends_at, precision=self.date_precision, time_zone=self.time_zone
        )

    @property
    def date_shown(self) -> wording.DateShown:
        return wording.date_shown(self.starts_at, precision=self.date_precision, time_zone=self.time_zone)

    @property
    def where(self) -> str:
        return wording.where(self.format, self.place)

    @property
    def where_in_full(self) -> str:
        """With the venue's name. Asks for the venue unless it came along."""
        return wording.where(self.format, self.place, self.venue.name if self.venue else "")

    @property
    def co_hosts(self) -> str:
        """For example "the College, Kent Police and the Home Office"."""
        return wording.listed(filter(None, map(str.strip, self.co_host.split(";"))))

    @property
    def places(self) -> Places:
        """Of an event that came `with_places`. Otherwise AttributeError: a property asks no database."""
        return Places(capacity=self.capacity, taken=self.places_taken, waiting=self.number_waiting)

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

        Five queries, seven signed in.
        """
        context = super().get_context(request, *args, **kwargs)
        now = timezone.now()
        self._fetch_series()
        context.update(self.standing_of(request.user, now), event=self, now=now)
        sessions = self.programme()
        context["days"] = timetable.in_short(sessions, time_zone=self.time_zone, url_of=self.session_url)
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

    def _fetch_series(self) -> None:
        """Only what the page says of it. All of it, text and settings of a page, takes as long as all the rest."""
        if self.series_id:
            known = SeriesPage.objects.only("title", "url_path", "live", "is_booked_as_one")
            self.series = known.filter(pk=self.series_id).first()

    def standing_of(self, user: "User | AnonymousUser", now: datetime) -> dict[str, Any]:
        """`standing`, `places`, `registration` and `ahead`: what pages and forms of the event show."""
        asks = self.asks_for_invitation(now)
        invited = Invitation.objects.invited_as(self.pk, user, now) if asks else InvitedAs()
        claim = Claim(getattr(user, "organisation_id", None), invited.keeps_place)
        places = Registration.objects.room_of(self, now).places_for(claim)
        registration = (
            Registration.objects.visible_to(user).active().filter(event=self.pk).first()
            if user.is_authenticated
            else None
        )
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
            "ahead": registration.count_ahead() if registration else 0,
        }


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
