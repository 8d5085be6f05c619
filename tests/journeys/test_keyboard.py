"""Everything by keyboard: the skip link, the order, a focus that can be seen, and Enter."""

import pytest
from playwright.sync_api import Page, expect

from events.models import Registration
from tests.journeys.browsing import PHONE, as_json, controls_on, serve, tab_through, tab_to
from tests.journeys.conftest import PASSWORD

pytestmark = pytest.mark.journey

PUBLIC = ("/", "/events/", "/library/", "/search/?q=risk", "/privacy/", "/account/login/", "/account/signup/")
OWN = (
    "/",
    "/my-page/",
    "/members/details/",
    "/members/mail-preferences/",
    "/account/2fa/",
    "/events/calendar/",
)


def wrong_on(page: Page, path: str) -> list[str]:
    page.goto(path)
    return wrong_here(page, path)


def wrong_here(page: Page, path: str) -> list[str]:
    expected, stops = controls_on(page), tab_through(page)
    wrong = [
        f"{path}: “{stop.name}” has the focus and does not show it" for stop in stops if not stop.is_seen
    ]
    if [stop.name for stop in stops] != expected:
        wrong.append(
            f"{path}: the order is {as_json([stop.name for stop in stops])}, not {as_json(expected)}"
        )
    return wrong


def enter(page: Page) -> None:
    """Press Enter where it leads to another page."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_tab_reaches_every_control_in_order_and_shows_where_it_is(visit) -> None:
    page = visit()

    wrong = [fault for path in PUBLIC for fault in wrong_on(page, path)]

    assert wrong == [], as_json(wrong)


def test_tab_reaches_every_control_of_a_member_too(visit, sign_in, make_member) -> None:
    page = visit()
    sign_in(page, make_member().email)

    wrong = [fault for path in OWN for fault in wrong_on(page, path)]

    assert wrong == [], as_json(wrong)


def test_tab_reaches_every_control_on_a_phone(visit) -> None:
    page = visit(PHONE)

    wrong = [fault for path in ("/", "/events/", "/account/signup/") for fault in wrong_on(page, path)]

    assert wrong == [], as_json(wrong)


@pytest.mark.parametrize("path", ["/", "/events/", "/search/?q=risk", "/account/login/"])
def test_skip_link_comes_first_and_leads_past_the_navigation(visit, path) -> None:
    page = visit()
    page.goto(path)
    skip_link = page.get_by_role("link", name="Skip to main content")

    page.keyboard.press("Tab")
    expect(skip_link).to_be_focused()
    expect(skip_link).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.closest('main, footer') !== null")


def test_member_signs_in_and_registers_without_a_mouse(visit, make_member, make_workshop) -> None:
    member, workshop = make_member(), make_workshop()
    page = visit()

    page.goto("/")
    tab_to(page, "Sign in")
    enter(page)
    tab_to(page, "login")
    page.keyboard.type(member.email)
    tab_to(page, "password")
    page.keyboard.type(PASSWORD)
    enter(page)
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    for name in ("Events", workshop.title, "Register for this event", "Register"):
        tab_to(page, name)
        enter(page)

    expect(page.get_by_role("heading", name="You are registered")).to_be_visible()
    assert Registration.objects.get(event=workshop).member == member


@pytest.mark.parametrize("path", ["/", "/events/"])  # the front page has a larger field of its own
def test_search_starts_with_enter(visit, path) -> None:
    page = visit()
    page.goto(path)

    page.get_by_role("searchbox").press_sequentially("workshop")
    page.keyboard.press("Enter")

    page.wait_for_url("**/search/?q=workshop")


def test_signing_up_with_mistakes_moves_the_focus_to_the_summary_that_leads_to_them(visit) -> None:
    page = visit()
    page.goto("/account/signup/")

    page.get_by_label("First name").press("Enter")

    summary = page.locator(".govuk-error-summary")
    expect(summary).to_be_focused()
    tab_to(page, summary.get_by_role("link").first.inner_text())
    page.keyboard.press("Enter")
    expect(page.get_by_label("First name")).to_be_focused()


def test_wrong_here_notices_a_hidden_focus_and_a_jumping_order(visit) -> None:
    page = visit()
    serve(
        page,
        "<style>.quiet:focus {outline: none}</style>"
        "<button>One</button><button class=quiet>Two</button><button tabindex=1>Three</button>",
        policy="style-src 'unsafe-inline'",
    )

    focus, order = wrong_here(page, "specimen")

    assert focus == "specimen: “Two” has the focus and does not show it"
    assert order.startswith("specimen: the order is")
