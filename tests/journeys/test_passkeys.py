"""A passkey is added on one day and signs in on the next, with the browser's own virtual authenticator."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import PASSWORD

pytestmark = pytest.mark.journey


def plug_in_authenticator(page: Page) -> None:
    """A device that holds passkeys and agrees to everything."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
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


@pytest.fixture
def here(portal, settings) -> str:
    """The portal by name: browsers make passkeys for names only, and here without TLS."""
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
    return portal.replace("127.0.0.1", "localhost")


def test_a_passkey_is_added_and_signs_in_without_a_password(visit, here, make_member, letters_to) -> None:
    member = make_member()
    page = visit()
    page.goto(f"{here}/account/login/?next=/account/2fa/webauthn/add/")
    page.get_by_label("E-mail address").fill(member.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in").first.click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()

    plug_in_authenticator(page)
    page.get_by_label("Name").fill("My phone")
    page.get_by_label("Sign in with this passkey alone").check()
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    assert page.locator(".govuk-notification-banner__heading").all_inner_texts() == ["Your passkey is added."]
    page.goto(f"{here}/account/2fa/webauthn/")
    expect(page.get_by_text("My phone", exact=False).first).to_be_visible()
    page.goto(f"{here}/account/logout/")
    page.locator("main").get_by_role("button", name="Sign out").click()

    page.goto(f"{here}/account/login/?next=/members/details/")
    page.get_by_role("button", name="Use a passkey").click()

    expect(page.get_by_role("heading", name="My details")).to_be_visible()
    assert [letter.kind for letter in letters_to(member.email)] == ["members/mail/passkey_added"]
