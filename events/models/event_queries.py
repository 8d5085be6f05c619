"""Events, asked for in the words of the field."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import F, Q
from wagtail.query import PageQuerySet

from events.models.registrations import Registration
from events.models.team import RUN_ALL_EVENTS, TeamMember
from pages.privacy import closed_to, is_anything_private

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.models import User

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

    def with_places(self) -> Self:
        """Each with how many places are taken and how many people wait."""
        return self.annotate(
            places_taken=_NumberOfRegistrations(*Registration.HOLDING_A_PLACE),
            number_waiting=_NumberOfRegistrations(Registration.State.WAITING),
        )

    def with_places_left(self, now: datetime) -> Self:
        """As `with_places`, and how many free ones are kept for invited people: what `places` needs."""
        return self.with_places().annotate(places_kept=_NumberKept(now))

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
