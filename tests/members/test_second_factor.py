"""The Wagtail admin opens to sessions that used a second factor, and to no others."""

import time
from urllib.parse import quote

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver

from members import demo
from members.models import User
from tests.members.conftest import PASSWORD

VALUES = {"int": 1, "uuid": "00000000-0000-4000-8000-000000000000", "str": "a", "slug": "a", "path": "a"}


def admin_addresses() -> list[str]:
    """One address for every pattern under /admin/."""

    def walk(patterns, prefix: str):
        for entry in patterns:
            route = prefix + getattr(entry.pattern, "_route", "")
            if isinstance(entry, URLResolver):
                yield from walk(entry.url_patterns, route)
            elif isinstance(entry, URLPattern) and hasattr(entry.pattern, "_route"):
                for name, converter in entry.pattern.converters.items():
                    kind = type(converter).__name__.removesuffix("Converter").lower()
                    value = str(VALUES.get({"string": "str"}.get(kind, kind), "a"))
                    for written in (f"<{kind}:{name}>", f"<str:{name}>", f"<{name}>"):
                        route = route.replace(written, value)
                yield f"/{route}"

    return sorted(
        address for address in walk(get_resolver().url_patterns, "") if address.startswith("/admin/")
    )


OUR_OWN = ("/admin/login/", "/admin/password_reset/")


@pytest.fixture
def without_factor(make_user) -> User:
    return make_user(
        "new.staff@portal.example",
        permissions=("wagtailadmin.access_admin", "members.decide_membership"),
        state=User.State.APPROVED,
    )


def test_every_address_of_the_admin_sends_staff_without_a_factor_to_set_one_up(without_factor, browser_of):
    addresses = [address for address in admin_addresses() if not address.startswith(OUR_OWN)]
    assert len(addresses) > 150
    browser = browser_of(without_factor)

    answers = {address: browser.get(address) for address in addresses}

    assert {
        address: answer.headers.get("Location")
        for address, answer in answers.items()
        if answer.headers.get("Location") != f"/members/second-factor/?next={quote(address, safe='')}"
    } == {}


def test_posting_to_the_admin_is_no_way_round(without_factor, browser_of, waiting):
    answer = browser_of(without_factor).post(
        f"/admin/members/{waiting.uuid}/decline/", {"reason": "Because.", "seen": "pending"}
    )

    assert answer["Location"] == "/members/second-factor/?next=%2Fadmin%2F"
    assert User.objects.get(pk=waiting.pk).state == "pending"


def test_a_session_from_before_the_factor_was_set_up_has_to_use_it(without_factor, browser_of):
    browser = browser_of(without_factor)
    Authenticator.objects.create(user=without_factor, type="totp", data={"secret": "JBSWY3DPEHPK3PXP"})

    answer = browser.get("/admin/members/")
    assert answer["Location"] == "/account/2fa/reauthenticate/?next=%2Fadmin%2Fmembers%2F"

    answer = browser.post(answer["Location"], {"code": demo.current_code(without_factor)})

    assert answer["Location"] == "/admin/members/"
    assert browser.get("/admin/members/").status_code == 200


def test_somebody_elses_factor_in_the_session_does_not_count(without_factor, manager, browser_of):
    browser = browser_of(manager)
    session = dict(browser.session)
    browser.force_login(without_factor)
    later = browser.session
    for key in ("account_authentication_methods", "account_authentication_methods_user"):
        later[key] = session[key]
    later.save()

    assert browser.get("/admin/")["Location"] == "/members/second-factor/?next=%2Fadmin%2F"


def test_whoever_has_only_a_passkey_is_asked_for_it(without_factor, browser_of):
    browser = browser_of(without_factor)
    Authenticator.objects.create(user=without_factor, type="webauthn", data={"name": "Key", "credential": {}})

    assert browser.get("/admin/")["Location"] == "/account/2fa/webauthn/reauthenticate/?next=%2Fadmin%2F"


def test_members_who_are_not_staff_are_told_that_it_is_not_for_them(approved, browser_of):
    assert browser_of(approved).get("/admin/").status_code == 403


def test_visitors_are_sent_to_sign_in(client, db):
    assert client.get("/admin/members/")["Location"] == "/account/login/?next=/admin/members/"


def test_setting_up_an_app_leads_from_the_admin_and_back(
    without_factor, browser_of, confirm_identity, letters, django_capture_on_commit_callbacks
):
    browser = browser_of(without_factor)
    confirm_identity(browser)
    page = browser.get(browser.get("/admin/")["Location"])
    assert b'href="/account/2fa/totp/activate/"' in page.content
    browser.get("/account/2fa/totp/activate/")
    secret = browser.session["mfa.totp.secret"]

    with django_capture_on_commit_callbacks(execute=True):
        browser.post("/account/2fa/totp/activate/", {"code": _code_of(secret)})

    assert Authenticator.objects.filter(user=without_factor).count() == 2  # the app and recovery codes
    assert letters() == [("authenticator_app_added", without_factor.email)]
    assert browser.get("/admin/")["Location"].startswith("/account/2fa/reauthenticate/")


def _code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


# --- The last one stays ----------------------------------------------------------------------------


def test_staff_cannot_remove_their_last_app(manager, browser_of, confirm_identity):
    browser = browser_of(manager)
    confirm_identity(browser)

    answer = browser.post("/account/2fa/totp/deactivate/")

    assert b"you need a second factor" in answer.content
    assert Authenticator.objects.filter(user=manager, type="totp").exists()


def test_staff_cannot_remove_their_last_passkey(without_factor, browser_of, confirm_identity):
    key = Authenticator.objects.create(
        user=without_factor, type="webauthn", data={"name": "Key", "credential": {}}
    )
    browser = browser_of(without_factor)
    confirm_identity(browser)

    answer = browser.post(f"/account/2fa/webauthn/keys/{key.pk}/remove/", follow=True)

    assert b"you need a second factor" in answer.content
    assert Authenticator.objects.filter(pk=key.pk).exists()


def test_staff_may_remove_one_of_two(manager, browser_of, confirm_identity, letters):
    key = Authenticator.objects.create(user=manager, type="webauthn", data={"name": "Key", "credential": {}})
    browser = browser_of(manager)
    confirm_identity(browser)

    browser.post(f"/account/2fa/webauthn/keys/{key.pk}/remove/")

    assert not Authenticator.objects.filter(pk=key.pk).exists()
    assert letters() == [("passkey_removed", manager.email)]


def test_passkeys_asks_the_same_of_the_database_for_one_and_for_three(approved, browser_of):
    browser = browser_of(approved)

    def add(name: str) -> None:
        Authenticator.objects.create(user=approved, type="webauthn", data={"name": name, "credential": {}})

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert browser.get("/account/2fa/webauthn/").status_code == 200
        return len(captured)

    add("Phone")
    queries()
    for_one = queries()
    add("Key")
    add("Spare key")

    assert queries() == for_one


def test_members_may_remove_their_last(approved, browser_of, confirm_identity):
    Authenticator.objects.create(user=approved, type="totp", data={"secret": "JBSWY3DPEHPK3PXP"})
    browser = browser_of(approved)
    confirm_identity(browser)

    browser.post("/account/2fa/totp/deactivate/")

    assert Authenticator.objects.count() == 0


def test_nobody_removes_somebody_elses_passkey(manager, approved, browser_of, confirm_identity):
    key = Authenticator.objects.create(user=manager, type="webauthn", data={"name": "Key", "credential": {}})
    browser = browser_of(approved)
    confirm_identity(browser)

    assert browser.post(f"/account/2fa/webauthn/keys/{key.pk}/remove/").status_code == 404


# --- What the second step says ------------------------------------------------------------------


@pytest.fixture
def half_signed_in(without_factor, client, monkeypatch):
    """A browser in which a member with these factors gave their password. What a device made is made up."""
    monkeypatch.setattr("allauth.mfa.webauthn.internal.auth.get_credentials", lambda _user: [])

    def sign_in(*kinds: str):
        for kind in kinds:
            data = {"name": "Key", "credential": {}} if kind == "webauthn" else {"secret": "JBSWY3DPEHPK3PXP"}
            Authenticator.objects.create(user=without_factor, type=kind, data=data)
        RecoveryCodes.activate(without_factor)
        client.post("/account/login/", {"login": without_factor.email, "password": PASSWORD})
        return client

    return sign_in


@pytest.mark.parametrize(
    ("kinds", "label", "hint", "error"),
    [
        (
            ["totp", "webauthn"],
            "Code",
            "From your authenticator app, or one of your recovery codes.",
            "This code is not right. Check the clock of your phone and try the next code.",
        ),
        (
            ["webauthn"],
            "Recovery code",
            "If you cannot use your passkey. Each code works once.",
            "This is none of your recovery codes, or it was used before. Try another one.",
        ),
    ],
)
def test_the_second_step_speaks_of_an_app_only_to_those_who_have_one(
    half_signed_in, kinds, label, hint, error
):
    browser = half_signed_in(*kinds)

    answer = browser.post("/account/2fa/authenticate/", {"code": "000000"})

    field = answer.context["form"]["code"]
    assert (field.label, field.help_text, field.errors) == (label, hint, [error])


def test_a_recovery_code_gets_in_who_has_only_a_passkey(half_signed_in, without_factor):
    browser = half_signed_in("webauthn")
    code = Authenticator.objects.get(user=without_factor, type="recovery_codes").wrap().get_unused_codes()[0]

    assert browser.post("/account/2fa/authenticate/", {"code": code}).status_code == 302
    assert browser.get("/members/details/").status_code == 200


@pytest.mark.django_db(transaction=True)  # they are announced once the transaction is over
def test_new_recovery_codes_that_one_asked_for_are_announced(manager, browser_of, confirm_identity):
    browser = browser_of(manager)
    confirm_identity(browser)

    answer = browser.post("/account/2fa/recovery-codes/generate/", follow=True)

    assert [str(message) for message in answer.context["messages"]] == [
        "You have new recovery codes. Keep them where you find them without your phone."
    ]
