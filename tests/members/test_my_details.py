"""The pages where members look after their own account."""

import io
import json
import re
import zipfile
from urllib.parse import quote

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.test import Client

from mailing import categories
from mailing.suppression import stopped_categories
from members import personal_data
from members.models import User

PASSWORD = "four-words-nobody-guesses"
State = User.State


@pytest.fixture
def me(approved, browser_of) -> Client:
    """The browser of an approved member."""
    return browser_of(approved)


def test_change_details_saves_what_may_be_changed(me, approved, kent):
    answer = me.post(
        "/members/details/",
        {
            "first_name": " Ana ",
            "last_name": "O’Neil",
            "job_title": "",
            "organisation": kent.pk,
            "stated_organisation": "Kent Police",
            "state": "suspended",
            "email": "other@evil.example",
        },
    )

    assert answer["Location"] == "/members/details/"
    before = (approved.email, approved.state, approved.organisation, approved.stated_organisation)
    approved.refresh_from_db()
    assert approved.get_full_name() == "Ana O’Neil"
    assert (approved.email, approved.state, approved.organisation, approved.stated_organisation) == before


def test_change_details_keeps_what_was_typed_and_the_name_that_was(me, approved):
    page = me.post("/members/details/", {"first_name": "x" * 151, "last_name": "New"}).content.decode()

    assert "x" * 151 in page
    approved.refresh_from_db()
    assert approved.get_full_name() == "Some Body"


def test_whoever_has_no_organisation_says_where_they_work(waiting, browser_of):
    browser_of(waiting).post(
        "/members/details/",
        {"first_name": "New", "last_name": "Comer", "stated_organisation": "Another council"},
    )

    waiting.refresh_from_db()
    assert waiting.stated_organisation == "Another council"


def test_change_mail_preferences_saves_both_ways(me, approved):
    for wanted in ({"digest"}, {"event_reminders"}, set()):
        me.post("/members/mail-preferences/", dict.fromkeys(wanted, "on"))

        assert (
            stopped_categories(approved.email) == {category.name for category in categories.every()} - wanted
        )
        page = me.get("/members/mail-preferences/").text
        ticked = set(re.findall(r'name="(\w+)"[^>]* checked', page))
        assert ticked == wanted


@pytest.mark.parametrize(
    "path",
    ["details/", "mail-preferences/", "my-data/", "leave/", "status/", "second-factor/", "confirm/"],
)
def test_pages_about_oneself_are_for_those_who_are_signed_in(client, db, path):
    assert client.get(f"/members/{path}")["Location"] == f"/account/login/?next=/members/{path}"


@pytest.mark.parametrize("path", ["confirm/send-code/", "my-data/", "leave/"])
def test_only_a_post_with_a_token_does_anything(approved, path):
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(approved)

    assert careful.post(f"/members/{path}").status_code == 403
    assert User.objects.get().state == State.APPROVED


# --- Download everything ---------------------------------------------------------------------------


@pytest.fixture
def visits(monkeypatch):
    """Another app that holds something about members."""
    monkeypatch.setattr(personal_data, "_holders", {})
    personal_data.register(
        "visits",
        collect=lambda member: [{"visited": "the library", "odd": "half \ud800 a pair"}],
        erase=lambda member, now: None,
    )


def test_download_my_data_asks_once_more_who_sits_there(me):
    for answer in (me.get("/members/my-data/"), me.post("/members/my-data/")):
        assert answer["Location"] == "/account/reauthenticate/?next=%2Fmembers%2Fmy-data%2F"


def test_download_my_data_gives_one_file_per_holder(me, approved, confirm_identity, visits, manager, now):
    me.post("/account/login/code/", {"email": approved.email})
    confirm_identity(me)

    answer = me.post("/members/my-data/")

    bundle = zipfile.ZipFile(io.BytesIO(answer.content))
    assert bundle.testzip() is None
    assert sorted(bundle.namelist()) == [
        "README.txt",
        "account.json",
        "addresses.json",
        "connected_accounts.json",
        "decisions.json",
        "letters.json",
        "second_factors.json",
        "sessions.json",
        "visits.json",
    ]
    [account] = json.loads(bundle.read("account.json"))
    assert (account["address"], account["organisation"], account["membership"]) == (
        "officer@essex.police.uk",
        "Essex Police",
        "Approved",
    )
    assert json.loads(bundle.read("visits.json"))[0]["visited"] == "the library"
    assert answer["Content-Type"] == "application/zip"
    assert "no-store" in answer["Cache-Control"]


def test_the_download_holds_no_secret(make_manager, browser_of, confirm_identity, client, code_in):
    member = make_manager("officer@essex.police.uk")
    client.post("/account/login/code/", {"email": member.email})
    code = code_in("sign_in_code")
    browser = browser_of(member)
    confirm_identity(browser)
    key = browser.session.session_key
    UserSession.objects.create(user=member, session_key=key, ip="192.0.2.1", user_agent="A browser")
    secrets = [code, key, member.password]
    for authenticator in Authenticator.objects.all():
        secrets += [str(value) for value in authenticator.data.values() if value]

    bundle = zipfile.ZipFile(io.BytesIO(browser.post("/members/my-data/").content))

    text = "".join(bundle.read(name).decode() for name in bundle.namelist())
    assert "TOTP Authenticator" in text
    assert "A browser" in text
    assert [secret for secret in secrets if secret in text] == []


def test_a_holder_has_a_name_of_its_own_that_can_be_a_file():
    for name in ("account", "../secrets", ""):
        with pytest.raises(ValueError, match=r"holders|file name"):
            personal_data.register(name, collect=lambda member: [], erase=lambda member, now: None)


# --- Leaving ---------------------------------------------------------------------------------------


def test_leave_asks_once_more_who_sits_there(me, approved):
    for answer in (me.get("/members/leave/"), me.post("/members/leave/")):
        assert answer["Location"] == "/account/reauthenticate/?next=%2Fmembers%2Fleave%2F"
    assert User.objects.get().state == State.APPROVED


def test_leave_says_what_goes_then_erases_and_signs_out(me, approved, visits, letters):
    page = me.get("/members/leave/", follow=True)
    page = me.post(page.request["PATH_INFO"], {"password": PASSWORD, "next": "/members/leave/"}, follow=True)
    assert b"What stays, without your name" in page.content

    answer = me.post("/members/leave/", follow=True)

    assert answer.redirect_chain == [("/members/left/", 302)]
    assert "_auth_user_id" not in me.session
    assert User.objects.get().state == State.LEFT
    assert letters() == [("member_left", "officer@essex.police.uk")]


def test_leave_keeps_the_last_administrator(make_user, browser_of, confirm_identity):
    administrator = make_user("admin@portal.example", is_superuser=True, state=State.APPROVED)
    browser = browser_of(administrator)
    confirm_identity(browser)

    answer = browser.post("/members/leave/")

    assert answer.status_code == 409
    assert b"This is the only administrator" in answer.content
    administrator.refresh_from_db()
    assert administrator.state == State.APPROVED


# --- Proving who one is, without a password --------------------------------------------------------


@pytest.fixture
def imported(make_user, essex) -> User:
    """Somebody who came by import: no password, no second factor."""
    member = make_user("imported@essex.police.uk", organisation=essex, state=State.APPROVED)
    member.set_unusable_password()
    member.save()
    return member


def test_whoever_has_no_password_proves_it_by_code(imported, browser_of, code_in, letters):
    browser = browser_of(imported)
    answer = browser.get("/members/my-data/")
    assert answer["Location"] == "/members/confirm/?next=%2Fmembers%2Fmy-data%2F"
    browser.get(answer["Location"])
    assert letters() == []  # looking at the page sends nothing

    browser.post("/members/confirm/send-code/", {"next": "/members/my-data/"})
    assert letters() == [("confirmation_code", "imported@essex.police.uk")]
    answer = browser.post(
        "/members/confirm/?next=/members/my-data/", {"code": code_in("confirmation_code").lower()}
    )

    assert answer["Location"] == "/members/my-data/"
    assert browser.get("/members/my-data/").status_code == 200


def test_a_wrong_code_proves_nothing_and_three_use_it_up(imported, browser_of, code_in):
    browser = browser_of(imported)
    browser.post("/members/confirm/send-code/")
    page = browser.post("/members/confirm/", {"code": "WRONG"})
    assert "This code is not right" in page.content.decode()
    for _ in range(2):
        browser.post("/members/confirm/", {"code": "WRONG"})

    browser.post("/members/confirm/", {"code": code_in("confirmation_code")})

    assert browser.get("/members/my-data/").status_code == 302


def test_a_code_is_good_for_one_session_only(imported, browser_of, code_in):
    browser_of(imported).post("/members/confirm/send-code/")
    another = browser_of(imported)

    another.post("/members/confirm/", {"code": code_in("confirmation_code")})

    assert another.get("/members/my-data/").status_code == 302


def test_a_code_ends_after_fifteen_minutes(imported, browser_of, code_in):
    browser = browser_of(imported)
    browser.post("/members/confirm/send-code/")
    session = browser.session
    session["members_confirmation_code"] = {**session["members_confirmation_code"], "expires_at": 0}
    session.save()

    browser.post("/members/confirm/", {"code": code_in("confirmation_code")})

    assert browser.get("/members/my-data/").status_code == 302


def test_codes_are_not_sent_without_end(imported, browser_of, letters):
    browser = browser_of(imported)

    answers = [browser.post("/members/confirm/send-code/").status_code for _ in range(4)]

    assert answers == [302, 302, 302, 429]
    assert len(letters()) == 3


@pytest.mark.parametrize(
    "path", ["email/", "password/set/", "2fa/totp/activate/", "2fa/webauthn/add/", "3rdparty/"]
)
def test_without_a_password_nothing_about_the_account_is_changed_before_the_code(
    imported, browser_of, confirm_identity, path
):
    browser = browser_of(imported)
    asked = f"/members/confirm/?next={quote(f'/account/{path}', safe='')}"
    for answer in (browser.get(f"/account/{path}"), browser.post(f"/account/{path}", {"action_add": ""})):
        assert answer["Location"] == asked

    confirm_identity(browser)

    assert browser.get(f"/account/{path}").status_code == 200


def test_confirming_leads_nowhere_else(imported, browser_of, code_in):
    browser = browser_of(imported)
    browser.post("/members/confirm/send-code/")

    answer = browser.post(
        "/members/confirm/", {"code": code_in("confirmation_code"), "next": "https://evil.example/"}
    )

    assert answer["Location"] == "/members/status/"


def test_whoever_has_a_password_is_not_offered_the_code(me, approved, browser_of):
    page = me.get(me.get("/members/my-data/")["Location"])

    assert b"sent by e-mail" not in page.content
