"""The programme on pages: the event's page, the timetable, a page for each session, the series; and in calendars."""

import io
import re
from datetime import UTC, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from dateutil.tz import tzical
from django.core.cache import cache
from django.urls import reverse
from icalendar import Calendar

from events import feeds
from events.models import (
    ConferencePage,
    EventPage,
    Registration,
    SeriesPage,
    Session,
    SessionPlace,
    SessionSpeaker,
    Speaker,
    Venue,
)
from events.models.calendars import PersonalCalendar

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LONDON = ZoneInfo("Europe/London")


def main(response) -> str:
    """The page between header and footer, in one line."""
    assert response.status_code == 200
    html = response.content.decode()
    return unescape(" ".join(html[html.index("<main") : html.index("</main>")].split()))


@pytest.fixture
def programme(conference) -> ConferencePage:
    """A conference with a keynote for everybody, two parallel sessions to choose, and lunch."""
    lead = Speaker.objects.create(
        name="Research lead", role="Evaluation team", biography="Led the fieldwork."
    )
    trainer = Speaker.objects.create(name="Force trainer")
    start = conference.starts_at
    for position, (title, begin, end, fields, speakers) in enumerate(
        [
            ("What was found", 0, 1, {"kind": "keynote", "room": "Hall"}, [lead]),
            ("Rating <together>", 1, 2, {"stream": "Assessment", "is_chosen": True, "capacity": 2}, [trainer, lead]),
            ("Home visits", 1, 2, {"stream": "People", "is_chosen": True}, []),
            ("Lunch", 2, 3, {"kind": "break"}, []),
        ]
    ):  # fmt: skip
        session = Session(
            title=title,
            starts_at=start + begin * HOUR,
            ends_at=start + end * HOUR,
            sort_order=position,
            **fields,
        )
        for number, speaker in enumerate(speakers):
            session.session_speakers.create(speaker=speaker, sort_order=number)
        conference.sessions.add(session)
    conference.save()
    return ConferencePage.objects.get(pk=conference.pk)


@pytest.fixture
def make_programme(conference):
    """So many sessions, eight at a time, two speakers each."""

    def make(number: int) -> EventPage:
        speakers = Speaker.objects.bulk_create(Speaker(name=f"Speaker {n}") for n in range(number))
        start = conference.starts_at
        sessions = Session.objects.bulk_create(
            Session(
                event=conference,
                title=f"Session {n}",
                stream=f"Stream {n % 8}",
                room=f"Room {n % 8}",
                starts_at=start + n // 8 * HOUR / 2,
                ends_at=start + (n // 8 + 1) * HOUR / 2,
                sort_order=n,
            )
            for n in range(number)
        )
        SessionSpeaker.objects.bulk_create(
            SessionSpeaker(session=session, speaker=speakers[n * half], sort_order=half)
            for n, session in enumerate(sessions)
            for half in range(2 if n else 1)
        )
        return conference

    return make


def session_of(event: EventPage, title: str) -> Session:
    return event.sessions.get(title=title)


# --- The event's page --------------------------------------------------------------------------------------------


def test_event_page_shows_the_programme_in_short_and_who_speaks(client, programme):
    shown = main(client.get(programme.url))

    blocks = re.findall(r'<li class="pp-session([^"]*)"> (.*?) </li>', shown)
    assert [(line.strip(), " ".join(re.sub(r"</?(?:p|span|a|strong)\b[^>]*>", " ", words).split())) for line, words in blocks] == [
        ("", "Keynote, Hall What was found Research lead"),
        ("", "Assessment · Talk Rating <together> Force trainer; Research lead 2 of 2 places left"),
        ("pp-session--b", "People · Talk Home visits"),
        ("pp-session--break", "Lunch"),
    ]  # fmt: skip
    assert f'href="/events/{programme.uuid}/programme/">Whole programme</a>' in shown
    speakers = shown[shown.index('class="pp-speakers"') :]
    assert re.findall(r"<strong>([^<]+)</strong>", speakers) == ["Research lead", "Force trainer"]


def test_event_page_without_programme_has_no_heading_for_it(client, event):
    shown = main(client.get(event.url))

    assert ("Programme" in shown, "Speakers" in shown, "Venue" in shown) == (False, False, False)


def test_event_page_shows_the_venue_with_access_and_travel(client, make_event):
    venue = Venue.objects.create(
        name="The Hall",
        address="1 Example Square\nExampletown",
        map_url="https://maps.example/hall",
        access_information="Step-free.",
        travel="Ten minutes from the station.",
    )

    shown = main(client.get(make_event(venue=venue).url))

    for words in (
        "The Hall<br>1 Example Square<br>Exampletown",
        "Step-free.",
        "Ten minutes from the station.",
    ):
        assert words in shown
    assert (
        '<a class="govuk-link" href="https://maps.example/hall" rel="noopener">See it on a map</a>' in shown
    )


@pytest.mark.parametrize(
    ("co_host", "words"),
    [
        ("The College", "With The College"),
        ("The College; Kent Police", "With The College and Kent Police"),
        ("The College; Kent Police ;the Home Office;", "With The College, Kent Police and the Home Office"),
    ],
)
def test_event_page_names_every_co_host(client, make_event, co_host, words):
    assert words in main(client.get(make_event(co_host=co_host).url))


def test_event_page_leads_to_its_series_and_the_series_to_its_events(
    client, index, make_event, now, monkeypatch
):
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    series = index.add_child(instance=SeriesPage(title="Rating workshops", slug="rating-workshops"))
    ahead, over = make_event(series=series), make_event(series=series, starts_at=now - DAY)
    elsewhere = make_event()

    assert f'<a class="govuk-link" href="{series.url}">Rating workshops</a>' in main(client.get(ahead.url))
    shown = main(client.get(series.url))
    assert [event.title in shown for event in (ahead, over, elsewhere)] == [True, True, False]
    assert shown.index(ahead.title) < shown.index("Past events") < shown.index(over.title)


@pytest.mark.parametrize("number", [1, 3, 200])
def test_series_page_costs_the_same_queries(client, index, make_event, number, django_assert_max_num_queries):
    series = index.add_child(instance=SeriesPage(title="Rating workshops", slug="rating-workshops"))
    for _ in range(min(number, 30)):
        make_event(series=series)
    client.get(series.url)
    cache.clear()

    with django_assert_max_num_queries(12):
        client.get(series.url)


@pytest.mark.parametrize("is_signed_in", [False, True])
@pytest.mark.parametrize("number", [1, 3, 200])
def test_event_page_with_a_programme_costs_at_most_12_queries_and_15_signed_in(
    client, make_programme, index, member, number, is_signed_in, django_assert_max_num_queries
):
    event = make_programme(number)
    event.venue = Venue.objects.create(name="The Hall", address="Here")
    event.series = index.add_child(instance=SeriesPage(title="Rating workshops", slug="rating-workshops"))
    event.save()
    if is_signed_in:
        client.force_login(member)
    client.get(event.url)
    cache.clear()

    with django_assert_max_num_queries(15 if is_signed_in else 12):
        client.get(event.url)


def test_preview_of_a_draft_shows_the_programme_of_the_draft(rf, programme, organiser):
    draft = programme.get_latest_revision_as_object()
    draft.sessions.get_object_list()[0].title = "What was found since"
    draft.sessions.add(
        Session(
            title="Added", starts_at=programme.starts_at, ends_at=programme.starts_at + HOUR, sort_order=9
        )
    )
    request = rf.get("/")
    request.user = organiser

    days = draft.get_context(request)["days"]

    titles = [session.title for day in days for slot in day.slots for session in slot.sessions]
    assert titles == ["What was found since", "Added", "Rating <together>", "Home visits", "Lunch"]


# --- The timetable -----------------------------------------------------------------------------------------------


def test_timetable_has_headers_for_streams_and_times(client, programme):
    shown = main(client.get(reverse("events:programme", args=[programme.uuid])))

    assert re.findall(r'<th scope="col" role="columnheader">([^<]+)</th>', shown) == [
        "Time",
        "Assessment",
        "People",
    ]
    begin = [programme.starts_at.astimezone(LONDON) + hours * HOUR for hours in range(3)]
    assert re.findall(r'<th scope="row" role="rowheader">([^<]+)</th>', shown) == [
        f"{at.hour % 12 or 12}:{at.minute:02}{'am' if at.hour < 12 else 'pm'}" for at in begin
    ]
    assert "Research lead" in shown
    assert "Rating <together>" in shown


def test_timetable_of_an_event_without_sessions_says_so(client, event):
    assert "The programme is not published yet" in main(
        client.get(reverse("events:programme", args=[event.uuid]))
    )


@pytest.mark.parametrize("number", [1, 3, 200])
def test_timetable_costs_at_most_12_queries(client, make_programme, number, django_assert_max_num_queries):
    event = make_programme(number)
    url = reverse("events:programme", args=[event.uuid])
    client.get(url)
    cache.clear()

    with django_assert_max_num_queries(12):
        response = client.get(url)

    shown = main(response)
    assert shown.count("pp-session__title") == number
    assert "Speaker 0" in shown


def test_every_naughty_string_is_harmless_in_a_programme(client, programme, naughty_strings):
    session = session_of(programme, "What was found")
    speaker = session.speakers[0]
    for text in naughty_strings[::25]:
        if "\x00" in text:
            continue
        Session.objects.filter(pk=session.pk).update(
            title=text[:200], room=text[:80], summary=text, stream=text[:60]
        )
        Speaker.objects.filter(pk=speaker.pk).update(name=text[:120], role=text[:160], biography=text)

        pages = [programme.url, programme.programme_url, programme.session_url(session)]
        written = [client.get(url).content.decode().lower() for url in pages]

        for html in written:
            assert "<script>alert" not in html
            assert "<img src=x" not in html


# --- A session's page --------------------------------------------------------------------------------------------


def test_session_page_shows_what_it_is_about_and_who_speaks(client, programme):
    session = session_of(programme, "Rating <together>")
    Session.objects.filter(pk=session.pk).update(summary="Two cases.\n\nBring none.")

    shown = main(client.get(programme.session_url(session)))

    assert "<p>Two cases.</p> <p>Bring none.</p>" in shown
    assert re.findall(r'<h3 class="govuk-heading-m">([^<]+)</h3>', shown) == [
        "Force trainer",
        "Research lead",
    ]
    assert "<p>Led the fieldwork.</p>" in shown
    assert f"/events/{programme.uuid}/sessions/{session.key}.ics" in shown


def test_session_page_of_a_cancelled_session_says_so(client, programme):
    session = session_of(programme, "Home visits")
    Session.objects.filter(pk=session.pk).update(is_cancelled=True)

    shown = main(client.get(programme.session_url(session)))

    assert "This session will not take place." in shown
    assert "Add to calendar" not in shown


def test_a_session_is_found_at_its_own_event_alone(client, programme, make_event):
    session, other = session_of(programme, "Home visits"), make_event()

    for name in ("session", "session_calendar"):
        assert client.get(reverse(f"events:{name}", args=[other.uuid, session.key])).status_code == 404
        assert client.get(reverse(f"events:{name}", args=[programme.uuid, other.uuid])).status_code == 404


def test_pages_of_a_private_or_unpublished_event_are_not_found(client, programme, index):
    session = session_of(programme, "Home visits")
    addresses = [
        programme.programme_url,
        programme.session_url(session),
        reverse("events:session_calendar", args=[programme.uuid, session.key]),
    ]
    restriction = index.view_restrictions.create(restriction_type="login")
    assert [client.get(url).status_code for url in addresses] == [404] * 3

    restriction.delete()
    assert [client.get(url).status_code for url in addresses] == [200] * 3
    EventPage.objects.filter(pk=programme.pk).update(live=False)
    assert [client.get(url).status_code for url in addresses] == [404] * 3


def test_session_page_costs_at_most_12_queries(client, make_programme, django_assert_max_num_queries):
    event = make_programme(3)
    url = event.session_url(event.sessions.first())
    client.get(url)
    cache.clear()

    with django_assert_max_num_queries(12):
        client.get(url)


# --- Calendars ---------------------------------------------------------------------------------------------------


def test_session_file_is_read_by_two_libraries(client, programme):
    session = session_of(programme, "Rating <together>")
    EventPage.objects.filter(pk=programme.pk).update(calendar_sequence=4)

    content = client.get(reverse("events:session_calendar", args=[programme.uuid, session.key])).content

    [entry] = Calendar.from_ical(content).events
    assert (str(entry["UID"]), entry["SEQUENCE"], str(entry["SUMMARY"]), str(entry["STATUS"])) == (
        f"{session.key}.{programme.uuid}@portal.example",
        4,
        "Rating <together>",
        "CONFIRMED",
    )
    assert (entry.decoded("DTSTART"), entry.decoded("DTEND")) == (session.starts_at, session.ends_at)
    zone = tzical(io.StringIO(content.decode())).get("Europe/London")
    written = entry.decoded("DTSTART").replace(tzinfo=zone)
    assert written.astimezone(UTC) == session.starts_at


def test_session_file_of_a_cancelled_session_or_event_says_so(client, programme, now):
    session = session_of(programme, "Home visits")
    address = reverse("events:session_calendar", args=[programme.uuid, session.key])

    def status() -> str:
        return str(Calendar.from_ical(client.get(address).content).events[0]["STATUS"])

    assert status() == "CONFIRMED"
    Session.objects.filter(pk=session.pk).update(is_cancelled=True)
    assert status() == "CANCELLED"
    Session.objects.filter(pk=session.pk).update(is_cancelled=False)
    EventPage.objects.filter(pk=programme.pk).update(cancelled_at=now)
    assert status() == "CANCELLED"


def test_personal_feed_describes_the_sessions_that_were_chosen(programme, member, now, book):
    registration = Registration.objects.create(
        event=programme, member=member, state="confirmed", registered_at=now, confirmed_at=now
    )
    session = session_of(programme, "Rating <together>")
    SessionPlace.objects.create(registration=registration, session=session, chosen_at=now)
    PersonalCalendar.objects.create(member=member, made_at=now)

    [entry] = Calendar.from_ical(feeds.personal_feed(member, now)).events

    lines = str(entry["DESCRIPTION"]).split("\n")
    assert lines[lines.index("Your sessions:") + 1].endswith(": Rating <together>")


@pytest.mark.parametrize("number", [1, 3, 30])
def test_personal_feed_costs_the_same_queries(make_event, member, now, number, django_assert_num_queries):
    venue = Venue.objects.create(name="The Hall", address="Here")
    for _ in range(number):
        event = make_event(ConferencePage, venue=venue)
        session = Session.objects.create(
            event=event, title="One", starts_at=event.starts_at, ends_at=event.ends_at, is_chosen=True
        )
        registration = Registration.objects.create(
            event=event, member=member, state="confirmed", registered_at=now, confirmed_at=now
        )
        SessionPlace.objects.create(registration=registration, session=session, chosen_at=now)

    with django_assert_num_queries(2):
        feeds.personal_feed(member, now)


# --- The joining link --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "before_start", "shows", "announces"),
    [
        ("confirmed", 24 * HOUR, True, False),
        ("confirmed", 25 * HOUR, False, True),
        ("confirmed", -1 * HOUR, True, False),
        ("confirmed", -4 * HOUR, False, False),
        ("offered", HOUR, False, False),
        ("waiting", HOUR, False, False),
        ("awaiting approval", HOUR, False, False),
        ("cancelled", HOUR, False, False),
        (None, HOUR, False, False),
    ],
)
def test_joining_link_shows_to_people_with_a_place_from_some_hours_before(
    make_event, now, state, before_start, shows, announces
):
    event = make_event(
        format="online", joining_url="https://meet.example/secret", starts_at=now + before_start
    )
    registration = Registration(event=event, state=state) if state else None

    assert event.shows_joining_link(registration, now) is shows
    assert (event.will_show_joining_link(registration, now) and not shows) is announces


def test_joining_link_of_a_cancelled_event_never_shows(make_event, now):
    event = make_event(
        format="online", joining_url="https://meet.example/secret", starts_at=now, cancelled_at=now
    )

    assert not event.shows_joining_link(Registration(event=event, state="confirmed"), now)


@pytest.mark.parametrize(
    ("hours", "who", "shows"), [(23, "member", True), (23, "other", False), (48, "member", False)]
)
def test_joining_link_stands_on_the_pages_of_those_with_a_place_and_nobody_elses(
    client, make_event, member, other_member, now, monkeypatch, hours, who, shows
):
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    event = make_event(
        format="online", joining_url="https://meet.example/secret", starts_at=now + hours * HOUR
    )
    registration = Registration.objects.create(
        event=event, member=member, state="confirmed", registered_at=now, confirmed_at=now
    )
    client.force_login(member if who == "member" else other_member)

    pages = [client.get(event.url).content.decode()]
    if who == "member":
        pages.append(client.get(reverse("events:registration", args=[registration.uuid])).content.decode())

    assert ["https://meet.example/secret" in page for page in pages] == [shows] * len(pages)
    if hours == 48:
        assert all("The link to join online shows here from" in page for page in pages)
