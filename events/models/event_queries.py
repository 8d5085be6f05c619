"""Events, asked for in the words of the field."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Cast, Coalesce, Concat, StrIndex
from django.db.models.lookups import GreaterThan
from wagtail.query import PageQuerySet

from events.models.admission import Audience
from events.models.invitations import Invitation
from events.models.registrations import Registration
from events.models.team import RUN_ALL_EVENTS, TeamMember
from members.domains import domain_of
from members.models import Organisation, User
from pages.privacy import closed_to, is_anything_private

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

# No event lasts longer. The list of upcoming events counts on it: what began before cannot be on now.
LONGEST = timedelta(days=62)


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

    def managed_by(self, user: "User | AnonymousUser") -> Self:
        """As `run_by`, where the user decides on registrations."""
        if user.has_perm(RUN_ALL_EVENTS):
            return self
        return self.filter(pk__in=TeamMember.objects.of(user).managing().order_by().values("event"))

    def upcoming(self, now: datetime) -> Self:
        """Not over yet, the next one first."""
        # The bound on the start says nothing new; it lets an index on the start find the first of them.
        return self.filter(ends_at__gte=now, starts_at__gte=now - LONGEST).order_by("starts_at", "pk")

    def taking_registrations(self, now: datetime) -> Self:
        """Published and ahead, and registration is not closed yet."""
        closes = Q(registration_closes_at__gt=now) | Q(registration_closes_at__isnull=True, starts_at__gt=now)
        return self.live().upcoming(now).filter(closes, cancelled_at__isnull=True)

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
        return self.filter(date_precision=self.model.DatePrecision.TIME)

    def with_course(self) -> Self:
        """Each with `is_date_of_course`: whether it can only be booked with all other dates of its series."""
        return self.annotate(is_date_of_course=_IsDateOfCourse())

    def with_form(self) -> Self:
        """Each with how many questions it asks and how many sessions there are to choose: what the form needs."""
        return self.with_course().annotate(
            number_of_questions=_NumberOfRows("events_question"),
            number_to_choose=_NumberOfRows(
                "events_session", " AND counted.is_chosen AND NOT counted.is_cancelled"
            ),
        )

    def for_form(self) -> Self:
        """Only what reading a form that was sent asks."""
        return self.only("audience", "needs_manager", "needs_approval", "time_zone", "series")

    def for_places(self) -> Self:
        """Only what giving places asks, and what letters say of the event."""
        return self.only(
            "live", "title", "slug", "url_path", "last_published_at", "summary", "audience", "audience_kinds",
            "audience_domains", "capacity",
            "places_per_organisation", "reserved_places", "reserved_until", "has_waiting_list",
            "hours_to_take_an_offer", "registration_opens_at", "registration_closes_at", "answers_change_until",
            "needs_approval", "needs_manager", "uuid", "kind", "format", "starts_at", "ends_at", "date_precision",
            "time_zone", "place", "venue", "joining_url", "hours_joining_link_shows", "series", "cancelled_at",
            "calendar_sequence", "changed_letters",
        )  # fmt: skip

    def with_places(self) -> Self:
        """Each with how many places are taken and how many people wait."""
        return self.annotate(
            places_taken=_NumberOfRegistrations(*Registration.HOLDING_A_PLACE),
            number_waiting=_NumberOfRegistrations(Registration.State.WAITING),
        )

    def with_number_to_approve(self) -> Self:
        """Each with how many registrations wait for an organiser to decide."""
        waiting = Registration.objects.awaiting_organiser().filter(event=OuterRef("pk")).order_by()
        counted = waiting.values("event").annotate(number=Count("pk")).values("number")
        return self.annotate(number_to_approve=Coalesce(Subquery(counted), 0))

    def with_places_left(self, now: datetime) -> Self:
        """What `places` needs: how many are taken or kept for invited people, and how many who wait come first."""
        return self.annotate(
            places_taken=_NumberOfRegistrations(*Registration.HOLDING_A_PLACE),
            number_ahead=_NumberAhead(),
            places_kept=_NumberKept(now),
        )

    def for_reader(self, user: "User | AnonymousUser", now: datetime) -> Self:
        """What `standing_in_list` needs beside the places: whether the event is meant for the reader, and the time."""
        return self.annotate(
            is_for_reader=models.ExpressionWrapper(self._meant_for(user), models.BooleanField()),
            asked_at=models.Value(now),
        )

    def _meant_for(self, user: "User | AnonymousUser") -> Q:
        """Of an event whether somebody may come, as `Admission.admits` and an invitation say.

        A visitor may be anybody, but was not invited. No query.
        """
        if not isinstance(user, User):
            return ~Q(audience=Audience.INVITED)
        chosen = Q()
        if domain := domain_of(user.email):
            chosen |= _names("audience_domains", models.Value(domain))
        if user.organisation_id is not None:
            kind = Organisation.objects.filter(pk=user.organisation_id).values("kind")
            named = self.model.audience_organisations.through.objects.filter(
                eventpage=OuterRef("pk"), organisation=user.organisation_id
            )
            chosen |= _names("audience_kinds", models.Subquery(kind)) | Q(Exists(named))
        is_chosen = Q(audience=Audience.CHOSEN) & chosen if chosen else Q()
        invitations = Invitation.objects.filter(event=OuterRef("pk"))
        # One index answers each of the two. Asked together, every invitation to an event would be read.
        is_invited = Q(Exists(invitations.filter(email=user.email))) | Q(
            Exists(invitations.filter(member=user))
        )
        return Q(audience__in=[Audience.EVERYONE, Audience.MEMBERS]) | is_chosen | is_invited

    def for_cards(self) -> Self:
        """Only what a card or a row of a table shows."""
        return self.only(
            "title", "slug", "url_path", "summary", "kind", "format", "starts_at", "ends_at", "date_precision",
            "time_zone", "place", "co_host", "capacity", "has_waiting_list", "shows_numbers", "cancelled_at",
            "recorded_figures", "audience", "registration_opens_at", "registration_closes_at",
        )  # fmt: skip

    def with_figures(self) -> Self:
        """Each with what was recorded."""
        return self.select_related("recorded_figures")


def _names(field: str, value: models.Value | models.Subquery) -> Q:
    """Whether a list that is kept as JSON has a value, of letters that JSON writes as they are."""
    quoted = Concat(models.Value('"'), value, models.Value('"'), output_field=models.TextField())
    return Q(GreaterThan(StrIndex(Cast(F(field), models.TextField()), quoted), 0))


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


class _NumberAhead(models.Func):
    """How many of those who wait come before somebody new who was not invited. Written out for the same reason.

    As `Room.number_ahead_of` counts them: an organisation that has all its places is passed over.
    """

    output_field = models.IntegerField()

    def __init__(self) -> None:
        super().__init__(F("pk"), F("places_per_organisation"))

    def as_sql(  # type: ignore[override]  # a template takes no part in it
        self, compiler: Any, *_args: Any, **_more: Any
    ) -> tuple[str, list[Any]]:
        """Only names of columns are put together, and states."""
        (event, _), (most, _) = (compiler.compile(each) for each in self.get_source_expressions())
        held = ", ".join(f"'{state}'" for state in Registration.HOLDING_A_PLACE)
        waits = f'"counted"."state" = \'{Registration.State.WAITING}\''
        here = f'FROM "events_registration" "counted" WHERE "counted"."event_id" = {event}'
        by_organisation = (
            f'SELECT COUNT(*) FILTER (WHERE {waits}) AS "number" {here}'
            f' AND ({waits} OR "counted"."state" IN ({held})) GROUP BY "counted"."organisation_id"'
            ' HAVING "counted"."organisation_id" IS NULL'
            f' OR COUNT(*) FILTER (WHERE "counted"."state" IN ({held})) < {most}'
        )
        # A sum of counts is no whole number to PostgreSQL.
        total = 'SELECT CAST(COALESCE(SUM("number"), 0) AS INTEGER)'
        uncapped = f'{total} FROM ({by_organisation}) "uncapped"'
        everybody = f"SELECT COUNT(*) {here} AND {waits}"
        return f"(CASE WHEN {most} IS NULL THEN ({everybody}) ELSE ({uncapped}) END)", []


class _NumberKept(models.Func):
    """How many free places an event keeps for invited people. Written out for the same reason.

    As `Room.kept_from` counts it: those that invited people have taken are kept no more.
    """

    output_field = models.IntegerField()

    def __init__(self, now: datetime) -> None:
        super().__init__(F("pk"), F("reserved_places"), F("reserved_until"), models.Value(now))

    def as_sql(  # type: ignore[override]  # a template takes no part in it
        self, compiler: Any, *_args: Any, **_more: Any
    ) -> tuple[str, list[Any]]:
        """Only names of columns are put together, and states: the one value is a parameter."""
        compiled = [compiler.compile(each) for each in self.get_source_expressions()]
        (event, _), (reserved, _), (until, _), (now, params) = compiled
        held = ", ".join(f"'{state}'" for state in Registration.HOLDING_A_PLACE)
        free = (
            f"SELECT CASE WHEN COUNT(*) < {reserved} THEN {reserved} - COUNT(*) ELSE 0 END"  # noqa: S608 - see above
            ' FROM "events_registration" "counted"'
            f' WHERE "counted"."event_id" = {event} AND "counted"."is_invited"'
            f' AND "counted"."state" IN ({held})'
        )
        return f"(CASE WHEN {reserved} = 0 OR {until} <= {now} THEN 0 ELSE ({free}) END)", list(params)


class _NumberOfRows(models.Func):
    """How many rows of a table belong to an event. Written out for the same reason."""

    template = '(SELECT COUNT(*) FROM "%(table)s" counted WHERE counted.event_id = %(expressions)s%(which)s)'
    output_field = models.IntegerField()

    def __init__(self, table: str, which: str = "") -> None:
        super().__init__(F("pk"), table=table, which=which)


class _IsDateOfCourse(models.Func):
    """Whether the series of an event is booked as one. Written out for the same reason."""

    template = (
        'EXISTS(SELECT 1 FROM "events_seriespage" course'
        " WHERE course.page_ptr_id = %(expressions)s AND course.is_booked_as_one)"
    )
    output_field = models.BooleanField()

    def __init__(self) -> None:
        super().__init__(F("series"))
