"""A course is booked, waited for and taken as a whole; a place goes to a colleague who is approved first."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Page, expect

from events import actions
from events.models import EventIndexPage, EventPage, Question, Registration, SeriesPage, WorkshopPage
from members.models import User
from tests.journeys.browsing import DESK, PHONE, faults
from tests.journeys.conftest import PASSWORD, link_in

pytestmark = pytest.mark.journey

ORGANISER = "organiser@portal.example"


def press(page: Page, name: str) -> None:
    page.locator("main").get_by_role("button", name=name, exact=True).click()


def follow(page: Page, name: str) -> None:
    page.locator("main").get_by_role("link", name=name, exact=True).click()


def expect_heading(page: Page, name: str | re.Pattern[str]) -> None:
    expect(page.locator("main").get_by_role("heading", name=name)).to_be_visible()


def make_dates(series: SeriesPage | None, number: int, **fields: object) -> list[EventPage]:
    index = EventIndexPage.objects.get()
    first = (timezone.now() + timedelta(days=40)).replace(minute=0, second=0, microsecond=0)
    return [
        index.add_child(
            instance=WorkshopPage(
                title=f"Journey date {position + 1}" if series else "Journey with approval",
                summary="Only the journeys come.",
                starts_at=first + timedelta(days=7 * position),
                ends_at=first + timedelta(days=7 * position, hours=2),
                place="Midlands",
                series=series,
                **fields,
            )
        )
        for position in range(number)
    ]


@pytest.fixture
def course(portal) -> SeriesPage:
    """Two dates, one place on each."""
    series = EventIndexPage.objects.get().add_child(
        instance=SeriesPage(title="Journey course", is_booked_as_one=True)
    )
    make_dates(series, 2, capacity=1)
    return series


@pytest.fixture
def arrive(visit, sign_in, make_member) -> Callable[..., tuple[Page, User]]:
    """One more member, signed in."""

    def come(width: int = DESK, *, javascript: bool = True) -> tuple[Page, User]:
        member, page = make_member(), visit(width, javascript=javascript)
        sign_in(page, member.email, PASSWORD)
        return page, member

    return come


def states_of(member: User) -> list[str]:
    latest = {one.event_id: one.state for one in Registration.objects.filter(member=member).order_by("pk")}
    return [latest[number] for number in sorted(latest)]


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
def test_a_course_is_booked_waited_for_and_taken_as_a_whole(arrive, course, letters_to, javascript) -> None:
    def found_on(page: Page) -> list[str]:
        return list(faults(page)) if javascript else []  # what looks for faults is a script itself

    first, holder = arrive(javascript=javascript)
    second, waiter = arrive(PHONE, javascript=javascript)

    # From one date to the course, and to a place on all dates.
    first.goto(course.events.order_by("starts_at").last().url)
    expect(first.locator("main")).to_contain_text("This is one date of the course “Journey course”.")
    assert found_on(first) == []
    follow(first, "Register for the course")
    expect(first.locator("main")).to_contain_text("Both dates go together")
    assert found_on(first) == []
    follow(first, "Register for all dates")
    assert found_on(first) == []
    press(first, "Register for all dates")
    expect_heading(first, "You are registered")
    assert states_of(holder) == ["confirmed", "confirmed"]
    first.goto(course.url)
    expect_heading(first, "You are registered for both dates")
    assert found_on(first) == []

    # The next one finds it full, and waits for all of it.
    second.goto(course.url)
    expect(second.locator("main")).to_contain_text(
        "On every date all places are taken, or others wait for one."
    )
    follow(second, "Join the waiting list")
    assert found_on(second) == []
    press(second, "Join the waiting list")
    expect_heading(second, "You are on the waiting list")
    assert states_of(waiter) == ["waiting", "waiting"]

    # A place on one date alone is offered to nobody; all of them are, by what runs every minute.
    follow(first, "See or cancel your registration")
    follow(first, "Cancel your registration")
    press(first, "Cancel this date")
    expect_heading(first, "This registration is cancelled")
    call_command("expire_offers", verbosity=0)
    assert states_of(waiter) == ["waiting", "waiting"]
    first.goto(course.url)
    expect_heading(first, "You are registered for 1 of 2 dates")
    assert found_on(first) == []
    follow(first, "See or cancel your registration")
    follow(first, "Cancel your registration")
    press(first, "Cancel my registration")
    expect_heading(first, "This registration is cancelled")
    call_command("expire_offers", verbosity=0)

    # One letter leads to both places.
    assert states_of(waiter) == ["offered", "offered"]
    second.goto(link_in(letters_to(waiter.email)[-1]))
    expect_heading(second, re.compile("A place is yours until"))
    assert found_on(second) == []
    press(second, "Take the place")
    expect_heading(second, "You are registered")
    second.goto(course.url)
    expect_heading(second, "You are registered for both dates")
    assert found_on(second) == []
    assert (states_of(holder), states_of(waiter)) == (["cancelled"] * 2, ["confirmed"] * 2)


@pytest.fixture
def approved(portal, make_member) -> Callable[[User], Registration]:
    """The one place of an event that an organiser approves, and that asks something."""

    def register(member: User) -> Registration:
        [event] = make_dates(None, 1, capacity=1, needs_approval=True)
        Question.objects.create(
            event=event, sort_order=0, label="Do you need anything?", kind="yes or no", is_required=True
        )
        organiser = User.objects.get(email=ORGANISER)
        return actions.book_place(event=event, member=member, actor=organiser, now=timezone.now())

    return register


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
def test_a_place_goes_to_a_colleague_once_they_are_approved(
    arrive, visit_as, approved, letters_to, javascript
) -> None:
    def found_on(page: Page) -> list[str]:
        return list(faults(page)) if javascript else []

    first, holder = arrive(javascript=javascript)
    second, colleague = arrive(PHONE, javascript=javascript)
    registration = approved(holder)

    # To oneself and to somebody elsewhere it does not go; what was typed stays.
    first.goto(f"/events/registrations/{registration.uuid}/")
    follow(first, "Pass your place to a colleague")
    address = first.get_by_label("Your colleague’s e-mail address")
    address.fill(holder.email)
    press(first, "Write to them")
    expect(first.get_by_role("link", name=re.compile("This is your own address."))).to_be_visible()
    address.fill("sergeant@kent.example")
    press(first, "Write to them")
    refused = first.get_by_role("link", name=re.compile("Your place can only go to a colleague at"))
    expect(refused).to_be_visible()
    expect(address).to_have_value("sergeant@kent.example")
    assert found_on(first) == []
    address.fill(colleague.email)
    press(first, "Write to them")
    expect(first.locator("main")).to_contain_text(f"You offered your place to {colleague.email}")
    expect(first.locator("main")).to_contain_text("stays yours until they take it and are approved.")
    assert found_on(first) == []

    # The colleague answers what the event asks, and waits; the place stays where it is.
    second.goto(link_in(letters_to(colleague.email)[-1]))
    expect_heading(second, "A place for you")
    press(second, "Take the place")
    expect(second.get_by_role("link", name=re.compile("Do you need anything"))).to_be_visible()
    assert states_of(holder) == ["confirmed"]
    assert found_on(second) == []
    second.get_by_label("No", exact=True).check()
    press(second, "Take the place")
    expect_heading(second, "Your registration waits for approval")
    assert found_on(second) == []
    assert (states_of(holder), states_of(colleague)) == (["confirmed"], ["awaiting approval"])
    first.reload()
    expect(first.locator("main")).to_contain_text("They took it, and have to be approved first.")
    assert found_on(first) == []

    # The organiser approves, and it changes hands.
    admin = visit_as(ORGANISER)
    asked = Registration.objects.get(member=colleague)
    admin.goto(f"/admin/events/{asked.event_id}/registrations/{asked.uuid}/")
    press(admin, "Approve")
    expect(admin.locator("main")).to_contain_text("A letter tells them.")
    press(admin, "Approve")
    expect(admin.get_by_text("1 registration is approved: 1 has a place.")).to_be_visible()
    second.reload()
    expect_heading(second, "You are registered")
    first.reload()
    expect_heading(first, "Your colleague has your place")
    assert (states_of(holder), states_of(colleague)) == (["cancelled"], ["confirmed"])
