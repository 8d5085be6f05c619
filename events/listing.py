"""The list of events: what was asked for, which events answer, and the ways on from there.

Below the models: it is handed the events that the reader may see and chooses among them. A filter that
makes no sense is passed over, so an old or mistyped address still shows events.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Self, TypeAlias
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AnonymousUser
from django.db.models import BooleanField, ExpressionWrapper, F, Q, Value
from django.http import QueryDict

from pages import dates

if TYPE_CHECKING:
    from events.models import EventPage, EventQuerySet
    from members.models import User

PAGE_SIZE = 10
PAST_PAGE_SIZE = 5
MONTHS_TO_CHOOSE = 18
# Counting is the one thing here that grows with the number of events, so it stops.
COUNTED_AT_MOST = 250
LONDON = ZoneInfo("Europe/London")
_STAMP = "%Y%m%dT%H%M%S%f"

PLACES_LEFT, OPEN_TO_ME = "Places left", "Open to my organisation"

Choices = Sequence[tuple[str, Any]]


@dataclass(frozen=True)
class Cursor:
    """A place between two events: after (or before) the one that starts then and has that number."""

    starts_at: datetime
    number: int

    @classmethod
    def at(cls, event: "EventPage") -> Self:
        return cls(event.starts_at, event.pk)

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The cursor in an address; None if it is none of ours."""
        stamp, _, number = text.partition("-")
        try:
            return cls(datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC), int(number[:18]))
        except ValueError:
            return None

    def __str__(self) -> str:
        return f"{self.starts_at.astimezone(UTC).strftime(_STAMP)}-{self.number}"

    def later(self) -> Q:
        # The first half says nothing new; it tells the database where in its index to begin.
        return Q(starts_at__gte=self.starts_at) & (
            Q(starts_at__gt=self.starts_at) | Q(starts_at=self.starts_at, pk__gt=self.number)
        )

    def earlier(self) -> Q:
        return Q(starts_at__lte=self.starts_at) & (
            Q(starts_at__lt=self.starts_at) | Q(starts_at=self.starts_at, pk__lt=self.number)
        )


@dataclass(frozen=True)
class Filters:
    """What the reader asked for."""

    kinds: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    has_places: bool = False
    is_for_me: bool = False
    month: date | None = None

    @classmethod
    def read(cls, query: QueryDict, *, kinds: Choices, formats: Choices, is_member: bool = False) -> Self:
        return cls(
            kinds=_known(query.getlist("kind"), kinds),
            formats=_known(query.getlist("how"), formats),
            has_places="left" in query.getlist("places"),
            is_for_me=is_member and "mine" in query.getlist("places"),
            month=_month(query.get("month", "")),
        )

    def __bool__(self) -> bool:
        return bool(self.kinds or self.formats or self.has_places or self.is_for_me or self.month)

    def query(self, **more: str) -> str:
        """As the end of an address: "?kind=workshop&month=2027-05"; empty if nothing is asked for."""
        pairs = [("kind", kind) for kind in self.kinds] + [("how", how) for how in self.formats]
        if self.has_places:
            pairs.append(("places", "left"))
        if self.is_for_me:
            pairs.append(("places", "mine"))
        if self.month:
            pairs.append(("month", f"{self.month:%Y-%m}"))
        pairs.extend(more.items())
        return f"?{urlencode(pairs)}" if pairs else ""

    def narrow(self, events: "EventQuerySet") -> "EventQuerySet":
        """Those of the kinds and formats asked for."""
        if self.kinds:
            events = events.filter(kind__in=self.kinds)
        if self.formats:
            events = events.filter(format__in=self.formats)
        return events

    def narrow_upcoming(self, events: "EventQuerySet", now: datetime) -> "EventQuerySet":
        """Those with places for the reader, and from the month asked for: questions that only the future answers."""
        if self.month:
            begin = datetime(self.month.year, self.month.month, 1, tzinfo=LONDON)
            events = events.filter(starts_at__gte=begin)
        if self.has_places:
            events = events.with_places_left(now).filter(_has_a_place(now))
        if self.is_for_me:
            events = events.filter(is_for_reader=True)
        return events


def _has_a_place(now: datetime) -> Q:
    """Whether the reader can have a place now: of events that came `with_places_left` and `for_reader`.

    As `standing` says it of one event.
    """
    is_open = Q(registration_opens_at__isnull=True) | Q(registration_opens_at__lte=now)
    is_not_closed = Q(registration_closes_at__gt=now) | Q(
        registration_closes_at__isnull=True, starts_at__gt=now
    )
    has_room = Q(capacity__isnull=True) | Q(places_taken__lt=F("capacity") - F("places_kept"), number_ahead=0)
    return Q(cancelled_at__isnull=True, is_for_reader=True) & is_open & is_not_closed & has_room


@dataclass(frozen=True)
class Option:
    """One box to tick; `number` is how many events it would show, if they were counted."""

    value: str
    label: str
    is_chosen: bool
    number: int | None = None


@dataclass(frozen=True)
class Chip:
    """A chosen filter; following the link takes it away."""

    label: str
    url: str


@dataclass(frozen=True)
class Slice:
    """Some events of a longer list, and the addresses of what comes before and after."""

    events: list["EventPage"] = field(default_factory=list)
    earlier_url: str = ""
    later_url: str = ""


@dataclass(frozen=True)
class Listing:
    """Everything the page of all events shows."""

    filters: Filters
    upcoming: Slice
    past: Slice
    number: int | None
    kinds: list[Option]
    formats: list[Option]
    places: list[Option]
    months: list[Option]
    chips: list[Chip]
    clear_url: str

    @property
    def heading(self) -> str:
        if self.number is None:
            return f"Upcoming, more than {COUNTED_AT_MOST} events"
        return f"Upcoming, {self.number:,} {'event' if self.number == 1 else 'events'}"


def read(
    events: "EventQuerySet",
    query: QueryDict,
    *,
    now: datetime,
    url: str,
    kinds: Choices,
    formats: Choices,
    reader: "User | AnonymousUser | None" = None,
) -> Listing:
    """The list as the query asks for it, from the events the reader may see; without one, for a visitor.

    Three queries, four in a long list.
    """
    reader = reader or AnonymousUser()
    is_member = getattr(reader, "organisation_id", None) is not None
    filters = Filters.read(query, kinds=kinds, formats=formats, is_member=is_member)
    upcoming = filters.narrow_upcoming(events.upcoming(now).for_reader(reader, now), now)
    numbers = _numbers(filters, upcoming, now)

    def address(**more: str) -> str:
        return url + filters.query(**more)

    return Listing(
        filters=filters,
        upcoming=_slice_upcoming(filters.narrow(upcoming).with_places_left(now).for_cards(), query, address),
        past=_slice_past(filters.narrow(events.past(now)).with_figures().for_cards(), query, address),
        number=_number(filters, upcoming, numbers),
        kinds=[
            Option(value, label, value in filters.kinds, _sum(numbers, (value,), filters.formats))
            for value, label in kinds
        ],
        formats=[
            Option(value, label, value in filters.formats, _sum(numbers, filters.kinds, (value,)))
            for value, label in formats
        ],
        places=list(_places(filters, numbers, is_member=is_member)),
        months=_months(filters.month, now),
        chips=list(_chips(filters, url, dict(kinds), dict(formats))),
        clear_url=url,
    )


# --- Pages of a list -------------------------------------------------------------------------------------


def _slice_upcoming(events: "EventQuerySet", query: QueryDict, address: Callable[..., str]) -> Slice:
    """From the earliest on. Two names in the address: `after` and `before`."""
    after, before = Cursor.read(query.get("after", "")), Cursor.read(query.get("before", ""))
    if after:
        shown, has_more = _cut(events.filter(after.later()), PAGE_SIZE)
        has_earlier, has_later = True, has_more
    elif before:
        shown, has_more = _cut(events.filter(before.earlier()).reverse(), PAGE_SIZE)
        shown.reverse()
        has_earlier, has_later = has_more, True
    else:
        shown, has_later = _cut(events, PAGE_SIZE)
        has_earlier = False
    if not shown:
        return Slice(earlier_url=address() if has_earlier else "")
    return Slice(
        shown,
        earlier_url=address(before=str(Cursor.at(shown[0]))) if has_earlier else "",
        later_url=address(after=str(Cursor.at(shown[-1]))) if has_later else "",
    )


def _slice_past(events: "EventQuerySet", query: QueryDict, address: Callable[..., str]) -> Slice:
    """From the latest back. Two names in the address: `past_before` and `past_after`."""
    before, after = Cursor.read(query.get("past_before", "")), Cursor.read(query.get("past_after", ""))
    if before:
        shown, has_more = _cut(events.filter(before.earlier()), PAST_PAGE_SIZE)
        has_later, has_earlier = True, has_more
    elif after:
        shown, has_more = _cut(events.filter(after.later()).reverse(), PAST_PAGE_SIZE)
        shown.reverse()
        has_later, has_earlier = has_more, True
    else:
        shown, has_earlier = _cut(events, PAST_PAGE_SIZE)
        has_later = False
    if not shown:
        return Slice(later_url=f"{address()}#past" if has_later else "")
    return Slice(
        shown,
        earlier_url=f"{address(past_before=str(Cursor.at(shown[-1])))}#past" if has_earlier else "",
        later_url=f"{address(past_after=str(Cursor.at(shown[0])))}#past" if has_later else "",
    )


def _cut(events: "EventQuerySet", size: int) -> tuple[list["EventPage"], bool]:
    """The first page, and whether there is more."""
    found = list(events[: size + 1])
    return found[:size], len(found) > size


# --- Facets ------------------------------------------------------------------------------------------------


# Of a kind and a format, with a place for the reader or without, meant for the reader or not.
Numbers: TypeAlias = Mapping[tuple[str, str, bool, bool], int] | None


def _places(filters: Filters, numbers: Numbers, *, is_member: bool) -> Iterable[Option]:
    shown = (filters.kinds, filters.formats)
    yield Option("left", PLACES_LEFT, filters.has_places, _sum(numbers, *shown, has_places=True))
    if is_member:
        yield Option("mine", OPEN_TO_ME, filters.is_for_me, _sum(numbers, *shown, is_for_me=True))


def _numbers(filters: Filters, events: "EventQuerySet", now: datetime) -> Numbers:
    """How many events of each kind and format, and how many of those for each box on places, in one query.

    None if there are too many.
    """
    has_places = Value(True) if filters.has_places else ExpressionWrapper(_has_a_place(now), BooleanField())
    counted = events.with_places_left(now).annotate(has_places=has_places)
    columns = ("kind", "format", "has_places", "is_for_reader")
    found = list(counted.values_list(*columns)[: COUNTED_AT_MOST + 1])
    return Counter(found) if len(found) <= COUNTED_AT_MOST else None


def _number(filters: Filters, events: "EventQuerySet", numbers: Numbers) -> int | None:
    """How many there are with these filters; None if there are too many. One query where `numbers` cannot say."""
    if numbers is not None or not (filters.kinds or filters.formats):
        return _sum(numbers, filters.kinds, filters.formats)
    found = filters.narrow(events).order_by()[: COUNTED_AT_MOST + 1].count()
    return found if found <= COUNTED_AT_MOST else None


def _sum(
    numbers: Numbers,
    kinds: Iterable[str],
    formats: Iterable[str],
    *,
    has_places: bool = False,
    is_for_me: bool = False,
) -> int | None:
    """All that have one of the kinds and one of the formats, none named means any; and what else is asked for."""
    if numbers is None:
        return None
    kinds, formats = set(kinds), set(formats)
    return sum(
        number
        for (kind, event_format, has_some, is_mine), number in numbers.items()
        if (not kinds or kind in kinds)
        and (not formats or event_format in formats)
        and (has_some or not has_places)
        and (is_mine or not is_for_me)
    )


def _months(chosen: date | None, now: datetime) -> list[Option]:
    """The months from this one on, and the chosen one wherever it lies."""
    first = now.astimezone(LONDON).date().replace(day=1)
    months = [_months_later(first, number) for number in range(MONTHS_TO_CHOOSE)]
    if chosen and chosen not in months:
        months = sorted([*months, chosen])
    return [Option(f"{month:%Y-%m}", dates.month(month), month == chosen) for month in months]


def _chips(
    filters: Filters, url: str, kinds: Mapping[str, Any], formats: Mapping[str, Any]
) -> Iterable[Chip]:
    for kind in filters.kinds:
        less = replace(filters, kinds=tuple(other for other in filters.kinds if other != kind))
        yield Chip(str(kinds[kind]), url + less.query())
    for how in filters.formats:
        less = replace(filters, formats=tuple(other for other in filters.formats if other != how))
        yield Chip(str(formats[how]), url + less.query())
    if filters.has_places:
        yield Chip(PLACES_LEFT, url + replace(filters, has_places=False).query())
    if filters.is_for_me:
        yield Chip(OPEN_TO_ME, url + replace(filters, is_for_me=False).query())
    if filters.month:
        yield Chip(f"From {dates.month(filters.month)}", url + replace(filters, month=None).query())


def _known(asked: Iterable[str], choices: Choices) -> tuple[str, ...]:
    """What was asked for and exists, each once, in our order."""
    asked = set(asked)
    return tuple(value for value, _ in choices if value in asked)


def _month(text: str) -> date | None:
    try:
        year, month = text.split("-")
        return date(int(year), int(month), 1) if 2000 <= int(year) <= 2999 else None
    except ValueError:
        return None


def _months_later(first: date, number: int) -> date:
    years, month = divmod(first.month - 1 + number, 12)
    return date(first.year + years, month + 1, 1)
