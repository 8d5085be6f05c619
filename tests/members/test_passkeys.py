"""Browsers keep passkeys for names only: who opened the portal by number is told where to go."""

import pytest
from allauth.mfa.models import Authenticator

from members.passkeys import named_address
from tests.members.conftest import PASSWORD

BY_NAME = "https://portal.example"


@pytest.mark.parametrize(
    ("url", "base_url", "named"),
    [
        ("https://portal.example/a/?b=c", BY_NAME, None),
        ("http://localhost:8000/a/", BY_NAME, None),
        ("http://127.0.0.1:8000/a/?b=c", BY_NAME, "http://localhost:8000/a/?b=c"),
        ("http://127.0.0.1/a/", "http://127.0.0.1", "http://localhost/a/"),
        ("http://[::1]:8000/a/", BY_NAME, "http://localhost:8000/a/"),
        ("http://192.168.1.20:8000/a/?b=c", BY_NAME, "https://portal.example/a/?b=c"),
        ("http://192.168.1.20:8000/a/", "http://portal.example:8080", "http://portal.example:8080/a/"),
        ("http://192.168.1.20:8000/a/", "http://192.168.1.20:8000", ""),
        ("http://192.168.1.20:8000/a/", "http://localhost:8000", ""),
        ("http://testserver/a/", BY_NAME, None),
    ],
)
def test_named_address(url, base_url, named):
    assert named_address(url, base_url) == named


NAMES_ONLY = "because browsers keep them for names only"


def test_adding_a_passkey_by_number_says_where_to_go(approved, browser_of, confirm_identity):
    browser = browser_of(approved)
    confirm_identity(browser)

    by_number = browser.get("/account/2fa/webauthn/add/", headers={"host": "127.0.0.1:8000"})
    by_name = browser.get("/account/2fa/webauthn/add/", headers={"host": "localhost:8000"})

    words = by_number.content.decode()
    link = '<a class="govuk-link" href="http://localhost:8000/account/2fa/webauthn/add/">'
    assert f"{link}Open this page at localhost:8000</a>" in words
    assert ['id="mfa_webauthn_add"' in page.content.decode() for page in (by_number, by_name)] == [
        False,
        True,
    ]
    assert [NAMES_ONLY in page.content.decode() for page in (by_number, by_name)] == [True, False]


def test_adding_a_passkey_by_number_says_so_where_no_name_is_known(
    approved, browser_of, confirm_identity, settings
):
    settings.BASE_URL = "http://192.168.1.20:8000"
    browser = browser_of(approved)
    confirm_identity(browser)

    page = browser.get("/account/2fa/webauthn/add/", headers={"host": "192.168.1.20:8000"})

    assert "Open the portal by its name, such as portal.example, or use another way." in page.content.decode()


def test_signing_in_by_number_says_where_a_passkey_works(client, db):
    address = "/account/login/?next=/members/details/"
    by_number = client.get(address, headers={"host": "127.0.0.1:8000"}).content.decode()
    by_name = client.get(address, headers={"host": "localhost:8000"}).content.decode()

    assert f'<a class="govuk-link" href="http://localhost:8000{address}">open this page at' in by_number
    assert ['id="passkey_login"' in page for page in (by_number, by_name)] == [False, True]
    assert ["names only" in page for page in (by_number, by_name)] == [True, False]


def test_the_second_step_by_number_says_where_a_passkey_works(approved, client, monkeypatch):
    monkeypatch.setattr("allauth.mfa.webauthn.internal.auth.get_credentials", lambda _user: [])
    Authenticator.objects.create(user=approved, type="webauthn", data={"name": "Key", "credential": {}})
    client.post("/account/login/", {"login": approved.email, "password": PASSWORD})

    by_number = client.get("/account/2fa/authenticate/", headers={"host": "127.0.0.1:8000"})
    by_name = client.get("/account/2fa/authenticate/", headers={"host": "localhost:8000"})

    assert [NAMES_ONLY in page.content.decode() for page in (by_number, by_name)] == [True, False]
    ids = ["mfa_webauthn_authenticate" in page.content.decode() for page in (by_number, by_name)]
    assert ids == [False, True]


def test_confirming_by_passkey_by_number_says_where_it_works(approved, browser_of, monkeypatch):
    monkeypatch.setattr("allauth.mfa.webauthn.internal.auth.get_credentials", lambda _user: [])
    Authenticator.objects.create(user=approved, type="webauthn", data={"name": "Key", "credential": {}})
    browser = browser_of(approved)

    page = browser.get("/account/2fa/webauthn/reauthenticate/", headers={"host": "[::1]:8000"})

    assert NAMES_ONLY in page.content.decode()
    assert "mfa_webauthn_reauthenticate" not in page.content.decode()
