"""Signing in through an organisation's own OpenID Connect provider, a real one in a process of its own."""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import requests
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from bench.services import free_port
from members import demo
from members.models import MembershipDecision, User
from portal.settings.environment import Environment
from portal.settings.sign_in import openid_connect
from tests.members import openid_provider
from tests.members.openid_provider import LOGIN, Provider

CALLBACK = "/account/oidc/organisation/login/callback/"


@pytest.fixture(scope="session")
def running_provider() -> Iterator[Provider]:
    with openid_provider.running() as provider:
        yield provider


@pytest.fixture
def configure(settings, monkeypatch) -> Callable[[str], None]:
    """Point the portal at a provider, as the environment does."""

    def to(server: str) -> None:
        values = {
            "OIDC_SERVER_URL": server,
            "OIDC_CLIENT_ID": "portal",
            "OIDC_CLIENT_SECRET": "made-up",
            "OIDC_NAME": "Police single sign-on",
        }
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        settings.SOCIALACCOUNT_PROVIDERS = openid_connect(Environment())

    return to


@pytest.fixture
def provider(running_provider, configure, db) -> Provider:
    configure(running_provider.url)
    return running_provider


@pytest.fixture
def person(provider) -> Callable[..., str]:
    """Somebody with an account at the provider; the name it knows them by."""

    def known_as(**claims: object) -> str:
        subject = uuid4().hex
        names = {"given_name": "Pat", "family_name": "Practitioner"}
        provider.knows(subject, **{**names, **claims})
        return subject

    return known_as


def signed_in_as(browser: Client) -> str | None:
    key = browser.session.get("_auth_user_id")
    return User.objects.get(pk=key).email if key else None


# --- New members -----------------------------------------------------------------------------------


def test_a_verified_address_at_a_known_domain_is_let_in_at_once(provider, person, essex, client, letters):
    subject = person(email="officer@essex.police.uk", email_verified=True)

    answer = provider.sign_in(client, subject)

    assert (answer.status_code, answer.request["PATH_INFO"]) == (200, "/")
    member = User.objects.get()
    assert signed_in_as(client) == member.email == "officer@essex.police.uk"
    assert (member.state, member.organisation, member.get_full_name()) == (
        "approved",
        essex,
        "Pat Practitioner",
    )
    assert (member.has_usable_password(), member.waiting_since) == (False, None)
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [
        ("officer@essex.police.uk", True, True)
    ]
    [decision] = MembershipDecision.objects.all()
    assert decision.reason == "Confirmed an address at essex.police.uk."
    assert letters() == [("membership_approved", "officer@essex.police.uk")]


def test_the_second_time_it_is_the_same_member(provider, person, essex, client, letters):
    subject = person(email="officer@essex.police.uk", email_verified=True)
    provider.sign_in(client, subject)
    before = letters()

    browser = Client()
    provider.sign_in(browser, subject)

    assert signed_in_as(browser) == "officer@essex.police.uk"
    assert (User.objects.count(), SocialAccount.objects.count()) == (1, 1)
    assert letters() == before


def test_a_verified_address_at_an_unknown_domain_says_where_one_works_and_waits(
    provider, person, essex, client, letters
):
    subject = person(email="newcomer@council.example", email_verified=True)

    answer = provider.sign_in(client, subject)

    assert answer.request["PATH_INFO"] == "/account/3rdparty/signup/"
    shown = {field.name: field.value() for field in answer.context["form"]}
    assert shown == {
        "first_name": "Pat",
        "last_name": "Practitioner",
        "email": "newcomer@council.example",
        "stated_organisation": None,
        "job_title": None,
    }
    answer = client.post(
        "/account/3rdparty/signup/",
        {**shown, "stated_organisation": "A council", "job_title": ""},
        follow=True,
    )
    assert answer.request["PATH_INFO"] == "/members/status/"
    member = User.objects.get()
    assert signed_in_as(client) == member.email
    assert (member.state, member.is_waiting, member.stated_organisation) == ("pending", True, "A council")
    assert letters() == [("membership_waiting", "newcomer@council.example")]


def test_who_is_at_an_unknown_domain_has_to_say_where_they_work(provider, person, essex, client):
    answer = provider.sign_in(client, person(email="newcomer@council.example", email_verified=True))
    field = answer.context["form"]["stated_organisation"]
    assert field.help_text == "Your address does not tell us, so a person will look at your request."

    answer = client.post("/account/3rdparty/signup/", {"first_name": "Pat", "last_name": "Practitioner"})

    assert answer.context["form"].errors == {"stated_organisation": ["Say where you work."]}
    assert User.objects.count() == 0


def test_the_address_that_is_verified_stays(provider, person, essex, client, letters):
    provider.sign_in(client, person(email="newcomer@council.example", email_verified=True))

    typed = {"email": "officer@essex.police.uk", "first_name": "Pat", "last_name": "Practitioner"}
    client.post("/account/3rdparty/signup/", {**typed, "stated_organisation": "A council"})

    assert signed_in_as(client) == "newcomer@council.example"
    assert list(EmailAddress.objects.values_list("email", flat=True)) == ["newcomer@council.example"]
    assert letters() == [("membership_waiting", "newcomer@council.example")]


@pytest.mark.parametrize("claim", [{}, {"email_verified": False}, {"email_verified": "false"}])
def test_an_address_nobody_vouches_for_is_confirmed_by_letter(
    provider, person, essex, client, letters, link_in, claim
):
    subject = person(email="officer@essex.police.uk", **claim)

    provider.sign_in(client, subject)

    assert signed_in_as(client) is None
    member = User.objects.get()
    assert (member.state, member.waiting_since) == ("pending", None)
    assert letters() == [("address_to_confirm", "officer@essex.police.uk")]
    client.post(link_in("address_to_confirm"))
    member.refresh_from_db()
    assert (member.state, member.organisation) == ("approved", essex)


def test_a_provider_that_writes_true_as_a_word_is_understood(provider, person, essex, client):
    provider.sign_in(client, person(email="officer@essex.police.uk", email_verified="true"))

    assert signed_in_as(client) == "officer@essex.police.uk"


def test_an_address_in_upper_case_is_the_same_address(provider, person, essex, client):
    provider.sign_in(client, person(email="Officer@ESSEX.Police.uk", email_verified=True))

    member = User.objects.get()
    assert (member.email, member.state) == ("officer@essex.police.uk", "approved")
    assert EmailAddress.objects.get().email == "officer@essex.police.uk"


@pytest.mark.parametrize(
    "claims", [{}, {"email": ""}, {"email": "officer@essex.police.uk.", "email_verified": True}]
)
def test_who_has_no_usable_address_there_is_asked_for_one(provider, person, essex, client, letters, claims):
    answer = provider.sign_in(client, person(**claims))

    assert answer.request["PATH_INFO"] == "/account/3rdparty/signup/"
    assert User.objects.count() == 0
    typed = {"email": "officer@essex.police.uk", "first_name": "Pat", "last_name": "Practitioner"}
    client.post("/account/3rdparty/signup/", typed)
    assert letters() == [("address_to_confirm", "officer@essex.police.uk")]
    assert User.objects.get().state == "pending"


@pytest.mark.parametrize(("given", "kept"), [("P" * 300, "P" * 150), ("  Pat ", "Pat")])
def test_names_from_outside_fit(provider, person, essex, client, given, kept):
    provider.sign_in(client, person(email="officer@essex.police.uk", email_verified=True, given_name=given))

    assert User.objects.get().first_name == kept


@pytest.mark.parametrize("given", ["Pat\x00", "Pat\u202egnp", "Pat\nPat", None, ["Pat"], 7])
def test_what_is_no_name_is_asked_for(provider, person, essex, client, given):
    answer = provider.sign_in(
        client, person(email="officer@essex.police.uk", email_verified=True, given_name=given)
    )

    assert answer.request["PATH_INFO"] == "/account/3rdparty/signup/"
    assert answer.context["form"]["first_name"].value() == ""


# --- Those who are there already -------------------------------------------------------------------


def test_a_member_is_known_by_the_verified_address(provider, person, approved, client, letters):
    subject = person(email=approved.email, email_verified=True)

    provider.sign_in(client, subject)

    assert signed_in_as(client) == approved.email
    assert (User.objects.count(), SocialAccount.objects.get().user) == (1, approved)
    approved.refresh_from_db()
    assert (approved.get_full_name(), approved.has_usable_password()) == ("Some Body", True)
    assert letters() == [("sign_in_connected", approved.email)]


@pytest.mark.parametrize(
    "claim", [{}, {"email_verified": False}, {"email_verified": "false"}, {"email_verified": "0"}]
)
def test_an_unverified_address_takes_nobody_over(provider, person, approved, client, letters, claim):
    provider.sign_in(client, person(email=approved.email, **claim))

    assert signed_in_as(client) is None
    assert (User.objects.count(), SocialAccount.objects.count()) == (1, 0)
    assert letters() == [("account_exists", approved.email)]


def test_an_address_one_only_began_to_move_to_is_nobodys(provider, person, approved, essex, client):
    """Somebody mistyped their new address: its owner gets an account of their own."""
    EmailAddress.objects.create(user=approved, email="other@essex.police.uk", verified=False, primary=False)

    provider.sign_in(client, person(email="other@essex.police.uk", email_verified=True))

    assert signed_in_as(client) == "other@essex.police.uk"
    assert User.objects.count() == 2


def test_an_account_that_a_stranger_opened_yields(provider, person, make_user, essex, client):
    make_user("officer@essex.police.uk", verified=False, first_name="A", last_name="Stranger")

    provider.sign_in(client, person(email="officer@essex.police.uk", email_verified=True))

    member = User.objects.get()
    assert (member.get_full_name(), member.has_usable_password(), member.state) == (
        "Pat Practitioner",
        False,
        "approved",
    )


@pytest.mark.parametrize("is_connected", [True, False])
def test_a_suspended_member_stays_out(provider, person, approved, client, letters, is_connected):
    subject = person(email=approved.email, email_verified=True)
    if is_connected:
        SocialAccount.objects.create(user=approved, provider="organisation", uid=subject)
    User.objects.filter(pk=approved.pk).update(state="suspended", is_active=False)

    answer = provider.sign_in(client, subject)

    assert (answer.status_code, signed_in_as(client)) == (403, None)
    assert "Your membership is suspended." in answer.content.decode()
    assert SocialAccount.objects.count() == int(is_connected)
    assert letters() == []


def test_staff_are_asked_for_their_second_factor(provider, person, manager, client):
    subject = person(email=manager.email, email_verified=True)

    answer = provider.sign_in(client, subject)

    assert answer.request["PATH_INFO"] == "/account/2fa/authenticate/"
    assert signed_in_as(client) is None
    client.post("/account/2fa/authenticate/", {"code": demo.current_code(manager)})
    assert signed_in_as(client) == manager.email
    assert client.get("/admin/members/").status_code == 200


def test_staff_without_one_do_not_get_into_the_admin(provider, person, make_user, client):
    staff = make_user(
        "staff@portal.example", permissions=("wagtailadmin.access_admin",), state=User.State.APPROVED
    )

    provider.sign_in(client, person(email=staff.email, email_verified=True))

    assert signed_in_as(client) == staff.email
    assert client.get("/admin/")["Location"] == "/members/second-factor/?next=%2Fadmin%2F"


def test_a_member_connects_it_from_their_account(provider, person, approved, browser_of, confirm_identity):
    browser = browser_of(approved)
    confirm_identity(browser)
    subject = person(email="another@address.example", email_verified=False)

    answer = provider.sign_in(browser, subject, start="/account/oidc/organisation/login/?process=connect")

    assert answer.request["PATH_INFO"] == "/account/3rdparty/"
    assert SocialAccount.objects.get().user == approved
    later = Client()
    provider.sign_in(later, subject)
    assert signed_in_as(later) == approved.email


def test_signing_in_leads_back_to_where_one_wanted_to_go(provider, person, approved, client):
    answer = provider.sign_in(
        client, person(email=approved.email, email_verified=True), start=f"{LOGIN}&next=/members/details/"
    )

    assert answer.request["PATH_INFO"] == "/members/details/"


# --- What goes wrong -------------------------------------------------------------------------------


def says_that_it_did_not_work(answer: HttpResponse) -> bool:
    words = answer.content.decode()
    return "Signing in did not work" in words and 'href="/account/login/"' in words


def test_a_provider_that_is_down_is_said_so(configure, db, client):
    configure(f"http://127.0.0.1:{free_port()}")

    answer = client.post(LOGIN)

    assert (answer.status_code, says_that_it_did_not_work(answer)) == (401, True)


def test_a_provider_that_goes_down_meanwhile_is_said_so(provider, person, configure, essex, client):
    back = provider.vouches_that(client.post(LOGIN)["Location"], person(email="officer@essex.police.uk"))
    configure(f"http://127.0.0.1:{free_port()}")

    answer = client.get(back)

    assert (answer.status_code, says_that_it_did_not_work(answer)) == (401, True)
    assert User.objects.count() == 0


@pytest.mark.parametrize(
    "path",
    ["/nowhere", "/?/.well-known/", "/jwks?/.well-known/"],
    ids=["not found", "a page instead of JSON", "other JSON"],
)
def test_an_address_that_is_no_provider_is_said_so(provider, configure, client, path):
    configure(provider.url + path)

    answer = client.post(LOGIN)

    assert (answer.status_code, says_that_it_did_not_work(answer)) == (401, True)


def test_a_code_that_the_provider_does_not_know_is_said_so(provider, person, client):
    back = provider.vouches_that(client.post(LOGIN)["Location"], person())

    answer = client.get(back.replace("code=", "code=made-up"))

    assert (answer.status_code, says_that_it_did_not_work(answer)) == (401, True)


@pytest.mark.parametrize("query", ["", "?error=server_error", "?code=made-up&state=made-up"])
def test_an_answer_to_nothing_we_asked_is_said_so(provider, client, query):
    answer = client.get(CALLBACK + query)

    assert (answer.status_code, says_that_it_did_not_work(answer)) == (401, True)


def test_an_answer_works_once(provider, person, essex, client):
    back = provider.vouches_that(
        client.post(LOGIN)["Location"], person(email="officer@essex.police.uk", email_verified=True)
    )
    client.get(back)

    assert says_that_it_did_not_work(Client().get(back))
    assert says_that_it_did_not_work(client.get(back))


def test_who_stops_at_the_provider_is_told_how_to_go_on(provider, client):
    page = client.post(LOGIN)["Location"]
    state = page.partition("state=")[2].partition("&")[0]

    answer = client.get(f"{CALLBACK}?error=access_denied&state={state}", follow=True)

    assert "You stopped at your organisation's sign-in." in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_nothing_is_locked_while_the_provider_is_asked(
    provider, person, site_tree, essex, client, monkeypatch
):
    """On SQLite a transaction would keep everybody else from writing for as long as the provider takes."""
    asked = []
    send = requests.Session.send

    def watched(session, request, **options):
        asked.append((urlsplit(request.url).path, connection.in_atomic_block))
        return send(session, request, **options)

    subject = person(email="officer@essex.police.uk", email_verified=True)
    with monkeypatch.context() as patch:
        back = provider.vouches_that(client.post(LOGIN)["Location"], subject)
        patch.setattr(requests.Session, "send", watched)
        client.post(LOGIN)
        client.get(back)

    assert asked == [
        ("/.well-known/openid-configuration", False),
        ("/.well-known/openid-configuration", False),
        ("/oauth2/token", False),
        ("/userinfo", False),
    ]


@pytest.mark.django_db(transaction=True)
def test_a_new_member_is_there_with_everything_or_not_at_all(
    provider, person, site_tree, essex, client, monkeypatch
):
    subject = person(email="officer@essex.police.uk", email_verified=True)
    client.raise_request_exception = False

    with monkeypatch.context() as patch:
        patch.setattr("members.mail.membership_approved", lambda **_: 1 / 0)
        answer = provider.sign_in(client, subject)

    assert answer.status_code == 500
    assert (User.objects.count(), SocialAccount.objects.count()) == (0, 0)
    provider.sign_in(client, subject)
    assert User.objects.get().state == "approved"
