"""An organisation's own sign-in, by environment."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal.settings.environment import Environment
from portal.settings.sign_in import openid_connect, sign_in_origins

GOOD = {
    "OIDC_SERVER_URL": "https://login.example:8443/realms/police",
    "OIDC_CLIENT_ID": "portal",
    "OIDC_CLIENT_SECRET": "made-up-secret",
}


@pytest.fixture
def read(monkeypatch):
    def with_environment(**variables: str) -> dict:
        for name in [*GOOD, "OIDC_NAME"]:
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return openid_connect(Environment())

    return with_environment


def test_there_is_none_by_default(read):
    assert read() == {}
    assert sign_in_origins({}) == []


def test_openid_connect_is_one_provider(read):
    providers = read(**GOOD, OIDC_NAME="Police")

    [app] = providers["openid_connect"]["APPS"]
    assert (app["name"], app["client_id"], app["secret"]) == ("Police", "portal", "made-up-secret")
    assert app["settings"] == {"server_url": GOOD["OIDC_SERVER_URL"]}
    assert sign_in_origins(providers) == ["https://login.example:8443"]


@pytest.mark.parametrize("name", sorted(GOOD))
def test_what_is_missing_beside_the_others_is_named(read, name):
    with pytest.raises(ImproperlyConfigured, match=f"^{name} is not set"):
        read(**{key: value for key, value in GOOD.items() if key != name})


@pytest.mark.parametrize(
    "server",
    [
        "login.example",
        "http://login.example",
        "ftp://login.example",
        "https://",
        "https://login.example:port",
    ],
)
def test_a_malformed_address_is_named_and_not_repeated(read, server):
    with pytest.raises(ImproperlyConfigured, match=r"^OIDC_SERVER_URL cannot be used") as refusal:
        read(**{**GOOD, "OIDC_SERVER_URL": server})

    assert server not in str(refusal.value).replace("https://login.example/realms/police", "")


def test_on_this_machine_no_tls_is_needed(read):
    providers = read(**{**GOOD, "OIDC_SERVER_URL": "http://localhost:8080/realms/police"})

    assert sign_in_origins(providers) == ["http://localhost:8080"]


def test_the_sign_in_page_offers_it(read, client, settings, db):
    settings.SOCIALACCOUNT_PROVIDERS = read(**GOOD, OIDC_NAME="Police single sign-on")

    page = client.get("/account/login/").content.decode()

    assert "Sign in with Police single sign-on" in page
    assert 'action="/account/oidc/organisation/login/?process=login"' in page
