"""An organiser gives an event its own confirmation, and whoever registers gets it."""

import pytest
from playwright.sync_api import expect

from mailing.composition import composed
from tests.journeys.browsing import DESK, PHONE, faults
from tests.journeys.conftest import PASSWORD

pytestmark = pytest.mark.journey

ORGANISER = "organiser@portal.example"


def test_organiser_changes_the_confirmation_and_a_member_gets_it(
    visit_as, make_workshop, make_member, letters_to
) -> None:
    event, member = make_workshop(capacity=10), make_member()
    admin = visit_as(ORGANISER)
    found = []

    admin.goto(f"/admin/events/{event.pk}/")
    admin.get_by_role("navigation", name="This event").get_by_role("link", name="Letters").click()
    expect(admin.get_by_role("heading", name="Waiting list")).to_be_visible()
    found += faults(admin)
    admin.get_by_role("link", name="Confirmation").click()
    admin.get_by_label("Subject").fill("Welcome to {evnt}")
    admin.get_by_role("button", name="Save").click()
    expect(admin.locator("main")).to_contain_text("There is no placeholder {evnt}.")
    found += faults(admin)
    admin.get_by_label("Subject").fill("Welcome to {event}")
    words = admin.get_by_label("Text")
    words.fill(f"Hello {{first_name}},\n\nBring a case without names.\n\n{words.input_value()}")
    admin.get_by_role("button", name="Preview").click()
    letter = admin.frame_locator("iframe[title^='The letter as most']")
    expect(letter.get_by_text("Bring a case without names.")).to_be_visible()
    expect(letter.get_by_role("link", name="See or cancel your registration")).to_be_visible()
    found += faults(admin)
    admin.set_viewport_size({"width": PHONE, "height": 900})
    found += faults(admin)
    admin.set_viewport_size({"width": DESK, "height": 900})
    admin.get_by_role("button", name="Save").click()
    expect(admin.get_by_role("row", name="Confirmation")).to_contain_text("Changed")

    page = visit_as(member.email, password=PASSWORD)
    page.goto(f"/events/{event.uuid}/book-place/")
    page.locator("main").get_by_role("button", name="Register").click()
    page.wait_for_url("**/registrations/**")

    [row] = letters_to(member.email)
    assert composed(row).subject == f"Welcome to {event.title}"
    assert composed(row).text.startswith(
        "Hello Traveller,\n\nBring a case without names.\n\nYou have a place at"
    )
    assert found == []
