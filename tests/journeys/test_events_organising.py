"""What organisers do with an event that people come to: look, sort out, write, hand over."""

from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.utils import timezone
from playwright.sync_api import Page, expect

from events import actions
from events.models import EventPage, TeamMember
from mailing.composition import composed
from tests.journeys.browsing import DESK, PHONE, faults

pytestmark = pytest.mark.journey

ORGANISER = "organiser@portal.example"


@pytest.fixture
def workshop(make_workshop, make_member) -> EventPage:
    """With three people registered and two waiting."""
    workshop = make_workshop(capacity=3)
    for number in range(5):
        member, now = make_member(), timezone.now()
        act = actions.book_place if number < 3 else actions.join_waiting_list
        act(event=workshop, member=member, actor=member, now=now)
    return workshop


def open_event(page: Page, event: EventPage) -> None:
    page.goto("/admin/")
    page.get_by_role("link", name="Events", exact=True).click()
    page.get_by_role("link", name=event.title, exact=True).first.click()


def test_organiser_sorts_out_who_comes_and_exports_them(visit_as, workshop, letters_to, tmp_path) -> None:
    page = visit_as(ORGANISER)

    open_event(page, workshop)
    expect(page.locator(".pp-admin__figures")).to_contain_text("of 3 places")
    page.get_by_role("link", name="3", exact=True).first.click()
    gone = workshop.registrations.confirmed().select_related("member").first()
    page.get_by_label(gone.name, exact=True).check()
    page.get_by_label("What to do").select_option("Cancel")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("main")).to_contain_text("Cancel: 1 registration.")
    page.get_by_role("button", name="Cancel", exact=True).click()
    expect(page.locator("main")).to_contain_text("1 registration is cancelled.")
    assert letters_to(gone.address)[-1].kind == "events/mail/registration_cancelled"

    page.get_by_role("link", name="Export", exact=True).click()
    page.get_by_label("CSV, for other programs").check()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export", exact=True).click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    lines = Path(file).read_text(encoding="utf-8-sig").splitlines()
    assert (len(lines), file.suffix) == (6, ".csv")

    page.goto(f"/admin/events/{workshop.pk}/registrations/{gone.uuid}/")
    expect(page.locator(".pp-admin__history")).to_contain_text("cancelled the registration")


def test_organiser_writes_to_those_who_wait(visit_as, workshop, letters_to) -> None:
    page = visit_as(ORGANISER)
    waiting = [row.address for row in workshop.registrations.waiting().select_related("member")]

    open_event(page, workshop)
    page.get_by_role("link", name="2", exact=True).first.click()
    page.get_by_label("All 2 that match").check()
    page.get_by_label("What to do").select_option("Write a message")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("main")).to_contain_text("For 2 people.")
    page.get_by_label("Subject").fill("A larger room for {event}")
    page.get_by_label("Text").fill("Hello {frist_name}")
    page.get_by_role("button", name="Save and preview").click()
    expect(page.locator("main")).to_contain_text("There is no placeholder {frist_name}.")
    page.get_by_label("Text").fill("Hello {first_name},\n\nThere may be more places.")
    page.get_by_role("button", name="Save and preview").click()
    expect(page.locator(".pp-admin__letter")).to_contain_text(f"A larger room for {workshop.title}")
    page.get_by_role("button", name="Send 2 letters").click()
    expect(page.locator("main")).to_contain_text("2 letters are on the way.")
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("main")).to_contain_text("Paused.")
    page.get_by_role("button", name="Go on").click()

    for address in waiting:
        letter = letters_to(address)[-1]
        assert composed(letter).subject == f"A larger room for {workshop.title}"
        assert composed(letter).text.startswith("Hello Traveller,")


def test_organiser_puts_somebody_on_the_team_who_then_sees_this_event_alone(
    visit, visit_as, sign_in, workshop, make_member, make_workshop
) -> None:
    page, other = visit_as(ORGANISER), make_workshop()
    helper = make_member()

    open_event(page, workshop)
    page.get_by_role("link", name="Team", exact=True).click()
    page.get_by_label("E-mail address").fill(helper.email)
    page.get_by_label("See registrations and numbers").check()
    page.get_by_role("button", name="Add to the team").click()
    expect(page.locator("main")).to_contain_text("is on the team.")
    assert TeamMember.objects.get(event=workshop).member == helper

    TOTP.activate(helper, generate_totp_secret())
    desk = visit(DESK)
    sign_in(desk, helper.email)
    open_event(desk, workshop)
    expect(desk.locator(".pp-admin__tabs")).to_have_text("Overview Registrations Export", use_inner_text=True)
    desk.goto("/admin/events/")
    expect(desk.get_by_role("link", name=other.title, exact=True)).to_have_count(0)
    assert desk.goto(f"/admin/events/{other.pk}/").status == 404


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_pages_of_an_event_fit_and_are_accessible(visit_as, workshop, width) -> None:
    page = visit_as(ORGANISER, width)
    registration = workshop.registrations.first()
    base = f"/admin/events/{workshop.pk}/"
    pages = (
        "", "registrations/", f"registrations/{registration.uuid}/", "registrations/register-member/", "export/",
        "messages/", "messages/write/", "team/", "cancel-event/",
    )  # fmt: skip

    for path in pages:
        page.goto(base + path)
        for hidden in page.locator(".pp-admin details").all():
            hidden.evaluate("element => { element.open = true; }")
        assert list(faults(page)) == [], path
