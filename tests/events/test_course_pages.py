"""The pages of a course: where the reader stands with all its dates, and what each date says of it."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import PageViewRestriction

from events import actions
from events.models import Audience, EventPage, SeriesPage
from members.models import User

DAY = timedelta(days=1)
TOGETHER = "All 3 dates go together: you get a place on every date, or on none."

pytestmark = pytest.mark.usefixtures("stopped_clock")


@pytest.fixture
def course(index) -> SeriesPage:
    return index.add_child(
        instance=SeriesPage(title="Supervising well", slug="supervising", is_booked_as_one=True)
    )


@pytest.fixture
def dates(make_event, course) -> list[EventPage]:
    return [make_event(series=course, capacity=2, title=f"Part {number}") for number in (1, 2, 3)]


def panel(response) -> str:
    """What stands in the panel of the page, spaces evened out; nothing where there is none."""
    words = " ".join(response.content.decode().split())
    found = words.partition('<div class="pp-panel pp-panel--lead">')[2]
    return found.partition("</aside>")[0].partition("</section>")[0]


def change(dates: list[EventPage], **fields: object) -> None:
    EventPage.objects.filter(pk__in=[date.pk for date in dates]).update(**fields)


@pytest.mark.parametrize(
    ("who", "words", "view"),
    [
        ("nobody", "Sign in to register", "book_series"),
        ("member", "Register for all dates", "book_series"),
        ("pending", "You can register once your membership is approved.", None),
    ],
)
def test_series_page_of_a_course_has_the_button(client, course, dates, member, who, words, view):
    if who == "pending":
        User.objects.filter(pk=member.pk).update(state="pending")
    if who != "nobody":
        client.force_login(member)

    shown = panel(client.get(course.url))

    assert TOGETHER in shown
    assert words in shown
    assert shown.count("govuk-button") == (1 if view else 0)
    if view:
        assert reverse(f"events:{view}", args=[course.pk]) in shown


@pytest.mark.parametrize(
    ("fields", "words", "is_button"),
    [
        ({"registration_opens_at": DAY}, "Part 2: from Friday 15 January 2027, 9:30am", False),
        ({"registration_closes_at": -DAY}, "Registration is closed", False),
        ({"capacity": 1}, "On one date all places are taken, or others wait for one.", True),
        ({"capacity": 1, "has_waiting_list": False}, "this course keeps no waiting list", False),
        ({"audience": Audience.CHOSEN}, "This course is only for some", False),
        ({"audience": Audience.INVITED}, "This course is only for people who were invited", False),
        ({"needs_approval": True}, "You have to be approved first.", True),
        ({"places_per_organisation": 1}, "On one date all places are taken", True),
    ],
)
def test_series_page_says_what_one_date_makes_of_all(
    client, course, dates, member, fill, now, fields, words, is_button
):
    fill(dates[1], 1)
    change(
        [dates[1]],
        **{key: now + value if isinstance(value, timedelta) else value for key, value in fields.items()},
    )
    client.force_login(member)

    shown = panel(client.get(course.url))

    assert TOGETHER in shown
    assert words in shown
    assert shown.count("govuk-button") == is_button
    assert client.get(reverse("events:book_series", args=[course.pk])).status_code == (
        200 if is_button else 302
    )


@pytest.mark.parametrize(
    ("states", "words", "button"),
    [
        (["confirmed"] * 3, "You are registered for all 3 dates", "See or cancel your registration"),
        (["confirmed"] * 2, "You are registered for 2 of 3 dates", "See or cancel your registration"),
        (["waiting"] * 3, "You are on the waiting list", "See or cancel your registration"),
        (
            ["offered"] * 3,
            "A place is yours until Friday 15 January 2027, 9:30am",
            "Take or decline the place",
        ),
        (
            ["awaiting approval"] * 3,
            "Your registration waits for approval",
            "See or cancel your registration",
        ),
    ],
)
def test_series_page_leads_to_what_the_reader_has(
    client, course, dates, put, member, now, states, words, button
):
    made = [put(date, member, state) for date, state in zip(dates, states, strict=False)]
    client.force_login(member)

    shown = panel(client.get(course.url))

    assert words in shown
    assert f'href="{reverse("events:registration", args=[made[0].uuid])}">{button}</a>' in shown
    assert ("Part 1</a>, Thursday 25 March 2027" in shown) is (len(made) < len(dates))
    assert "go together" not in shown


def test_series_page_tells_nobody_what_others_have(client, course, dates, member, other_member, now):
    actions.book_series(series=course, member=other_member, actor=other_member, now=now)
    client.force_login(member)

    assert "Register for all dates" in panel(client.get(course.url))


def test_series_page_has_no_button_where_nothing_can_be_booked(client, index, course, dates, member, now):
    """No date to come, one that is kept from the reader, or a series that is no course."""
    client.force_login(member)
    restriction = PageViewRestriction.objects.create(
        page=dates[2], restriction_type=PageViewRestriction.GROUPS
    )
    assert panel(client.get(course.url)) == ""
    restriction.delete()
    assert "Register for all dates" in panel(client.get(course.url))

    SeriesPage.objects.update(is_booked_as_one=False)
    shown = client.get(course.url)
    assert panel(shown) == ""
    assert "Series of events" in shown.content.decode()
    SeriesPage.objects.update(is_booked_as_one=True)
    change(dates, starts_at=now - DAY, ends_at=now - DAY / 2)

    assert panel(client.get(course.url)) == ""
    assert client.get(reverse("events:book_series", args=[course.pk])).url == course.url


@pytest.mark.parametrize(
    ("fields", "who", "words"),
    [
        ({}, "nobody", "Sign in to register"),
        ({}, "member", "Register for the course"),
        ({"capacity": 1}, "member", "Join the waiting list of the course"),
        ({"capacity": 1, "has_waiting_list": False}, "member", "See the course"),
        ({"registration_opens_at": DAY}, "member", "See the course"),
        ({"registration_closes_at": -DAY}, "member", None),
    ],
)
def test_event_page_of_a_date_leads_to_the_course(
    client, course, dates, member, fill, now, fields, who, words
):
    fill(dates[0], 1)
    change(
        dates[:1],
        **{key: now + value if isinstance(value, timedelta) else value for key, value in fields.items()},
    )
    if who == "member":
        client.force_login(member)

    response = client.get(dates[0].url)

    page, shown = " ".join(response.content.decode().split()), panel(response)
    assert f'One date of the course <a class="govuk-link" href="{course.url}">Supervising well</a>' in page
    assert "book-place" not in page
    assert shown.count("govuk-button") == (1 if words else 0)
    sign_in = f"{reverse('account_login')}?next={reverse('events:book_series', args=[course.pk])}"
    if words:
        assert "This is one date of the course “Supervising well”. All its dates go together" in shown
        assert f'href="{course.url if who == "member" else sign_in}">{words}</a>' in shown


def test_event_page_of_a_date_leads_to_the_registration_of_whoever_has_one(
    client, course, dates, member, now
):
    booked = actions.book_series(series=course, member=member, actor=member, now=now)
    client.force_login(member)

    shown = panel(client.get(dates[1].url))

    assert reverse("events:registration", args=[booked[1].uuid]) in shown
    assert "go together" not in shown


@pytest.mark.parametrize("number", [1, 3, 200])
@pytest.mark.parametrize("is_registered", [False, True])
def test_series_page_of_a_course_costs_the_same_queries(
    client, course, make_event, member, now, number, is_registered, django_assert_max_num_queries
):
    for _ in range(min(number, 30)):
        make_event(series=course, capacity=2)
    if is_registered:
        actions.book_series(series=course, member=member, actor=member, now=now)
    client.force_login(member)
    client.get(course.url)
    cache.clear()

    with django_assert_max_num_queries(14):
        client.get(course.url)


def test_series_page_of_a_course_for_chosen_people_costs_four_queries_a_date(
    client, course, make_event, member, force
):
    costs = []
    client.force_login(member)
    for _ in range(3):
        date = make_event(series=course, capacity=2, audience=Audience.CHOSEN)
        date.audience_organisations.set([force])
        date.save()
        client.get(course.url)
        cache.clear()
        with CaptureQueriesContext(connection) as asked:
            assert "Register for all dates" in panel(client.get(course.url))
        costs.append(len(asked))

    assert [later - earlier for earlier, later in pairwise(costs)] == [4, 4]
