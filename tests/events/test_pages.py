"""The pages of events: what each reader sees, and what it costs."""

import re
from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.http import QueryDict
from django.template.loader import get_template
from django.urls import reverse
from django.utils.html import escape

from events import listing
from events.models import (
    Audience,
    Certificate,
    ConferencePage,
    EventPage,
    Material,
    RecordedFigures,
    Registration,
    SeriesPage,
    WorkshopPage,
)
from members.models import User

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def clock(now):
    """The pages' clock stands still."""
    with mock.patch("django.utils.timezone.now", return_value=now):
        yield


def main(response) -> str:
    """What the page says between header and footer, spaces evened out."""
    return " ".join(response.content.decode().split()).split("<main")[1].split("</main>")[0]


# --- The event's page ------------------------------------------------------------------------------------------


def test_event_page_shows_when_where_and_with_whom(client, make_event):
    event = make_event(title="Rating <together>", co_host="The College", capacity=60)

    shown = main(client.get(event.url))

    assert "Rating &lt;together&gt;" in shown
    assert "Thursday 25 March 2027, 9:30am to 12:30pm" in shown
    assert "In person, Midlands" in shown
    assert "With The College" in shown
    assert "<strong>60 places left</strong> of 60" in shown


PANELS = [
    ({}, None, "Sign in to register", "Places left"),
    ({"capacity": 1}, None, "Sign in to register", "Full, waiting list open"),
    ({"registration_opens_at": DAY}, None, "Registration is not open yet", "Not open yet"),
    ({"registration_closes_at": -DAY}, None, "Registration is closed", "Registration closed"),
    ({"starts_at": -DAY}, None, "This event is over", "Past event"),
    ({"cancelled_at": -DAY}, None, "This event will not take place", "Cancelled"),
    ({}, "member", "Register for this event", "Places left"),
    ({"capacity": 1}, "member", "Join the waiting list", "Full, waiting list open"),
    ({"capacity": 1, "has_waiting_list": False}, "member", "All places are taken", "Full"),
    ({}, "pending", "You can register once your membership is approved", "Places left"),
    ({}, "confirmed", "See or cancel your registration", "You are registered"),
    ({}, "waiting", "You are the next in line.", "On the waiting list"),
    ({}, "offered", "Take or decline the place", "Place offered"),
    ({}, "awaiting approval", "Your registration waits for approval", "Waiting for approval"),
]


@pytest.mark.parametrize(("fields", "who", "words", "tag"), PANELS)
def test_event_page_panel_says_the_one_thing_to_do(
    client, make_event, fill, put, member, now, fields, who, words, tag
):
    offsets = {key: now + value if isinstance(value, timedelta) else value for key, value in fields.items()}
    event = make_event(**offsets)
    if "capacity" in fields:
        fill(event, 1)
    if who == "pending":
        User.objects.filter(pk=member.pk).update(state="pending")
    elif who and who != "member":
        put(event, member, who)
    if who:
        client.force_login(member)

    shown = main(client.get(event.url))

    assert words in shown
    assert f">{tag}</strong>" in shown
    assert shown.count("govuk-button pp-full") <= 1


def test_event_page_leads_a_visitor_through_signing_in_to_the_form(client, event):
    shown = main(client.get(event.url))

    assert f'href="/account/login/?next=/events/{event.uuid}/book-place/"' in shown


def test_event_page_says_since_when_it_is_closed(client, make_event, now):
    event = make_event(registration_closes_at=now - HOUR)

    assert "Thursday 14 January 2027, 8:30am" in main(client.get(event.url))


def test_event_page_keeps_numbers_to_itself_where_the_organiser_wants_it(client, make_event, fill):
    event = make_event(capacity=60, shows_numbers=False)
    fill(event, 41)

    shown = main(client.get(event.url))

    assert "Places left" in shown
    assert re.findall(r"\b(?:41|19|60)\b", shown) == []


def test_event_page_of_a_month_offers_no_calendar_file(client, make_event):
    event = make_event(date_precision="month")

    shown = main(client.get(event.url))

    assert "March 2027" in shown
    assert "Add to calendar" not in shown
    assert client.get(f"/events/{event.uuid}/calendar.ics").status_code == 404


def test_event_page_of_a_cancelled_event_says_why(client, make_event, now):
    event = make_event(cancelled_at=now, cancellation_reason="The trainer is ill.\nWe <i>plan</i> another.")

    shown = main(client.get(event.url))

    assert "The trainer is ill.<br>We &lt;i&gt;plan&lt;/i&gt; another." in shown
    assert "Add to calendar" not in shown


def test_event_page_shows_figures_with_what_they_are_about(client, make_event, now):
    figures = RecordedFigures.objects.create(
        name="Both",
        attended=69,
        organisations=21,
        feedback_asked=69,
        feedback_answers=60,
        source="Report, 2020",
    )
    event, _ = [
        make_event(title=title, starts_at=now - days * DAY, recorded_figures=figures)
        for days, title in [(10, "In January"), (40, "In December")]
    ]

    shown = main(client.get(event.url))

    assert "These figures are about this event and “In December” together." in shown
    for value in ("69", "21", "60 <small>of 69</small>"):
        assert f'<dd class="pp-figure__value">{value}</dd>' in shown
    assert shown.count("Report, 2020") == 3


def test_event_page_shows_a_zero_and_leaves_out_what_is_not_known(client, make_event, now):
    figures = RecordedFigures.objects.create(name="None came", attended=0, source="Report, 2020")
    event = make_event(starts_at=now - DAY, recorded_figures=figures)

    shown = main(client.get(event.url))

    assert '<dd class="pp-figure__value">0</dd>' in shown
    assert shown.count("pp-figure__value") == 1
    assert "not counted apart" not in shown


@pytest.mark.parametrize("number", [3, 200, 5000])
def test_event_page_costs_a_visitor_at_most_12_queries(
    client, make_event, fill, number, django_assert_max_num_queries
):
    event = make_event(capacity=6000)
    fill(event, number)
    fill(event, number, "waiting")
    client.get(event.url)
    cache.clear()

    with django_assert_max_num_queries(12):
        client.get(event.url)


@pytest.mark.parametrize("state", [None, "confirmed", "waiting", "offered"])
@pytest.mark.parametrize("number", [1, 3, 200])
def test_event_page_costs_a_member_at_most_15_queries(
    client, make_event, fill, put, member, now, number, state, django_assert_max_num_queries
):
    event = make_event(capacity=300)
    fill(event, number)
    fill(event, number, "waiting")
    if state:
        put(event, member, state, waiting_number=999)
    client.force_login(member)
    client.get(event.url)

    with django_assert_max_num_queries(15):
        client.get(event.url)


def of_panel(response) -> list[str]:
    """Texts of the links in the panel."""
    panel = main(response).split('pp-panel--lead">')[1].split("</aside>")[0]
    return re.findall(r"<a [^>]*>([^<]*)</a>", panel)


def test_event_page_turns_to_certificate_materials_and_figures_when_it_is_over(
    client, make_event, member, now
):
    figures = RecordedFigures.objects.create(name="A year", attended=12, source="Attendance list")
    event = make_event(starts_at=now - DAY, recorded_figures=figures)
    Material.objects.create(
        event=event, title="Slides", url="https://slides.example/", audience="everyone", added_at=now
    )
    registration = Registration.objects.create(
        event=event, member=member, state="confirmed", registered_at=now - 2 * DAY
    )
    to_a_visitor = of_panel(client.get(event.url))
    client.force_login(member)
    to_somebody_registered = of_panel(client.get(event.url))
    certificate = Certificate.objects.create(
        registration=registration, name="Pat Practitioner", hours=3, issued_at=now
    )
    to_somebody_who_was_there = client.get(event.url)
    Certificate.objects.update(withdrawn_at=now)

    assert to_a_visitor == ["Materials", "What was counted"]
    assert to_somebody_registered == ["See your registration", *to_a_visitor]
    assert of_panel(to_somebody_who_was_there) == ["Your certificate (PDF)", *to_somebody_registered]
    for address in (
        reverse("certificates:certificate_file", args=[certificate.code]),
        reverse("events:registration", args=[registration.uuid]),
        "#materials",
        "#figures",
    ):
        assert f'href="{address}"' in main(to_somebody_who_was_there)
    assert of_panel(client.get(event.url)) == to_somebody_registered


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"needs_approval": True}, "The organiser approves each registration."),
        ({"needs_manager": True}, "Your line manager approves each registration."),
        (
            {"needs_manager": True, "needs_approval": True},
            "Your line manager and the organiser approve each registration.",
        ),
    ],
)
def test_event_page_says_beforehand_who_approves(client, make_event, now, fields, sentence):
    asks = make_event(**fields)
    over = make_event(starts_at=now - DAY, **fields)

    shown = main(client.get(asks.url))

    assert f"{sentence} Then you get a place, or stand in the line if all are taken." in shown
    assert sentence not in main(client.get(over.url))
    assert "each registration" not in main(client.get(make_event().url))


@pytest.mark.parametrize("who", [None, "member", "other"])
def test_event_page_says_for_whom_it_is(
    client, make_event, member, force, who, django_assert_max_num_queries
):
    event = make_event(
        audience=Audience.CHOSEN, audience_kinds=["probation"], audience_domains=["kent.example"]
    )
    event.audience_organisations.set([force])
    event.save()
    if who:
        User.objects.filter(pk=member.pk).update(organisation=force if who == "member" else None)
        client.force_login(member)
    client.get(event.url)

    with django_assert_max_num_queries(15 if who else 11):
        shown = main(client.get(event.url))

    words = "Example Police; all of probation; addresses at kent.example"
    says_so = f'Only for</dt><dd class="govuk-summary-list__value">{words}</dd>' in shown
    assert says_so == (who != "member")  # who can register knows


def test_event_page_for_invited_people_says_so_before_they_sign_in(client, make_event):
    invited, for_all = make_event(audience=Audience.INVITED), make_event()

    assert "people who were invited</dd>" in main(client.get(invited.url))
    assert "Only for" not in main(client.get(for_all.url))


# --- The list --------------------------------------------------------------------------------------------------


def test_index_page_shows_places_and_leads_to_each_event(client, index, make_event, fill):
    left, full = make_event(title="Places", capacity=60), make_event(title="Full", capacity=2)
    fill(left, 41)
    fill(full, 2)
    fill(full, 6, "waiting")

    shown = main(client.get(index.url))

    assert "<strong>19 places left</strong> of 60" in shown
    assert 'width="68.3%"' in shown
    assert "<strong>Full.</strong> 2 places. Waiting list open, 6 ahead" in shown
    for event in (left, full):
        assert f'<a class="govuk-link pp-cover" href="{event.url}">' in shown


@pytest.mark.parametrize(
    ("fields", "parts"),
    [
        ({}, ["Mar", "25", "2027"]),
        ({"date_precision": "month"}, ["Mar", "2027"]),
        # One o'clock in the night in London is the evening before in New York.
        ({"starts_at": datetime(2027, 6, 3, 0, 0, tzinfo=UTC), "time_zone": "America/New_York"}, ["Jun", "2", "2027"]),
    ],
)  # fmt: skip
def test_a_card_shows_the_date_as_the_shared_picture_does(make_event, fields, parts):
    event = make_event(**fields)
    event.places_taken = event.number_ahead = event.places_kept = 0
    event.is_for_reader, event.asked_at = True, event.starts_at
    picture = get_template("components/date_block.html").render(
        {"at": event.starts_at, "precision": event.date_precision, "zone": event.time_zone}
    )
    card = get_template("events/components/event_card.html").render({"event": event})

    shown = [re.findall(r'"pp-date__(?:month|day|year)">([^<]+)<', html) for html in (picture, card)]

    assert shown == [parts, parts]


def test_index_page_shows_what_is_known_of_past_events_and_nothing_else(client, index, make_event, now):
    together = RecordedFigures.objects.create(
        name="Both",
        number_of_events=2,
        attended=1400,
        organisations=21,
        feedback_asked=1400,
        feedback_answers=41,
        source="Report, 2020",
    )
    make_event(title="One", starts_at=now - 10 * DAY, recorded_figures=together)
    make_event(title="Other", starts_at=now - 20 * DAY, recorded_figures=together)
    make_event(title="Neither", starts_at=now - 30 * DAY)

    shown = main(client.get(index.url))

    assert shown.count("1,400 from 21 organisations, 2 events together") == 2
    assert shown.count("41 of 1,400 answered") == 2
    assert shown.count("Not published") == 2


def test_index_page_with_nothing_on_it_says_so_and_leads_on(client, index):
    shown = main(client.get(index.url))

    assert "No events are planned at the moment" in shown
    assert "No event has been held yet" in shown


def test_index_page_where_nothing_matches_offers_to_take_filters_away(client, index, event):
    shown = main(client.get(f"{index.url}?kind=conference"))

    assert "No upcoming event matches" in shown
    assert '<a class="govuk-link" href="/events/">Show all events</a>' in shown


ASKED = ["kind", "how", "places", "month", "after", "before", "past_before", "past_after"]


def test_index_page_takes_any_query(client, index, event, naughty_strings):
    """Whatever stands in the address, the page answers and shows none of it as its own words."""
    for text in (*naughty_strings[::25], "\x00"):
        response = client.get(index.url, dict.fromkeys(ASKED, text))

        assert response.status_code == 200
        assert "Upcoming, 1 event" in main(response)


def test_index_page_passes_over_every_naughty_string(event, now, naughty_strings):
    for text in naughty_strings:
        query = QueryDict(mutable=True)
        query.update(dict.fromkeys(ASKED, text))
        shown = listing.read(
            EventPage.objects.live(),
            query,
            now=now,
            url="/events/",
            kinds=EventPage.Kind.choices,
            formats=EventPage.Format.choices,
        )

        assert (shown.number, shown.chips, shown.upcoming.events) == (1, [], [event.eventpage_ptr])


def test_every_naughty_string_is_harmless_on_the_pages(rf, make_event, now, naughty_strings):
    """As title, summary, place, co-host, reason and source: on the event's page, its card and the table."""
    figures = RecordedFigures.objects.create(name="Counted", attended=3, source="Report")
    event = make_event(cancelled_at=now, recorded_figures=figures)
    event.places_taken = event.number_ahead = event.places_kept = 0
    request = rf.get("/")
    request.user = AnonymousUser()
    page, card, table = (
        get_template(f"events/{name}.html")
        for name in ("event_page", "components/event_card", "components/past_events")
    )
    for text in naughty_strings:
        event.title, event.summary, event.place, event.co_host = text, text, text, text
        event.cancellation_reason = event.recorded_figures.source = text

        written = [
            page.render(event.get_context(request), request),
            card.render({"event": event, "request": request}),
            table.render({"events": [event], "request": request}),
        ]

        for html in written:
            assert escape(text) in html
            assert "<script>alert" not in html.lower()
            assert "<img src=x" not in html.lower()


@pytest.mark.parametrize("number", [1, 3, 200])
@pytest.mark.parametrize("query", ["", "?kind=workshop&how=in+person&places=left&month=2027-01"])
def test_index_page_costs_a_visitor_at_most_12_queries(
    client, index, make_event, fill, now, number, query, django_assert_max_num_queries
):
    for position in range(min(number, 15)):
        fill(make_event(starts_at=now + DAY * (position + 1), capacity=300), max(1, number // 15))
        make_event(starts_at=now - DAY * (position + 1))
    client.get(index.url)
    cache.clear()

    with django_assert_max_num_queries(12):
        client.get(index.url + query)


# --- Privacy ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("restriction", "on", "visitor", "stranger", "in_group", "administrator"),
    [
        (None, "event", True, True, True, True),
        ("none", "event", True, True, True, True),
        ("login", "event", False, True, True, True),
        ("login", "index", False, True, True, True),
        ("groups", "event", False, False, True, True),
        ("groups", "index", False, False, True, True),
        ("password", "event", False, False, False, False),
        ("password", "index", False, False, False, False),
    ],
)
def test_visible_to_follows_privacy_settings(
    index, event, member, organiser, django_user_model, restriction, on, visitor, stranger, in_group,
    administrator,
):  # fmt: skip
    boss = django_user_model.objects.create_superuser("boss@portal.example")
    if restriction:
        made = (event if on == "event" else index).view_restrictions.create(
            restriction_type=restriction, password="secret"
        )
        made.groups.set(organiser.groups.all())

    for seen in (EventPage.objects.visible_to, EventPage.objects.listed_for):
        assert [
            seen(who).filter(pk=event.pk).exists() for who in (AnonymousUser(), member, organiser, boss)
        ] == [visitor, stranger, in_group, administrator]


@pytest.mark.parametrize("kind", [WorkshopPage, ConferencePage, SeriesPage])
def test_page_can_be_previewed_before_it_is_saved(index, organiser, rf, kind):
    page = kind(title="Not saved yet", slug="not-saved-yet")
    if kind is not SeriesPage:
        page.starts_at = datetime(2027, 3, 25, 13, tzinfo=UTC)
        page.ends_at = datetime(2027, 3, 25, 16, tzinfo=UTC)
    # As Wagtail does it for a page that is being added.
    page.set_url_path(index)
    page.path, page.depth = index._get_children_path_interval(index.path)[0], index.depth + 1

    for mode, _ in page.preview_modes:
        answer = page.make_preview_request(preview_mode=mode)

        assert (answer.status_code, "Not saved yet" in answer.rendered_content) == (200, True)


def test_series_that_is_not_saved_yet_has_no_events(index, event, organiser, rf):
    """Least of all those that belong to no series."""
    page = SeriesPage(title="Not saved yet", slug="not-saved-yet", is_booked_as_one=True)
    page.set_url_path(index)
    page.path, page.depth = index._get_children_path_interval(index.path)[0], index.depth + 1

    shown = page.make_preview_request(preview_mode="").rendered_content

    assert "No event of this series is planned at the moment" in shown
    assert event.title not in shown
