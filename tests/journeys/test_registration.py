"""The portal's main job, from the first visit to the place that passes on."""

import icalendar
import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from events.models import Registration
from mailing.composition import attached
from mailing.models import OutgoingMail
from members.models import User
from tests.journeys.conftest import PASSWORD, link_in

pytestmark = pytest.mark.journey

WITH_AND_WITHOUT_SCRIPTS = pytest.mark.parametrize(
    "javascript", [True, False], ids=["with scripts", "without scripts"]
)


def press(page: Page, name: str) -> None:
    page.locator("main").get_by_role("button", name=name, exact=True).click()


def follow(page: Page, name: str) -> None:
    page.locator("main").get_by_role("link", name=name, exact=True).click()


def expect_heading(page: Page, name: str) -> None:
    expect(page.locator("main").get_by_role("heading", name=name, exact=True)).to_be_visible()


def sign_up(page: Page, address: str) -> None:
    page.goto("/")
    page.get_by_role("banner").get_by_role("link", name="Create account").click()
    page.get_by_label("First name").fill("Newly")
    page.get_by_label("Last name").fill("Arrived")
    page.get_by_label("E-mail address").fill(address)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(page, "Create account")
    expect_heading(page, "Follow the link in the letter")


def find_event(page: Page, title: str) -> None:
    page.goto("/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Events").click()
    follow(page, title)
    expect_heading(page, title)


def calendar_file_in(letter: OutgoingMail) -> icalendar.Calendar:
    [file] = [file for file in attached(letter) if file.content_type.startswith("text/calendar")]
    return icalendar.Calendar.from_ical(file.content)


def kinds(letters: list[OutgoingMail]) -> list[str]:
    return [letter.kind.rpartition("/")[2] for letter in letters]


@WITH_AND_WITHOUT_SCRIPTS
def test_newcomer_registers_and_cancels_and_the_next_takes_the_place(
    visit, sign_in, make_member, make_workshop, letters_to, new_address, javascript
) -> None:
    workshop = make_workshop(capacity=1)
    page = visit(javascript=javascript)
    newcomer = new_address()

    # Sign up with an address at a force, and follow the link in the letter.
    sign_up(page, newcomer)
    [letter] = letters_to(newcomer)
    assert not User.objects.get(email=newcomer).is_approved
    page.goto(link_in(letter))
    assert not User.objects.get(email=newcomer).is_approved  # a mail gateway follows links too
    press(page, f"Yes, confirm {newcomer}")
    expect(page.get_by_text(f"Your address {newcomer} is confirmed.")).to_be_visible()
    assert User.objects.get(email=newcomer).is_approved

    # Find a workshop and register.
    find_event(page, workshop.title)
    follow(page, "Register for this event")
    press(page, "Register")
    expect_heading(page, "You are registered")
    booked = letters_to(newcomer)[-1]
    assert booked.kind == "events/mail/place_booked"
    [event] = calendar_file_in(booked).events
    assert (event["SUMMARY"], event.start, event.end) == (
        workshop.title,
        workshop.starts_at,
        workshop.ends_at,
    )
    assert len(calendar_file_in(booked).timezones) == 1

    # The next one finds it full and waits.
    colleague = make_member()
    their_page = visit(javascript=javascript)
    sign_in(their_page, colleague.email)
    find_event(their_page, workshop.title)
    follow(their_page, "Join the waiting list")
    press(their_page, "Join the waiting list")
    expect_heading(their_page, "You are on the waiting list")
    assert kinds(letters_to(colleague.email)) == ["waiting_list_joined"]

    # Cancel, from the link in the letter.
    page.goto(link_in(booked))
    follow(page, "Cancel your registration")
    press(page, "Cancel my registration")
    expect_heading(page, "This registration is cancelled")
    [cancelled] = calendar_file_in(letters_to(newcomer)[-1]).events
    assert (cancelled["UID"], cancelled["STATUS"]) == (event["UID"], "CANCELLED")
    assert cancelled["SEQUENCE"] > event["SEQUENCE"]

    # The next one is told and takes the place.
    assert kinds(letters_to(colleague.email)) == ["waiting_list_joined", "place_offered"]
    their_page.goto(link_in(letters_to(colleague.email)[-1]))
    press(their_page, "Take the place")
    expect_heading(their_page, "You are registered")
    assert kinds(letters_to(colleague.email))[2:] == ["place_booked"]
    states = Registration.objects.filter(event=workshop).order_by("pk").values_list("state", flat=True)
    assert list(states) == ["cancelled", "confirmed"]


@WITH_AND_WITHOUT_SCRIPTS
def test_visitor_who_wants_to_register_comes_back_to_the_event_after_signing_in(
    visit, make_member, make_workshop, javascript
) -> None:
    workshop, member = make_workshop(), make_member()
    page = visit(javascript=javascript)

    find_event(page, workshop.title)
    follow(page, "Sign in to register")
    page.get_by_label("E-mail address").fill(member.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(page, "Sign in")

    expect_heading(page, f"Register for “{workshop.title}”")


def test_place_that_went_while_the_page_was_open_leads_to_the_waiting_list(
    visit, sign_in, make_member, make_workshop
) -> None:
    workshop, late, early = make_workshop(capacity=1), make_member(), make_member()
    late_page, early_page = visit(), visit()
    for page, member in ((late_page, late), (early_page, early)):
        sign_in(page, member.email)
        page.goto(reverse("events:book_place", args=[workshop.uuid]))

    press(early_page, "Register")
    expect_heading(early_page, "You are registered")
    press(late_page, "Register")

    expect(late_page.get_by_role("alert")).to_contain_text("You are not registered")
    press(late_page, "Join the waiting list")
    expect_heading(late_page, "You are on the waiting list")
    assert Registration.objects.filter(event=workshop, state="confirmed").get().member == early


def test_registration_of_somebody_else_is_not_there(visit, sign_in, make_member, make_workshop) -> None:
    workshop, owner, stranger = make_workshop(), make_member(), make_member()
    page = visit()
    sign_in(page, owner.email)
    page.goto(reverse("events:book_place", args=[workshop.uuid]))
    press(page, "Register")
    expect_heading(page, "You are registered")
    address = page.url

    other_page = visit()
    sign_in(other_page, stranger.email)

    assert other_page.goto(address).status == 404
    assert workshop.title not in other_page.content()
