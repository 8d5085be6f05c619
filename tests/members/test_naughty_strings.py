"""Every naughty string in every free-text field: kept as it is, or refused with a word, and never a 500."""

import unicodedata

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from members.models import User

PASSWORD = "four-words-nobody-guesses"
State = User.State


def outcome(response) -> str:
    """Whether a form took what was typed; anything but a redirect or an explained refusal fails."""
    if response.status_code == 302:
        return "kept"
    assert response.status_code == 200
    errors = response.context["form"].errors
    assert errors
    assert all(str(message) for messages in errors.values() for message in messages)
    return "refused"


def is_visible(text: str) -> bool:
    return all(unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} for letter in text)


def test_in_details(naughty_strings, approved, browser_of):
    browser = browser_of(approved)
    kept = []
    for string in naughty_strings:
        typed = {"first_name": string, "last_name": string, "job_title": string}
        if outcome(browser.post("/members/details/", typed)) == "kept":
            approved.refresh_from_db()
            assert (approved.first_name, approved.job_title) == (string.strip(), string.strip())
            kept.append(string)
            if len(kept) % 25 == 0:
                assert browser.get("/members/details/").status_code == 200

    refused = set(naughty_strings) - set(kept)
    assert not [text for text in refused if 0 < len(text.strip()) <= 120 and is_visible(text.strip())]
    assert len(kept) > 300


def test_in_the_sign_up(naughty_strings, essex, settings):
    settings.ACCOUNT_RATE_LIMITS = False
    for number, string in enumerate(naughty_strings):
        typed = {
            "first_name": string,
            "last_name": string,
            "stated_organisation": string,
            "job_title": string,
            "password1": PASSWORD,
        }
        browser = Client()
        if outcome(browser.post("/account/signup/", {**typed, "email": f"n{number}@b.example"})) == "kept":
            member = User.objects.get(email=f"n{number}@b.example")
            assert (member.last_name, member.stated_organisation) == (string.strip(), string.strip())


def test_as_address_and_password_of_a_sign_up(naughty_strings, essex, settings):
    settings.ACCOUNT_RATE_LIMITS = False
    names = {"first_name": "New", "last_name": "Officer"}
    for string in naughty_strings:
        outcome(Client().post("/account/signup/", {**names, "email": string, "password1": string}))


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/account/login/", "login"),
        ("/account/login/", "password"),
        ("/account/login/code/", "email"),
        ("/account/password/reset/", "email"),
    ],
)
def test_on_the_way_in(naughty_strings, approved, settings, path, field):
    settings.ACCOUNT_RATE_LIMITS = False
    browser = Client()
    # A field for addresses refuses all but these in the same way.
    like_addresses = [string for string in naughty_strings if "@" in string]
    for string in naughty_strings if field == "password" else [*like_addresses, *naughty_strings[::20]]:
        outcome(browser.post(path, {"login": approved.email, "password": PASSWORD + "?", field: string}))


@pytest.mark.parametrize("verb", ["decline", "suspend", "reinstate"])
def test_in_the_reason_of_a_decision(naughty_strings, make_user, manager, browser_of, now, verb):
    state = {"decline": State.PENDING, "suspend": State.APPROVED, "reinstate": State.SUSPENDED}[verb]
    since = now if state == State.PENDING else None
    member = make_user("some@council.example", state=state, waiting_since=since)
    browser = browser_of(manager)
    kept = 0
    for string in naughty_strings:
        answer = browser.post(f"/admin/members/{member.uuid}/{verb}/", {"seen": state, "reason": string})
        if outcome(answer) == "kept":
            kept += 1
            is_shut_out = state == State.SUSPENDED
            User.objects.filter(pk=member.pk).update(
                state=state, is_active=not is_shut_out, waiting_since=since
            )

    assert member.membership_decisions.count() == kept
    assert kept > 300
    assert browser.get(f"/admin/members/{member.uuid}/").status_code == 200


def test_in_the_search_of_the_list(naughty_strings, manager, browser_of):
    browser = browser_of(manager)

    for string in naughty_strings:
        query = {"q": string, "state": string, "organisation": string, "ordering": string, "p": string}
        assert browser.get("/admin/members/results/", query).status_code == 200


def test_in_an_address_to_move_to(naughty_strings, approved, browser_of, confirm_identity, settings):
    settings.ACCOUNT_RATE_LIMITS = False
    browser = browser_of(approved)
    confirm_identity(browser)

    for string in naughty_strings:
        outcome(browser.post("/account/email/", {"action_add": "", "email": string}))


def test_in_codes(naughty_strings, approved, manager, settings):
    settings.ACCOUNT_RATE_LIMITS = False
    for string in naughty_strings[::5]:  # each takes a letter
        browser = Client()
        browser.post("/account/login/code/", {"email": approved.email})
        outcome(browser.post("/account/login/code/confirm/", {"code": string}))
    browser = Client()
    browser.post("/account/login/", {"login": manager.email, "password": PASSWORD})
    for string in naughty_strings:
        outcome(browser.post("/account/2fa/authenticate/", {"code": string}))


def test_in_the_name_of_a_passkey(naughty_strings, approved, browser_of, confirm_identity):
    key = Authenticator.objects.create(user=approved, type="webauthn", data={"name": "Key", "credential": {}})
    browser = browser_of(approved)
    confirm_identity(browser)
    kept = 0
    for string in naughty_strings:
        address = f"/account/2fa/webauthn/keys/{key.pk}/edit/"
        kept += outcome(browser.post(address, {"name": string})) == "kept"
        if kept % 25 == 0:
            assert browser.get("/account/2fa/webauthn/").status_code == 200
