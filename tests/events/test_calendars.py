"""Calendars to subscribe to: what they hold, who may read them, and what asking again costs."""

import re
from datetime import timedelta
from unittest import mock

import pytest
from django.urls import reverse
from icalendar import Calendar

from events import actions, feeds
from events.models import EventPage, PersonalCalendar, Registration
from members.models import User

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
PUBLIC = "/events/calendar.ics"


@pytest.fixture(autouse=True)
def clock(now):
    """The views' clock; a test may move it."""
    with mock.patch("django.utils.timezone.now", return_value=now) as clock:
        yield clock


def entries(response) -> list[tuple[str, str]]:
    """Title and status of everything in a feed."""
    calendar = Calendar.from_ical(response.content)
    return [(str(event["SUMMARY"]), str(event["STATUS"])) for event in calendar.events]


# --- One event -------------------------------------------------------------------------------------------------


def test_event_calendar_is_a_file_for_everybody(client, make_event):
    event = make_event(title="Rating together")

    response = client.get(reverse("events:event_calendar", args=[event.uuid]))

    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="event.ics"'
    assert entries(response) == [("Rating together", "CONFIRMED")]
    [entry] = Calendar.from_ical(response.content).events
    assert str(entry["UID"]) == f"{event.uuid}@portal.example"
    assert entry.start == event.starts_at
    assert entry["DTSTAMP"].dt == entry["LAST-MODIFIED"].dt == event.last_published_at


def test_event_calendar_of_an_event_for_members_asks_for_nothing_and_tells_nothing(client, event, member):
    event.view_restrictions.create(restriction_type="login")
    url = reverse("events:event_calendar", args=[event.uuid])

    assert client.get(url).status_code == 404
    client.force_login(member)
    assert client.get(url).status_code == 200


# --- All public events -----------------------------------------------------------------------------------------


def test_public_calendar_holds_what_everybody_may_see(client, make_event, now, member):
    make_event(title="Upcoming")
    make_event(title="Cancelled", cancelled_at=now - DAY, starts_at=now + 100 * DAY)
    make_event(title="Over", starts_at=now - DAY)
    make_event(title="Draft", live=False)
    make_event(title="Only the month", date_precision="month")
    make_event(title="For members").view_restrictions.create(restriction_type="login")
    client.force_login(member)

    response = client.get(PUBLIC)

    assert entries(response) == [("Upcoming", "CONFIRMED"), ("Cancelled", "CANCELLED")]
    assert b"X-WR-CALNAME:Practice Portal: events\r\n" in response.content


def test_public_calendar_has_an_end(client, make_event, now, monkeypatch):
    monkeypatch.setattr(feeds, "MOST_EVENTS", 2)
    for number in range(3):
        make_event(title=str(number), starts_at=now + (number + 1) * DAY)

    assert [title for title, _ in entries(client.get(PUBLIC))] == ["0", "1"]


def test_public_calendar_unchanged_is_not_sent_again(client, make_event, now):
    make_event(last_published_at=now - DAY)
    first = client.get(PUBLIC)

    by_tag = client.get(PUBLIC, headers={"If-None-Match": first["ETag"]})
    by_time = client.get(PUBLIC, headers={"If-Modified-Since": first["Last-Modified"]})

    assert first["Last-Modified"] == "Wed, 13 Jan 2027 09:30:00 GMT"
    for again in (by_tag, by_time):
        assert (again.status_code, again.content) == (304, b"")
        assert again["ETag"] == first["ETag"]


def changes():
    def publish(event, now):
        EventPage.objects.filter(pk=event.pk).update(title="Renamed", last_published_at=now)

    def add(event, now):
        copied = type(event)(
            title="Another", slug="another", starts_at=event.starts_at, ends_at=event.ends_at
        )
        event.get_parent().add_child(instance=copied)

    def cancel(event, now):
        EventPage.objects.filter(pk=event.pk).update(cancelled_at=now, calendar_sequence=1)

    def unpublish(event, now):
        EventPage.objects.filter(pk=event.pk).update(live=False)

    def make_private(event, now):
        event.view_restrictions.create(restriction_type="login")

    return [publish, add, cancel, unpublish, make_private]


@pytest.mark.parametrize("change", changes(), ids=lambda change: change.__name__)
def test_public_calendar_changed_is_sent_again(client, make_event, now, change):
    event = make_event()
    first = client.get(PUBLIC)

    change(event, now)

    again = client.get(PUBLIC, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 200
    assert again["ETag"] != first["ETag"]
    assert again.content != first.content


def test_public_calendar_changes_when_an_event_is_over(client, make_event, now, clock):
    event = make_event(starts_at=now + HOUR)
    first = client.get(PUBLIC)

    clock.return_value = event.ends_at + HOUR

    by_tag = client.get(PUBLIC, headers={"If-None-Match": first["ETag"]})
    by_time = client.get(PUBLIC, headers={"If-Modified-Since": first["Last-Modified"]})
    assert (by_tag.status_code, by_time.status_code) == (200, 200)
    assert by_time["Last-Modified"] == "Thu, 14 Jan 2027 13:30:00 GMT"
    assert entries(by_time) == []


def test_public_calendar_of_nothing_is_an_empty_calendar(client, index):
    response = client.get(PUBLIC)

    assert (response.status_code, entries(response)) == (200, [])


@pytest.mark.parametrize("number", [1, 3, 200])
def test_public_calendar_costs_the_same_for_many(client, make_event, now, number, django_assert_num_queries):
    for position in range(number):
        make_event(starts_at=now + DAY * (position + 1))
    first = client.get(PUBLIC)

    with django_assert_num_queries(3):
        client.get(PUBLIC)
    with django_assert_num_queries(2):
        client.get(PUBLIC, headers={"If-None-Match": first["ETag"]})


# --- One's own -------------------------------------------------------------------------------------------------


@pytest.fixture
def address(member, now) -> str:
    """The path of the member's own feed."""
    calendar = actions.renew_calendar(member=member, now=now)
    return feeds.address_of(calendar).removeprefix("https://portal.example")


def test_personal_calendar_holds_ones_own_places_without_signing_in(
    client, make_event, member, other_member, address, book, fill, wait, organiser, now
):
    book(make_event(title="Mine", starts_at=now + 2 * DAY), member)
    wait(make_event(title="Offered", capacity=1, starts_at=now + 3 * DAY), member)
    full = make_event(title="Waiting", capacity=1)
    fill(full, 1)
    wait(full, member)
    book(make_event(title="Not mine"), other_member)
    cancelled = make_event(title="Cancelled", starts_at=now + 4 * DAY)
    book(cancelled, member)
    actions.cancel_event(event=cancelled, reason="Ill.", actor=organiser, now=now)
    given_up = book(make_event(title="Given up"), member)
    actions.cancel_registration(registration=given_up, actor=member, now=now)

    response = client.get(address)

    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Cache-Control"] == "private, no-store"
    assert sorted(entries(response)) == [
        ("Cancelled", "CANCELLED"),
        ("Mine", "CONFIRMED"),
        ("Offered", "TENTATIVE"),
    ]


def test_personal_calendar_keeps_a_year(client, make_event, fill, member, address, now):
    for title, days in [("Last month", 30), ("Last year", 364), ("Long ago", 366)]:
        [registration] = fill(make_event(title=title, starts_at=now - days * DAY), 1)
        Registration.objects.filter(pk=registration.pk).update(member=member)

    assert [title for title, _ in entries(client.get(address))] == ["Last month", "Last year"]


@pytest.mark.parametrize("number", [1, 3, 200])
def test_personal_calendar_costs_the_same_for_many(
    client, make_event, fill, member, address, now, number, django_assert_max_num_queries
):
    for position in range(number):
        Registration.objects.create(
            event=make_event(starts_at=now + DAY * (position + 1)),
            member=member,
            state="confirmed",
            registered_at=now,
        )
    client.get(address)

    with django_assert_max_num_queries(3):
        response = client.get(address)

    assert len(entries(response)) == number


def not_found(client, path: str) -> tuple[int, bytes]:
    response = client.get(path)
    # The page for signing in comes back to where one was, and the nonce is new each time.
    content = re.sub(rb'nonce="[^"]+"|next=[^"]+', b"", response.content)
    return response.status_code, content


def test_every_wrong_address_is_the_same_404(client, member, other_member, address, now):
    actions.renew_calendar(member=other_member, now=now)
    replaced = address
    actions.renew_calendar(member=member, now=now)
    ended = feeds.address_of(PersonalCalendar.objects.get(member=member)).removeprefix(
        "https://portal.example"
    )
    actions.end_calendar(member=member)
    key = PersonalCalendar.objects.get(member=other_member).key.hex
    made_up = [
        "/events/calendar/nothing.ics",
        f"/events/calendar/{key}.ics",
        f"/events/calendar/{key}..ics",
        f"/events/calendar/{key}.{'x' * 43}.ics",
        "/events/calendar/%00.ics",
    ]

    answers = {not_found(client, path) for path in (replaced, ended, *made_up)}

    assert len(answers) == 1
    assert next(iter(answers))[0] == 404


@pytest.mark.parametrize("state", ["suspended", "declined", "left"])
def test_personal_calendar_ends_with_the_membership(client, member, address, state):
    User.objects.filter(pk=member.pk).update(state=state, is_active=state == "declined")

    assert client.get(address).status_code == 404


def test_the_database_alone_does_not_open_a_calendar(client, member, address, settings):
    """Somebody who reads the table knows the key, not the address."""
    key = PersonalCalendar.objects.get(member=member).key

    settings.SECRET_KEY = "another"

    assert client.get(address).status_code == 404
    assert key.hex in address


# --- The page where one gets the address -------------------------------------------------------------------------


def test_my_calendar_makes_renews_and_ends_the_address(client, member):
    client.force_login(member)
    page = reverse("events:my_calendar")

    def shown() -> str:
        calendar = PersonalCalendar.objects.filter(member=member).first()
        return feeds.address_of(calendar) if calendar else ""

    assert "Make an address" in client.get(page).content.decode()

    client.post(reverse("events:renew_calendar"))
    first = shown()
    assert first in client.get(page).content.decode()

    client.post(reverse("events:renew_calendar"))
    second = shown()
    assert second in client.get(page).content.decode()
    assert first not in client.get(page).content.decode()

    client.post(reverse("events:end_calendar"))
    assert "Make an address" in client.get(page).content.decode()


@pytest.mark.parametrize("name", ["my_calendar", "renew_calendar", "end_calendar"])
def test_my_calendar_is_for_members(client, name):
    response = client.get(reverse(f"events:{name}"))

    assert response.url.startswith("/account/login/")


@pytest.mark.parametrize("name", ["renew_calendar", "end_calendar"])
def test_a_link_changes_no_address(client, member, address, name):
    client.force_login(member)

    assert client.get(reverse(f"events:{name}")).status_code == 405
    assert client.get(address).status_code == 200
