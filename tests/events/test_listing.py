"""The list of events: filters, counts, paging by key, and what it costs."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import QueryDict

from events import listing
from events.listing import Cursor, Filters
from events.models import ConferencePage, EventPage, RecordedFigures, Registration
from events.places import Claim
from members.models import Organisation

KINDS = EventPage.Kind.choices
FORMATS = EventPage.Format.choices
DAY = timedelta(days=1)


def read(query: str = "", now: datetime | None = None) -> listing.Listing:
    return listing.read(
        EventPage.objects.visible_to(AnonymousUser()),
        QueryDict(query),
        now=now or datetime(2027, 1, 14, 9, 30, tzinfo=UTC),
        url="/events/",
        kinds=KINDS,
        formats=FORMATS,
    )


def titles(events) -> list[str]:
    return [event.title for event in events]


def chosen(options) -> list[str]:
    return [option.label for option in options if option.is_chosen]


def numbers(options) -> dict[str, int | None]:
    return {option.label: option.number for option in options}


# --- What was asked for ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", Filters()),
        ("kind=workshop", Filters(kinds=("workshop",))),
        ("kind=workshop&kind=conference&kind=workshop", Filters(kinds=("conference", "workshop"))),
        ("how=online&how=in+person", Filters(formats=("in person", "online"))),
        ("places=left", Filters(has_places=True)),
        ("month=2027-05", Filters(month=date(2027, 5, 1))),
        ("kind=&how=&places=&month=", Filters()),
        ("kind=party&how=by+post&places=right", Filters()),
        ("month=2027-13", Filters()),
        ("month=2027", Filters()),
        ("month=2027-05-18", Filters()),
        ("month=0001-01", Filters()),
        ("month=99999-01", Filters()),
        ("month=may", Filters()),
        ("month=%00", Filters()),
        ("kind=%27%3B+DROP+TABLE+events_eventpage--", Filters()),
    ],
)
def test_filters_are_read_and_nonsense_is_passed_over(query, expected):
    assert Filters.read(QueryDict(query), kinds=KINDS, formats=FORMATS) == expected


@pytest.mark.parametrize(
    "query",
    ["", "?kind=conference", "?kind=conference&kind=workshop&how=online&places=left&month=2027-05"],
)
def test_filters_are_written_as_they_are_read(query):
    filters = Filters.read(QueryDict(query.removeprefix("?")), kinds=KINDS, formats=FORMATS)

    assert filters.query() == query


def test_a_cursor_is_read_as_it_is_written():
    cursor = Cursor(datetime(2027, 5, 18, 8, 30, 0, 5, tzinfo=UTC), 17)

    assert str(cursor) == "20270518T083000000005-17"
    assert Cursor.read(str(cursor)) == cursor


@pytest.mark.parametrize(
    "text", ["", "-", "17", "20270518T083000000005", "20270518-17", "x-y", "20271332T000000000000-1", "²-²"]
)
def test_a_cursor_of_somebody_else_is_passed_over(text):
    assert Cursor.read(text) is None


# --- Which events ----------------------------------------------------------------------------------------------


def test_upcoming_soonest_first_and_past_latest_first(make_event, now):
    make_event(title="In June", starts_at=now + 150 * DAY)
    make_event(title="Tomorrow", starts_at=now + DAY)
    make_event(title="Under way", starts_at=now - DAY, ends_at=now + DAY)
    make_event(title="Ends now", starts_at=now - DAY, ends_at=now)
    make_event(title="Last week", starts_at=now - 7 * DAY)
    make_event(title="Last year", starts_at=now - 365 * DAY)

    shown = read()

    assert titles(shown.upcoming.events) == ["Under way", "Ends now", "Tomorrow", "In June"]
    assert titles(shown.past.events) == ["Last week", "Last year"]
    assert shown.heading == "Upcoming, 4 events"


def test_the_longest_event_is_upcoming_to_its_end(make_event, now):
    make_event(title="Two months", starts_at=now - 62 * DAY, ends_at=now)

    assert titles(read().upcoming.events) == ["Two months"]


def test_drafts_and_private_events_are_not_listed(make_event, now):
    make_event(title="Draft", live=False)
    make_event(title="Private").view_restrictions.create(restriction_type="login")
    make_event(title="Public")

    assert titles(read().upcoming.events) == ["Public"]
    assert read().number == 1


@pytest.fixture
def programme(make_event, fill, now) -> None:
    """Five upcoming events of all sorts and three past ones."""
    make_event(ConferencePage, title="Conference in May", starts_at=now + 120 * DAY)
    make_event(title="Online workshop", format="online", starts_at=now + 10 * DAY)
    make_event(title="Hybrid workshop", format="hybrid", starts_at=now + 20 * DAY)
    full = make_event(title="Full clinic", kind="case clinic", starts_at=now + 30 * DAY, capacity=1)
    fill(full, 1)
    line = make_event(title="Clinic with a line", kind="case clinic", starts_at=now + 40 * DAY, capacity=2)
    fill(line, 1)
    fill(line, 1, "waiting")
    make_event(ConferencePage, title="Past conference", starts_at=now - 50 * DAY)
    make_event(title="Past workshop", starts_at=now - 60 * DAY)
    make_event(title="Past online workshop", format="online", starts_at=now - 70 * DAY)


@pytest.mark.parametrize(
    ("query", "upcoming", "past"),
    [
        (
            "",
            [
                "Online workshop",
                "Hybrid workshop",
                "Full clinic",
                "Clinic with a line",
                "Conference in May",
            ],
            ["Past conference", "Past workshop", "Past online workshop"],
        ),
        ("kind=conference", ["Conference in May"], ["Past conference"]),
        ("kind=workshop&how=online", ["Online workshop"], ["Past online workshop"]),
        ("how=online&how=hybrid", ["Online workshop", "Hybrid workshop"], ["Past online workshop"]),
        (
            "places=left",
            ["Online workshop", "Hybrid workshop", "Conference in May"],
            ["Past conference", "Past workshop", "Past online workshop"],
        ),
        (
            "month=2027-05",
            ["Conference in May"],
            ["Past conference", "Past workshop", "Past online workshop"],
        ),
        ("kind=refresher", [], []),
        ("kind=nonsense&after=nonsense&past_before=nonsense&month=nonsense", None, None),
    ],
)
def test_filters_choose_among_the_events(programme, query, upcoming, past):
    shown, everything = read(query), read()

    assert titles(shown.upcoming.events) == (
        titles(everything.upcoming.events) if upcoming is None else upcoming
    )
    assert titles(shown.past.events) == (titles(everything.past.events) if past is None else past)


def test_a_month_begins_when_it_begins_in_london(make_event):
    make_event(title="Still April", starts_at=datetime(2027, 4, 30, 22, 59, tzinfo=UTC))
    make_event(title="May in London", starts_at=datetime(2027, 4, 30, 23, 0, tzinfo=UTC))

    assert titles(read("month=2027-05").upcoming.events) == ["May in London"]


def test_the_number_at_each_box_is_what_it_would_show(programme):
    """Counted with the other facets as they are chosen, and without its own."""
    shown = read("kind=workshop")

    assert numbers(shown.kinds) == {"Conference": 1, "Workshop": 2, "Case clinic": 2, "Refresher": 0}
    assert numbers(shown.formats) == {"In person": 0, "Online": 1, "In person and online": 1}
    assert shown.number == 2
    for option in read().kinds:
        assert read(f"kind={option.value}").number == option.number


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("", 3),
        ("kind=workshop", 2),
        ("kind=workshop&how=hybrid", 1),
        ("kind=case+clinic", 0),
        ("kind=conference&kind=case+clinic", 1),
        ("month=2027-05", 1),
        ("places=left", 3),
        ("places=left&how=online", 1),
    ],
)
def test_the_number_at_places_left_is_what_it_would_show(programme, make_event, now, query, number):
    """Without an event that is cancelled, however many places it had left."""
    make_event(title="Cancelled", starts_at=now + 15 * DAY, cancelled_at=now)

    [option] = read(query).places

    assert option.number == number
    assert read(f"{query}&places=left").number == number


def test_counting_stops_where_nobody_would_read_the_number(programme, monkeypatch):
    monkeypatch.setattr(listing, "COUNTED_AT_MOST", 5)
    assert read().heading == "Upcoming, 5 events"

    monkeypatch.setattr(listing, "COUNTED_AT_MOST", 4)

    assert read().heading == "Upcoming, more than 4 events"
    assert set(numbers(read().kinds + read().places).values()) == {None}
    assert read("kind=conference").heading == "Upcoming, 1 event"
    assert read("kind=conference&how=online").heading == "Upcoming, 0 events"

    monkeypatch.setattr(listing, "COUNTED_AT_MOST", 1)

    assert read("kind=workshop").heading == "Upcoming, more than 1 events"


def test_what_was_chosen_stands_as_chips_that_take_it_away(programme):
    shown = read("kind=workshop&how=online&places=left&month=2027-01")

    assert [(chip.label, chip.url) for chip in shown.chips] == [
        ("Workshop", "/events/?how=online&places=left&month=2027-01"),
        ("Online", "/events/?kind=workshop&places=left&month=2027-01"),
        ("Places left", "/events/?kind=workshop&how=online&month=2027-01"),
        ("From January 2027", "/events/?kind=workshop&how=online&places=left"),
    ]
    assert chosen(shown.kinds) + chosen(shown.formats) + chosen(shown.places) == [
        "Workshop",
        "Online",
        "Places left",
    ]
    assert chosen(shown.months) == ["January 2027"]


def test_the_months_to_choose_begin_with_this_one_and_hold_the_chosen_one(db):
    months = [option.label for option in read().months]

    assert (months[0], months[-1], len(months)) == ("January 2027", "June 2028", 18)
    assert [option.label for option in read("month=2026-03").months][:2] == ["March 2026", "January 2027"]


def test_places_are_counted_in_a_subquery_too(make_event, fill):
    """Django renames the tables of a subquery; the count must not mistake one for its own."""
    event = make_event(capacity=2)
    fill(event, 1)
    fill(event, 1, "waiting")

    counted = EventPage.objects.with_places().filter(places_taken=1, number_waiting=1)

    assert list(EventPage.objects.filter(pk__in=counted.values("pk"))) == [event.eventpage_ptr]


@pytest.mark.parametrize(
    ("fields", "invited", "others", "left"),
    [
        ({}, 0, 3, 7),
        ({"reserved_places": 4}, 0, 3, 3),
        ({"reserved_places": 4}, 1, 2, 4),
        ({"reserved_places": 4}, 5, 0, 5),
        ({"reserved_places": 4}, 0, 6, 0),
        ({"reserved_places": 4, "reserved_until": datetime(2027, 1, 15, tzinfo=UTC)}, 0, 3, 3),
        ({"reserved_places": 4, "reserved_until": datetime(2027, 1, 14, 9, 30, tzinfo=UTC)}, 0, 3, 7),
        ({"reserved_places": 4, "capacity": 4}, 0, 0, 0),
    ],
)
def test_a_card_shows_what_is_left_for_people_who_were_not_invited(
    make_event, fill, now, fields, invited, others, left
):
    """The same as the event's own page, with no query of its own."""
    event = make_event(**{"capacity": 10, **fields})
    fill(event, others)
    of_invited = [registration.pk for registration in fill(event, invited)]
    Registration.objects.filter(pk__in=of_invited).update(is_invited=True)

    [card] = read().upcoming.events

    assert card.places == Registration.objects.room_of(event, now).places_for(Claim())
    assert card.places.left == left
    assert titles(read("places=left").upcoming.events) == ([event.title] if left else [])


@pytest.mark.parametrize(
    ("fields", "places", "line", "ahead", "is_full"),
    [
        ({"capacity": 4}, ["a", "a", "b", "c"], ["a", "b", None], 3, True),
        ({"capacity": 4, "places_per_organisation": 2}, ["a", "a", "b", "c"], ["a", "b", None], 2, True),
        ({"capacity": 4, "places_per_organisation": 2}, ["a", "a", "b", "b"], ["a", "b", "a"], 0, True),
        ({"capacity": 4, "places_per_organisation": 1}, ["a", None, None], ["a", "a"], 0, False),
        ({"capacity": 4, "places_per_organisation": 1}, ["a", None, None], ["a", None], 1, True),
        ({"capacity": 4, "places_per_organisation": 9}, [], [], 0, False),
        ({"places_per_organisation": 1}, ["a"], ["a"], 0, False),
    ],
)
def test_a_card_counts_those_who_could_have_a_place_first(
    make_event, fill, now, fields, places, line, ahead, is_full
):
    """Whoever waits and cannot, since their organisation has all its places, is ahead of nobody else."""
    event = make_event(**fields)
    of = {name: Organisation.objects.create(name=name, kind="charity") for name in ("a", "b", "c")}
    for state, whose in (("confirmed", places), ("waiting", line)):
        for registration, name in zip(fill(event, len(whose), state), whose, strict=True):
            registration.organisation = of.get(name)
            registration.save(update_fields=["organisation"])

    [card] = read().upcoming.events

    assert card.places == Registration.objects.room_of(event, now).places_for(Claim())
    assert (card.places.waiting, card.places.is_full) == (ahead, is_full)
    assert titles(read("places=left").upcoming.events) == ([] if is_full else [event.title])


# --- Paging ----------------------------------------------------------------------------------------------------


def walk(first: listing.Listing, which: str, link: str) -> list[list[str]]:
    """The titles on each page, from one to the next by its link."""
    pages = [titles(getattr(first, which).events)]
    url = getattr(getattr(first, which), link)
    while url:
        page = read(url.removeprefix("/events/?").removesuffix("#past"))
        pages.append(titles(getattr(page, which).events))
        url = getattr(getattr(page, which), link)
    return pages


def test_pages_of_upcoming_events_show_each_once_there_and_back(make_event, now, monkeypatch):
    """Also where several start at the same moment."""
    monkeypatch.setattr(listing, "PAGE_SIZE", 3)
    for number in range(8):
        make_event(title=str(number), starts_at=now + DAY * (number // 3))

    forth = walk(read(), "upcoming", "later_url")
    last = f"after={Cursor.at(EventPage.objects.get(title='5'))}"
    back = walk(read(last), "upcoming", "earlier_url")

    assert forth == [["0", "1", "2"], ["3", "4", "5"], ["6", "7"]]
    assert back == [["6", "7"], ["3", "4", "5"], ["0", "1", "2"]]


def test_pages_of_past_events_show_each_once_there_and_back(make_event, now, monkeypatch):
    monkeypatch.setattr(listing, "PAST_PAGE_SIZE", 3)
    for number in range(8):
        make_event(title=str(number), starts_at=now - DAY * (number // 3 + 1))

    forth = walk(read(), "past", "earlier_url")
    assert forth == [["2", "1", "0"], ["5", "4", "3"], ["7", "6"]]

    last = f"past_before={Cursor.at(EventPage.objects.get(title='3'))}"
    assert walk(read(last), "past", "later_url") == [["7", "6"], ["5", "4", "3"], ["2", "1", "0"]]


def test_links_to_other_pages_keep_the_filters(make_event, now, monkeypatch):
    monkeypatch.setattr(listing, "PAGE_SIZE", 1)
    make_event(starts_at=now + DAY)
    make_event(starts_at=now + 2 * DAY)

    assert read("kind=workshop").upcoming.later_url.startswith("/events/?kind=workshop&after=2027")


def test_a_page_that_is_empty_leads_back(make_event, now):
    """As when the events after a bookmarked place were taken down."""
    make_event(starts_at=now + DAY)
    beyond = f"after={Cursor(now + 400 * DAY, 1)}"

    assert read(beyond).upcoming == listing.Slice(earlier_url="/events/")
    assert read(f"past_before={Cursor(now - 400 * DAY, 1)}").past == listing.Slice(later_url="/events/#past")


# --- Figures ---------------------------------------------------------------------------------------------------


def test_past_events_come_with_their_figures(make_event, now):
    together = RecordedFigures.objects.create(name="Both", attended=69, source="Report, 2020")
    alone = RecordedFigures.objects.create(name="One", attended=168, source="Report, 2020")
    for number, figures in enumerate([together, together, alone, None]):
        make_event(title=str(number), starts_at=now - DAY * (number + 1), recorded_figures=figures)

    shown = [(event.title, event.recorded_figures) for event in read().past.events]

    assert shown == [("0", together), ("1", together), ("2", alone), ("3", None)]


# --- Cost ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 3, 200])
def test_reading_the_list_costs_three_queries(make_event, fill, now, number, django_assert_num_queries):
    template = make_event(starts_at=now + DAY, capacity=30)
    fill(template, 3)
    copies(template, number, now)

    with django_assert_num_queries(3):
        shown = read()
        for event in (*shown.upcoming.events, *shown.past.events):
            str((event.when, event.where, event.summary, event.recorded_figures, event.co_host))
        for event in shown.upcoming.events:
            str(event.places)

    assert len(shown.upcoming.events) == min(number + 1, 10)


def copies(event: EventPage, number: int, now: datetime) -> None:
    """As many events again before and after now, with little ado."""
    for position in range(number):
        for sign in (1, -1):
            starts_at = now + sign * DAY * (position + 2)
            copied = type(event)(
                title=f"Copy {position}",
                slug=f"copy-{position}-{sign}",
                starts_at=starts_at,
                ends_at=starts_at + timedelta(hours=2),
                capacity=30,
                summary=event.summary,
            )
            event.get_parent().add_child(instance=copied)
