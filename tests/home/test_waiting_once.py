"""What waits for a member, where it is more than one event's: courses, and places that colleagues pass on."""

from datetime import timedelta

import pytest
from django.urls import reverse

from events import actions
from events.models import EventIndexPage, EventPage, Registration, SeriesPage
from home.waiting import Waiting, waiting_for

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def course(site_tree) -> SeriesPage:
    return EventIndexPage.objects.get().add_child(
        instance=SeriesPage(title="Supervising well", slug="supervising", is_booked_as_one=True)
    )


@pytest.fixture
def dates(course, new_event) -> list[EventPage]:
    return [new_event(days=10 * number, series=course, title=f"Part {number}") for number in (1, 2, 3)]


@pytest.fixture
def colleague(member, other_member):
    """The colleague offers what the member is asked to take."""
    return other_member


def in_words(dates: list[EventPage]) -> tuple[str, ...]:
    return tuple(f"{date.title}, {date.when}" for date in dates)


def book(course, who, now) -> list[Registration]:
    return actions.book_series(series=course, member=who, actor=who, now=now)


def hand_over(registration, member, now):
    return actions.hand_over(
        registration=registration, colleague_email=member.email, actor=registration.member, now=now
    )


def test_a_course_that_is_offered_is_one_thing(course, dates, member, new_event, register, now):
    made = book(course, member, now)
    Registration.objects.update(state="offered", offer_expires_at=now + 30 * HOUR, confirmed_at=None)
    other = register(new_event(title="Another"), "offered", offer_expires_at=now + 40 * HOUR)

    assert waiting_for(member, now) == [
        Waiting(
            what="A place is yours until Friday 15 January 2027, 3:30pm",
            about="Supervising well",
            url=reverse("events:registration", args=[made[0].uuid]),
            action="Take or decline the place",
            note="After that it goes to the next person waiting.",
            dates=in_words(dates),
        ),
        Waiting(
            what="A place is yours until Saturday 16 January 2027, 1:30am",
            about="Another",
            url=reverse("events:registration", args=[other.uuid]),
            action="Take or decline the place",
            note="After that it goes to the next person waiting.",
        ),
    ]


def test_a_course_that_waits_for_approval_is_one_thing(course, dates, member, now):
    EventPage.objects.filter(pk=dates[1].pk).update(needs_approval=True)
    book(course, member, now)

    [thing] = waiting_for(member, now)

    assert (thing.what, thing.about) == ("Your registration waits for approval", "Supervising well")
    assert thing.dates == in_words(dates)


@pytest.mark.parametrize("address", ["/", "/my-page/"])
def test_pages_list_the_dates_of_a_course_under_one_button(
    client, course, dates, member, now, today, address
):
    book(course, member, now)
    Registration.objects.update(state="offered", offer_expires_at=now + DAY, confirmed_at=None)
    client.force_login(member)

    panel = client.get(address).text.split('aria-labelledby="waiting"')[1].split("</aside>")[0]

    assert panel.count("Take or decline the place") == 1
    assert [panel.count(f"<li>{words}</li>") for words in in_words(dates)] == [1, 1, 1]


def test_a_place_that_a_colleague_passes_on_waits_to_be_taken(
    new_event, register, member, colleague, now, force
):
    registration = register(new_event(title="Rating together"), member=colleague, organisation=force)
    handover = hand_over(registration, member, now)

    assert waiting_for(colleague, now) == []
    assert waiting_for(member, now) == [
        Waiting(
            what="Col League passes a place to you",
            about="Rating together",
            url=reverse("events:handover", args=[handover.key]),
            action="Take or decline the place",
            note="Until you take it, the place stays with them.",
        )
    ]


def test_a_course_that_a_colleague_passes_on_is_one_thing(course, dates, member, colleague, now):
    hand_over(book(course, colleague, now)[0], member, now)

    assert [thing.about for thing in waiting_for(member, now)] == ["Supervising well"]


@pytest.mark.parametrize("end", ["taken", "declined", "kept", "cancelled", "started", "hidden"])
def test_a_place_that_cannot_be_taken_any_more_waits_for_nobody(
    new_event, register, member, colleague, now, force, end
):
    registration = register(new_event(), member=colleague, organisation=force)
    handover = hand_over(registration, member, now)
    assert len(waiting_for(member, now)) == 1
    at = now
    if end == "taken":
        actions.take_handover(handover=handover, actor=member, now=now)
    elif end == "declined":
        actions.decline_handover(handover=handover, actor=member, now=now)
    elif end == "kept":
        actions.withdraw_handover(registration=registration, actor=colleague, now=now)
    elif end == "cancelled":
        actions.cancel_registration(registration=registration, actor=colleague, now=now)
    elif end == "started":
        at = registration.event.starts_at
    else:
        EventPage.objects.update(live=False)

    assert waiting_for(member, at) == []


@pytest.mark.parametrize("number", [1, 3])
def test_handovers_and_courses_cost_the_same_queries(
    new_event, register, member, colleague, now, force, number, django_assert_num_queries
):
    for _ in range(number):
        hand_over(register(new_event(), member=colleague, organisation=force), member, now)
        register(new_event(), "offered")

    with django_assert_num_queries(5):
        assert len(waiting_for(member, now)) == 2 * number
