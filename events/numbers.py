"""What an organiser wants to know of an event at a glance. The same few queries for any number of people."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import TruncDate

from events.models import Attendance, EventPage, Registration, Session, SessionPlace
from members.models import OrganisationKind
from pages import dates

State = Registration.State

# A column for each day, as long as they can be told apart; then one for each week.
MOST_DAYS = 42
NOT_GIVEN = "Not given"


@dataclass
class Group:
    """The people of one organisation, or of one kind of organisation."""

    name: str
    registered: int = 0
    # On the waiting list, with a place on offer, or waiting for approval.
    pending: int = 0
    attended: int = 0

    @property
    def total(self) -> int:
        return self.registered + self.pending


@dataclass(frozen=True)
class Span:
    """A day or a week: how many registered in it, and how many had by its end."""

    name: str
    new: int
    so_far: int


@dataclass(frozen=True)
class SessionNumbers:
    """How many chose a session and how many were there."""

    session: Session
    chosen: int
    attended: int


@dataclass
class Numbers:
    """All of it."""

    by_state: Mapping[str, int]
    attended: int
    organisations: list[Group]
    kinds: list[Group]
    over_time: list[Span] = field(default_factory=list)
    is_by_week: bool = False
    sessions: list[SessionNumbers] = field(default_factory=list)
    invited: Mapping[str, int] = field(default_factory=dict)

    def of(self, *states: str) -> int:
        return sum(self.by_state.get(state, 0) for state in states)

    @property
    def total(self) -> int:
        return sum(self.by_state.values())


def numbers_of(event: EventPage) -> Numbers:
    """Seven queries."""
    by_state: Counter[str] = Counter()
    organisations: dict[str, Group] = {}
    kinds: dict[str, Group] = {}
    for name, kind, state, number, attended in _by_organisation(event):
        by_state[state] += number
        kind_name = OrganisationKind(kind).label if kind else NOT_GIVEN
        for groups, key in ((organisations, name or NOT_GIVEN), (kinds, kind_name)):
            group = groups.setdefault(key, Group(key))
            group.attended += attended
            if state == State.CONFIRMED:
                group.registered += number
            elif state in Registration.ACTIVE:
                group.pending += number
    spans, is_by_week = _over_time(event)
    return Numbers(
        by_state=by_state,
        attended=sum(group.attended for group in organisations.values()),
        organisations=_in_order(organisations.values()),
        kinds=_in_order(kinds.values()),
        over_time=spans,
        is_by_week=is_by_week,
        sessions=_sessions(event),
        invited=_invited(event),
    )


def _by_organisation(event: EventPage) -> Iterable[tuple[str | None, str | None, str, int, int]]:
    present = Attendance.objects.present().filter(registration=OuterRef("pk"))
    return (
        event.registrations.order_by()
        .annotate(was_there=Exists(present))
        .values_list("organisation__name", "organisation__kind", "state")
        .annotate(number=Count("pk"), attended=Count("pk", filter=Q(was_there=True)))
    )


def _in_order(groups: Iterable[Group]) -> list[Group]:
    """The largest first; those with nobody left in them are no news."""
    counted = (group for group in groups if group.total or group.attended)
    return sorted(counted, key=lambda group: (-group.total, -group.attended, group.name))


def _over_time(event: EventPage) -> tuple[list[Span], bool]:
    """Everybody who ever registered, by the day on which they did; by weeks from Monday where it is long."""
    zone = ZoneInfo(event.time_zone)
    by_day: dict[date, int] = dict(
        event.registrations.order_by()
        .annotate(day=TruncDate("registered_at", tzinfo=zone))
        .values_list("day")
        .annotate(number=Count("pk"))
    )
    if not by_day:
        return [], False
    first, last = min(by_day), max(by_day)
    is_by_week = (last - first).days >= MOST_DAYS
    step = timedelta(days=7 if is_by_week else 1)
    begin = first - timedelta(days=first.weekday()) if is_by_week else first
    spans: list[Span] = []
    so_far = 0
    while begin <= last:
        new = sum(by_day.get(begin + timedelta(days=offset), 0) for offset in range(step.days))
        so_far += new
        spans.append(Span(_day_in_words(begin, is_by_week=is_by_week), new, so_far))
        begin += step
    return spans, is_by_week


def _day_in_words(day: date, *, is_by_week: bool) -> str:
    words = f"{day.day} {dates.MONTHS[day.month - 1]} {day.year}"
    return f"Week from {words}" if is_by_week else words


def _sessions(event: EventPage) -> list[SessionNumbers]:
    """Those that people choose, and those where somebody was."""
    chosen = SessionPlace.objects.filter(session__event=event).taken().count_by_session()
    present = Attendance.objects.present().filter(session__event=event)
    attended = dict(present.order_by().values_list("session").annotate(number=Count("pk")))
    return [
        SessionNumbers(session, chosen.get(session.pk, 0), attended.get(session.pk, 0))
        for session in Session.objects.filter(event=event.pk).in_order()
        if session.is_chosen or session.pk in attended
    ]


def _invited(event: EventPage) -> Counter[str]:
    """How many of those invited are in each standing; also of those whose addresses are erased."""
    numbers = Counter(event.invitations.count_by_standing())
    for erased in event.invitation_waves.filter(erased_at__isnull=False).values_list("numbers", flat=True):
        numbers.update(erased)
    return numbers
