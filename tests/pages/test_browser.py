"""The frame, the fields and the blocks in a real browser, under the real security policy."""

import os
import re
import shutil
from collections.abc import Callable, Iterator

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from playwright.sync_api import Browser, Page, expect, sync_playwright

from home.models import StandardPage
from tests.journeys.browsing import ARGUMENTS, DESK, HEIGHT, PHONE, Watch, faults
from tests.pages.specimen import body

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

SPECIMENS = [
    "/specimen/form/",
    "/specimen/formset/",
    "/specimen/components/",
    "/specimen/403/",
    "/specimen/429/",
    "/specimen/500/",
    "/no-such-page/",
    "/account/login/",
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    names = ("chromium", "chromium-browser", "google-chrome")
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if path is None:
        missing = pytest.fail if os.environ.get("REQUIRE_SERVICES") == "1" else pytest.skip
        missing(
            "No Chromium was found. Install it (Debian: apt install chromium) or set CHROMIUM to its path."
        )
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright keeps an event loop in this thread, which Django would take for asynchronous code.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium, live_server, specimens, site_tree) -> Iterator[Callable[..., Page]]:
    """Opens a window on a portal that has the specimens, too. Nothing may upset the browser."""
    cache.clear()
    contexts = []
    watch = Watch()

    def open_window(width: int = DESK, *, javascript: bool = True, session: str = "") -> Page:
        context = chromium.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": HEIGHT},
            java_script_enabled=javascript,
            locale="en-GB",
        )
        context.set_default_timeout(10_000)
        if session:
            context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        contexts.append(context)
        page = context.new_page()
        watch.over(page)
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert [line for line in watch.complaints if "/specimen/500/: 500" not in line] == []


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_every_specimen_is_without_faults(visit, width):
    page = visit(width)
    found = []
    for path in SPECIMENS:
        page.goto(path)
        found += faults(page)
        if page.locator("main form[method=post]").count():
            page.locator("main form[method=post] button[type=submit]").first.click()
            found += faults(page)

    assert found == []


def test_form_works_without_a_script(visit):
    page = visit(PHONE, javascript=False)
    page.goto("/specimen/form/")
    page.get_by_label("Name", exact=True).fill("Pat")
    page.get_by_label("Room 2").check()

    page.get_by_role("button", name="Register").click()

    assert page.title() == "Error: Specimen form – Practice Portal"
    expect(page.get_by_label("Name", exact=True)).to_have_value("Pat")
    expect(page.get_by_label("Room 2")).to_be_checked()
    expect(page.get_by_role("button", name="Show password")).to_be_hidden()
    page.get_by_role("link", name="Fill in “Day”").click()
    assert page.url.endswith("#id_day")


def test_error_summary_takes_the_focus_and_passes_it_on(visit):
    page = visit()
    page.goto("/specimen/form/")

    page.get_by_role("button", name="Register").click()

    expect(page.locator(".govuk-error-summary")).to_be_focused()
    page.get_by_role("link", name="Choose an answer for “Where do you want to sit?”").click()
    expect(page.get_by_label("Main hall")).to_be_focused()


def test_password_can_be_looked_at_and_is_hidden_again_when_sent(visit):
    page = visit()
    page.goto("/specimen/form/")
    field = page.get_by_label("Password", exact=True)
    field.fill("correct horse")

    page.get_by_role("button", name="Show password").click()
    expect(field).to_have_attribute("type", "text")

    page.get_by_role("button", name="Hide password").click()
    expect(field).to_have_attribute("type", "password")


def test_characters_left_are_counted(visit):
    page = visit()
    page.goto("/specimen/form/")

    page.get_by_label("What you want to take away").press_sequentially("Twelve chars")

    expect(page.locator(".govuk-character-count__status")).to_have_text("You have 388 characters remaining")


def test_skip_link_leads_to_the_content(visit):
    page = visit()
    page.goto("/specimen/form/")

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator("main")).to_be_focused()


def test_video_is_loaded_only_when_asked_for(visit):
    page = visit()
    asked = []
    page.route(
        re.compile("vimeo"),
        lambda route: (asked.append(route.request.url), route.fulfill(body="<title>Film</title>")),
    )
    page.goto("/specimen/components/")
    assert asked == []

    page.get_by_role("button", name="Play “How a joint assessment is done” here").click()

    player = page.locator("iframe[title='How a joint assessment is done']")
    expect(player).to_be_focused()
    assert player.evaluate("frame => frame.contentDocument === null")  # It is another site's.
    assert asked == ["https://player.vimeo.com/video/76979871?dnt=1"]


def test_editor_works_under_its_policy(visit, admin_client):
    contact = StandardPage.objects.get(slug="contact")
    contact.body = body()
    contact.save_revision().publish()
    page = visit(session=admin_client.session.session_key)
    page.goto(f"/admin/pages/{contact.pk}/edit/")

    # The editor of the text block is drawn by scripts, with styles of its own.
    expect(page.locator("[contenteditable=true]").first).to_contain_text("Assessment works")
    page.get_by_role("button", name="Toggle preview").click()
    preview = page.frame_locator("#w-preview-iframe[src*=preview]").locator("h1")
    expect(preview).to_have_text("Contact")


def test_bar_for_staff_works_under_the_strict_policy(visit, admin_client):
    page = visit(session=admin_client.session.session_key)
    page.goto("/contact/")

    page.get_by_role("button", name="View Wagtail quick actions").click()

    expect(page.get_by_role("menuitem", name="Edit this page")).to_be_visible()
    assert list(faults(page)) == []


@pytest.fixture
def passkey_holder(visit, settings, member_client) -> Page:
    """A member at a device that knows fingerprints, about to add a passkey."""
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
    page = visit(session=member_client.session.session_key)
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return page


def test_passkey_works_under_the_strict_policy(passkey_holder, member):
    page = passkey_holder
    page.goto("/account/2fa/webauthn/add/")
    page.locator("input[name=passwordless]").check()
    with page.expect_navigation():
        page.locator("#mfa_webauthn_add").click()
    assert EmailAddress.objects.get().user.authenticator_set.filter(type="webauthn").count() == 1

    page.context.clear_cookies()
    page.goto("/account/login/")
    page.locator("#passkey_login").click()

    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def test_passkey_that_is_not_used_is_told(passkey_holder):
    page = passkey_holder
    page.context.clear_cookies()
    page.goto("/account/login/")

    page.locator("#passkey_login").click()  # The device knows no passkey for this site.

    expect(page.locator("main [role=alert]")).to_have_text(
        "Your passkey or security key was not used. Try again, or choose another way. Nothing was changed."
    )


def test_passkey_button_stays_away_without_a_script(visit):
    page = visit(javascript=False)
    page.goto("/account/login/")

    expect(page.locator("#passkey_login")).to_be_hidden()
