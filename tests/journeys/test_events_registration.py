"""A conference with two parallel streams: three register, one waits, one cancels, the offer is taken."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from events.models import ConferencePage, EventIndexPage, Question, Registration, Session
from mailing.composition import composed
from members.models import User
from tests.journeys.browsing import PHONE, faults
from tests.journeys.conftest import PASSWORD

pytestmark = pytest.mark.journey

State = Registration.State


@pytest.fixture
def conference(portal) -> ConferencePage:
    """Two places, two sessions at once, one of them with a single place; a question that depends on another."""
    starts_at = (timezone.now() + timedelta(days=21)).replace(minute=0, second=0, microsecond=0)
    event = EventIndexPage.objects.get().add_child(
        instance=ConferencePage(
            title="Journey conference",
            summary="Only the journeys come.",
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=6),
            place="Midlands",
            capacity=2,
        )
    )
    for title, stream, capacity in (
        ("Rating together", "Assessment", 1),
        ("Visiting together", "Visits", None),
    ):
        Session.objects.create(
            event=event,
            title=title,
            stream=stream,
            starts_at=starts_at + timedelta(hours=1),
            ends_at=starts_at + timedelta(hours=2),
            is_chosen=True,
            capacity=capacity,
        )
    Question.objects.create(
        event=event,
        sort_order=0,
        label="Do you need anything?",
        kind="yes or no",
        is_required=True,
        is_sensitive=True,
    )
    Question.objects.create(
        event=event,
        sort_order=1,
        label="What do you need?",
        is_required=True,
        is_sensitive=True,
        shown_if="Do you need anything?",
        shown_if_answer="Yes",
    )
    return event


def press(page: Page, name: str) -> None:
    page.locator("main").get_by_role("button", name=name, exact=True).click()


def expect_heading(page: Page, name: str | re.Pattern[str]) -> None:
    expect(page.locator("main").get_by_role("heading", name=name)).to_be_visible()


def state_of(event: ConferencePage, member: User) -> str:
    return event.registrations.get(member=member).state


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
def test_three_register_one_waits_one_cancels_the_offer_is_taken(
    visit, sign_in, make_member, letters_to, conference, javascript
):
    def found_on(page: Page) -> list[str]:
        return list(faults(page)) if javascript else []  # what looks for faults is a script itself

    members = [make_member() for _ in range(3)]
    first, second, third = (
        visit(PHONE if number == 1 else 1280, javascript=javascript) for number in range(3)
    )
    for page, member in zip((first, second, third), members, strict=True):
        sign_in(page, member.email, PASSWORD)

    # The first answers wrongly, is told where, and keeps the rest.
    first.goto(conference.url)
    first.get_by_role("link", name="Register for this event").click()
    needs = first.get_by_label("What do you need?", exact=True)
    first.get_by_label("Rating together").check()
    assert needs.is_visible() is not javascript
    first.get_by_label("Yes", exact=True).check()
    expect(needs).to_be_visible()
    press(first, "Register")
    expect(first.get_by_role("link", name="Fill in “What do you need?”")).to_be_visible()
    expect(first.get_by_label("Rating together")).to_be_checked()
    assert found_on(first) == []
    first.get_by_label("What do you need?", exact=True).fill("A seat near the door")
    press(first, "Register")
    expect_heading(first, "You are registered")
    expect(first.locator("main")).to_contain_text("A seat near the door")
    assert found_on(first) == []

    # The second finds the session full, on a phone, and takes the other.
    second.goto(reverse("events:book_place", args=[conference.uuid]))
    second.get_by_label("Rating together").check()
    second.get_by_label("No", exact=True).check()
    press(second, "Register")
    expect(second.get_by_role("link", name=re.compile("“Rating together” is full"))).to_be_visible()
    assert found_on(second) == []
    second.get_by_label("Visiting together").check()
    press(second, "Register")
    expect_heading(second, "You are registered")

    # The third waits.
    third.goto(conference.url)
    third.get_by_role("link", name="Join the waiting list").click()
    third.get_by_label("Visiting together").check()
    third.get_by_label("No", exact=True).check()
    press(third, "Join the waiting list")
    expect_heading(third, "You are on the waiting list")

    # The first cancels with the link of the letter, signed in nowhere.
    letter = composed(letters_to(members[0].email)[-1]).text
    path = re.findall(r"https://portal\.example(\S*/cancel/\S*)", letter)[0]
    stranger = visit(PHONE, javascript=javascript)
    stranger.goto(path)
    assert state_of(conference, members[0]) == State.CONFIRMED
    assert found_on(stranger) == []
    press(stranger, "Cancel my registration")
    expect_heading(stranger, "This registration has ended")

    # The third takes the offer, and what is left of the form with it.
    assert state_of(conference, members[2]) == State.OFFERED
    third.reload()
    expect_heading(third, re.compile("A place is yours until"))
    press(third, "Take the place")
    expect_heading(third, "You are registered")
    expect(third.locator("main")).to_contain_text("Visiting together")
    assert [state_of(conference, member) for member in members] == ["cancelled", "confirmed", "confirmed"]
