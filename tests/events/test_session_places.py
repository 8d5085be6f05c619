"""What is left of the places in a session: on the event's page, in the timetable and on the session's own page."""

import re
from datetime import timedelta
from unittest import mock

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from events import wording
from events.models import ConferencePage, Registration, Session, SessionPlace

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def clock(now):
    """The pages' clock stands still."""
    with mock.patch("django.utils.timezone.now", return_value=now):
        yield


@pytest.fixture
def session(conference, make_session) -> Session:
    return make_session(conference, "Rating", capacity=3)


def choose(session: Session, registrations: list[Registration]) -> None:
    SessionPlace.objects.bulk_create(
        SessionPlace(registration=each, session=session, chosen_at=each.registered_at)
        for each in registrations
    )


def shown_on(client, session: Session) -> list[list[str]]:
    """What each of the three pages says of places in sessions."""
    event = ConferencePage.objects.get(pk=session.event_id)
    urls = [
        event.url,
        reverse("events:programme", args=[event.uuid]),
        reverse("events:session", args=[event.uuid, session.key]),
    ]
    said = re.compile(r"<strong>((?:[\d,]+ of [\d,]+ places? left)|Full)</strong>")
    pages = (client.get(url).content.decode() for url in urls)
    return [said.findall(page[page.index("<main") :]) for page in pages]


@pytest.mark.parametrize(
    ("capacity", "taken", "shows_numbers", "words"),
    [
        (40, 28, True, "12 of 40 places left"),
        (40, 0, True, "40 of 40 places left"),
        (1, 0, True, "1 of 1 place left"),
        (2000, 500, True, "1,500 of 2,000 places left"),
        (40, 40, True, "Full"),
        (40, 41, True, "Full"),
        (40, 28, False, ""),
        (40, 40, False, "Full"),
        (None, None, True, ""),
        (40, None, True, ""),
    ],
)
def test_session_places_are_said_in_words(capacity, taken, shows_numbers, words):
    assert wording.session_places(capacity, taken, shows_numbers=shows_numbers) == words


def test_only_who_holds_a_place_takes_one(client, session, fill):
    choose(session, fill(session.event, 1))
    held = fill(session.event, 1)
    Registration.objects.filter(pk=held[0].pk).update(state="offered", offer_expires_at=session.starts_at)
    choose(session, held)
    choose(session, fill(session.event, 4, "waiting"))
    choose(session, fill(session.event, 1, "cancelled"))

    assert shown_on(client, session) == [["1 of 3 places left"]] * 3
    choose(session, fill(session.event, 1))
    assert shown_on(client, session) == [["Full"]] * 3


def test_sessions_without_a_limit_say_nothing(client, conference, make_session, fill):
    session = make_session(conference, "Rating")
    choose(session, fill(conference, 2))

    assert shown_on(client, session) == [[], [], []]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, True),
        ({"shows_numbers": False}, False),
        ({"cancelled_at": -DAY}, False),
        ({"registration_closes_at": -HOUR}, False),
        ({"registration_closes_at": -HOUR, "answers_change_until": HOUR}, True),
        ({"answers_change_until": -HOUR}, True),
        ({"registration_closes_at": HOUR}, True),
    ],
)
def test_places_are_said_as_long_as_somebody_can_choose(client, session, now, fields, says):
    values = {key: now + value if isinstance(value, timedelta) else value for key, value in fields.items()}
    ConferencePage.objects.filter(pk=session.event_id).update(**values)

    assert shown_on(client, session) == ([["3 of 3 places left"]] * 3 if says else [[], [], []])


def test_a_cancelled_session_has_no_places(client, session):
    Session.objects.update(is_cancelled=True)

    assert shown_on(client, session) == [[], [], []]


@pytest.mark.parametrize("number", [1, 3, 200])
def test_places_cost_no_statement_more(client, conference, make_session, fill, number):
    """They come along with the sessions."""
    for position in range(number):
        choose(make_session(conference, f"Session {position}", after=position / 10), fill(conference, 1))
    urls = [conference.url, reverse("events:programme", args=[conference.uuid])]
    before = [count(client, url) for url in urls]
    Session.objects.update(capacity=5)

    assert [count(client, url) for url in urls] == before
    assert max(before) <= 12


def count(client, url: str) -> int:
    """How many statements a page takes."""
    client.get(url)
    cache.clear()
    with CaptureQueriesContext(connection) as captured:
        client.get(url)
    return len(captured)
