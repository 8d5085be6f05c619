"""A list says of each event what the event's own page says: to whoever reads it, and at that time."""

import re
from datetime import timedelta
from unittest import mock

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.http import QueryDict

from events import listing
from events.models import Audience, EventPage, Invitation, SeriesPage
from members.models import Organisation, User

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MAY_COME = "5 places left of 5"


@pytest.fixture(autouse=True)
def clock(now):
    """The pages' clock stands still."""
    with mock.patch("django.utils.timezone.now", return_value=now):
        yield


def read(reader, now, query: str = "") -> listing.Listing:
    return listing.read(
        EventPage.objects.visible_to(reader),
        QueryDict(query),
        now=now,
        url="/events/",
        kinds=EventPage.Kind.choices,
        formats=EventPage.Format.choices,
        reader=reader,
    )


def titles(shown: listing.Listing) -> list[str]:
    return [event.title for event in shown.upcoming.events]


def main(response) -> str:
    return " ".join(response.content.decode().split()).split("<main")[1].split("</main>")[0]


def card(client, url: str) -> str:
    """What the one card of a page says of places."""
    [words] = re.findall(r'<div class="pp-event__places">(.*?)</div> </li>', main(client.get(url)))
    return " ".join(re.sub(r"<[^>]*>", " ", words).split())


def tag(client, event: EventPage) -> str:
    [words] = re.findall(r'pp-eyebrow">[^<]*<strong[^>]*>([^<]*)</strong>', main(client.get(event.url)))
    return words


WHEN = [
    ({}, MAY_COME, "Places left"),
    ({"starts_at": -HOUR}, "Registration closed", "Registration closed"),
    ({"registration_closes_at": -HOUR}, "Registration closed", "Registration closed"),
    # To the moment: it opens now, it closes now.
    ({"registration_closes_at": 0 * HOUR}, "Registration closed", "Registration closed"),
    ({"registration_opens_at": 0 * HOUR}, MAY_COME, "Places left"),
    (
        {"registration_opens_at": DAY},
        "Not open yet. Registration opens on Friday 15 January 2027, 9:30am",
        "Not open yet",
    ),
    ({"starts_at": -HOUR, "registration_closes_at": HOUR}, MAY_COME, "Places left"),
    ({"audience": Audience.INVITED}, "By invitation. Only for people who were invited", "By invitation"),
    ({"audience": Audience.CHOSEN, "audience_kinds": ["probation"]}, MAY_COME, "Places left"),
]


@pytest.mark.parametrize(("fields", "words", "on_page"), WHEN)
def test_card_filter_and_page_agree_for_a_visitor(client, index, make_event, now, fields, words, on_page):
    offsets = {key: now + value if isinstance(value, timedelta) else value for key, value in fields.items()}
    event = make_event(capacity=5, **offsets)

    left = read(AnonymousUser(), now, "places=left")
    [option] = read(AnonymousUser(), now).places

    assert (card(client, index.url), tag(client, event)) == (words, on_page)
    assert (titles(left), option.number) == (([event.title], 1) if words == MAY_COME else ([], 0))


WHO = [
    ({}, "police", MAY_COME, "Places left"),
    ({"audience": Audience.INVITED}, "police", "By invitation. Only for people who were invited", "By invitation"),
    ({"audience": Audience.INVITED}, "invited by address", MAY_COME, "Places left"),
    ({"audience": Audience.INVITED}, "invited by account", MAY_COME, "Places left"),
    ({"audience": Audience.CHOSEN, "audience_kinds": ["police force"]}, "police", MAY_COME, "Places left"),
    ({"audience": Audience.CHOSEN, "audience_kinds": ["police"]}, "police", "Not open to you.", "Not open to you"),
    ({"audience": Audience.CHOSEN, "audience_kinds": ["probation"]}, "police", "Not open to you.", "Not open to you"),
    ({"audience": Audience.CHOSEN, "audience_kinds": ["probation"]}, "invited by address", MAY_COME, "Places left"),
    ({"audience": Audience.CHOSEN, "audience_domains": ["force.example"]}, "police", MAY_COME, "Places left"),
    ({"audience": Audience.CHOSEN, "audience_domains": ["the-force.example"]}, "police", "Not open to you.", "Not open to you"),
    ({"audience": Audience.CHOSEN, "organisations": True}, "police", MAY_COME, "Places left"),
    ({"audience": Audience.CHOSEN, "organisations": True}, "nowhere", "Not open to you.", "Not open to you"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "who", "words", "on_page"), WHO)
def test_card_filter_and_page_agree_for_a_member(
    client, index, make_event, member, force, now, fields, who, words, on_page
):
    of = {key: value for key, value in fields.items() if key != "organisations"}
    event = make_event(capacity=5, **of)
    make_event(title="Over", starts_at=now - DAY)
    if "organisations" in fields:
        event.audience_organisations.set([force])
        event.save()
    if who == "nowhere":
        User.objects.filter(pk=member.pk).update(organisation=None)
    elif who == "invited by address":
        Invitation.objects.create(event=event, email=member.email, invited_at=now)
    elif who == "invited by account":
        Invitation.objects.create(event=event, email="other@a.example", member=member, invited_at=now)
    client.force_login(member)
    reader = User.objects.get(pk=member.pk)

    assert card(client, index.url).startswith(words)
    assert tag(client, event) == on_page
    is_for_them = words == MAY_COME
    assert titles(read(reader, now, "places=left")) == ([event.title] if is_for_them else [])
    numbers = {option.label: option.number for option in read(reader, now).places}
    assert numbers["Places left"] == int(is_for_them)
    if who != "nowhere":
        assert titles(read(reader, now, "places=mine")) == ([event.title] if is_for_them else [])
        assert numbers["Open to my organisation"] == int(is_for_them)


def test_open_to_my_organisation_is_for_those_who_have_one(client, index, make_event, member, now):
    make_event(audience=Audience.INVITED)
    visitor = read(AnonymousUser(), now, "places=mine")
    client.force_login(member)

    assert [option.label for option in visitor.places] == ["Places left"]
    assert (len(visitor.upcoming.events), visitor.chips) == (1, [])  # passed over, as anything unknown
    shown = main(client.get(f"{index.url}?places=mine&places=left"))
    assert re.findall(r'name="places" type="checkbox" value="(\w+)" checked', shown) == ["left", "mine"]
    chips = read(member, now, "places=mine&places=left").chips
    assert [(chip.label, chip.url) for chip in chips] == [
        ("Places left", "/events/?places=mine"),
        ("Open to my organisation", "/events/?places=left"),
    ]


def test_a_series_says_the_same_of_its_events(client, index, make_event, now):
    series = SeriesPage(title="Refreshers", slug="refreshers")
    index.add_child(instance=series)
    make_event(capacity=5, series=series, registration_closes_at=now - HOUR)

    assert card(client, series.url) == "Registration closed"


@pytest.mark.parametrize("number", [1, 3, 200])
def test_the_list_costs_a_member_the_same_for_any_number(
    make_event, member, now, number, django_assert_num_queries
):
    other = Organisation.objects.create(name="Another", kind="probation")
    for position in range(number):
        event = make_event(
            starts_at=now + (position + 1) * DAY,
            audience=[Audience.INVITED, Audience.CHOSEN, Audience.MEMBERS][position % 3],
            capacity=5,
        )
        if event.audience == Audience.CHOSEN:
            event.audience_organisations.set([member.organisation, other])
            event.save()
    reader = User.objects.get(pk=member.pk)

    with django_assert_num_queries(3):
        shown = read(reader, now)
        for each in shown.upcoming.events:
            str(each.standing_in_list)


def test_the_list_costs_a_member_at_most_15_statements(
    client, index, make_event, member, now, django_assert_max_num_queries
):
    for position in range(12):
        make_event(starts_at=now + (position + 1) * DAY, capacity=5)
    client.force_login(member)
    client.get(index.url)
    cache.clear()

    with django_assert_max_num_queries(15):
        client.get(index.url)
