"""The events somebody runs, and one of them in numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from events import charts, rules
from events.admin_views import furniture
from events.models import EventPage, EventQuerySet, Invitation, Registration
from events.numbers import Group, Numbers, Span, numbers_of
from events.places import Claim

EVENTS_ON_PAGE = 50
# More bars than that are not read; the table has all.
MOST_BARS = 15
COLUMNS_HIGH = 120

State = Registration.State


@require_safe
def events(request: HttpRequest) -> HttpResponse:
    """What somebody runs: what is ahead, the next first, or what is over, the latest first."""
    if not rules.reads_any_event(request.user):
        raise PermissionDenied
    now = timezone.now()
    is_past = request.GET.get("when") == "past"
    mine = EventPage.objects.read_by(request.user)
    found = mine.past(now) if is_past else mine.upcoming(now)
    page = list(_from(found, request.GET.get("after", ""), now, is_past=is_past)[: EVENTS_ON_PAGE + 1])
    context = {
        "events": page[:EVENTS_ON_PAGE],
        "managed": _managed(request.user, page),
        "is_past": is_past,
        "next": page[EVENTS_ON_PAGE - 1].pk if len(page) > EVENTS_ON_PAGE else None,
        "is_first": "after" not in request.GET,
        "header_title": "Events",
        "header_icon": "calendar-alt",
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": "Home"},
            {"url": "", "label": "Events"},
        ],
    }
    return render(request, "events/admin/events.html", context)


def _managed(user: rules.Person, events: Sequence[EventPage]) -> set[int]:
    """Those of the events where the user decides on registrations. No query for those who run all."""
    keys = {event.pk for event in events}
    if rules.runs_all_events(user) or not any(event.number_to_approve for event in events):
        return keys
    return set(EventPage.objects.managed_by(user).filter(pk__in=keys).order_by().values_list("pk", flat=True))


def _from(found: EventQuerySet, after: str, now: datetime, *, is_past: bool) -> EventQuerySet:
    """By key: those after an event in the order of the list. An event that is not there begins it anew."""
    anchor = EventPage.objects.filter(pk=after).only("starts_at").first() if after.isdecimal() else None
    if anchor is not None:
        side = "lt" if is_past else "gt"
        found = found.filter(
            Q(**{f"starts_at__{side}": anchor.starts_at})
            | Q(**{"starts_at": anchor.starts_at, f"pk__{side}": anchor.pk})
        )
    return found.with_places().with_places_left(now).with_number_to_approve().only(
        "title", "live", "kind", "format", "starts_at", "ends_at", "date_precision", "time_zone", "place",
        "capacity", "cancelled_at",
    )  # fmt: skip


# --- One event in numbers ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bar:
    """One row of a chart."""

    group: Group
    segments: Sequence[charts.Segment]


@require_safe
def overview(request: HttpRequest, event: int) -> HttpResponse:
    """Numbers at a glance, each chart with its table."""
    found = furniture.fetch(request, event, rules.can_read_registrations)
    numbers = numbers_of(found)
    now = timezone.now()
    context = {
        **furniture.of_event(request, found, "Overview", tab="overview"),
        "numbers": numbers,
        "figures": _figures(found, numbers, kept=_kept_at(found, now)),
        "invited": _invited(numbers),
        "kinds": _bars(numbers.kinds),
        "organisations": _bars(numbers.organisations),
        "most_bars": MOST_BARS,
        "columns": charts.columns([span.new for span in numbers.over_time], height=COLUMNS_HIGH),
        "columns_high": COLUMNS_HIGH,
        "busiest": _busiest(numbers.over_time),
        "may_cancel_event": rules.can_cancel_event(request.user, found, now),
        "may_check_in": rules.can_check_in(request.user, found),
        "may_edit": found.permissions_for_user(request.user).can_edit(),
    }
    return render(request, "events/admin/overview.html", context)


def _kept_at(event: EventPage, now: datetime) -> int:
    """How many free places are kept for invited people. A query only where some are."""
    if not event.places_reserved(now):
        return 0
    return Registration.objects.room_of(event, now).kept_from(Claim())


def _figures(event: EventPage, numbers: Numbers, *, kept: int) -> list[dict[str, Any]]:
    """What is counted, the number, of what, and the states that show it in the list."""
    places = f"of {event.capacity:,} places" if event.capacity else "no limit"
    if kept:
        places = f"{places}, {kept:,} kept for invited people"
    figures = [
        ("Registered", numbers.of(State.CONFIRMED), places, [State.CONFIRMED]),
        ("Place offered", numbers.of(State.OFFERED), "held until the offer ends", [State.OFFERED]),
        ("On the waiting list", numbers.of(State.WAITING), "", [State.WAITING]),
        ("Set aside", numbers.of(State.SET_ASIDE), "while they are suspended", [State.SET_ASIDE]),
        ("Waiting for approval", numbers.of(State.AWAITING_APPROVAL), "", [State.AWAITING_APPROVAL]),
        ("Cancelled", numbers.of(State.CANCELLED), f"of {numbers.total:,} in all", [State.CANCELLED]),
        ("Declined", numbers.of(State.DECLINED), "", [State.DECLINED]),
        ("Offer ended", numbers.of(State.EXPIRED), "", [State.EXPIRED]),
        ("Attended", numbers.attended, f"of {numbers.of(State.CONFIRMED):,} registered", None),
    ]
    # These two are there for every event; what never happened at this one is left out.
    always = {"Registered", "Attended"}
    return [
        {"label": label, "number": number, "of": of, "query": _query(states)}
        for label, number, of, states in figures
        if number or label in always
    ]


def _invited(numbers: Numbers) -> list[tuple[str, int, str]]:
    """What is counted of the invitations, the number, of what; nothing where nobody was invited."""
    total = sum(numbers.invited.values())
    if not total:
        return []
    standing, of = Invitation.Standing, f"of {total:,} invited"
    asked = numbers.invited.get(standing.ASKED, 0)
    said_no = (standing.DECLINED, standing.NOT_THIS_TIME)
    return [
        ("Invited", total, "all rounds together"),
        # By the link or by themselves: nobody asks which way they came.
        ("Invited and registered", numbers.invited.get(standing.REGISTERED, 0), of),
        *([("Invited, asked for a place, has none yet", asked, of)] if asked else []),
        ("Accepted, not registered yet", numbers.invited.get(standing.ACCEPTED, 0), of),
        ("Declined the invitation", sum(numbers.invited.get(each, 0) for each in said_no), of),
    ]


def _query(states: Sequence[str] | None) -> str:
    if states is None:
        return "attended=yes"
    return "&".join(f"state={state.replace(' ', '+')}" for state in states)


def _bars(groups: Sequence[Group]) -> list[Bar]:
    shown = groups[:MOST_BARS]
    longest = charts.longest_of((group.registered, group.pending) for group in shown)
    return [Bar(group, charts.bar((group.registered, group.pending), longest)) for group in shown]


def _busiest(spans: Sequence[Span]) -> Span | None:
    return max(spans, key=lambda span: span.new, default=None)
