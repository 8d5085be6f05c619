"""Signing in by password and by code, and being kept out."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.test import Client

from members import actions, demo
from members.models import User

PASSWORD = "four-words-nobody-guesses"
State = User.State


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def sign_in(client: Client, email: str, password: str = PASSWORD, **more):
    return client.post("/account/login/", {"login": email, "password": password, **more})


def test_sign_in_by_password_leads_to_where_one_was_going(client, approved):
    answer = sign_in(client, "Officer@Essex.police.uk", next="/members/details/")

    assert answer["Location"] == "/members/details/"
    assert is_signed_in(client)


def test_sign_in_leads_nowhere_else(client, approved):
    assert sign_in(client, approved.email, next="https://evil.example/")["Location"] == "/"


def test_sign_in_by_code_needs_no_password(client, approved, code_in, letters):
    client.post("/account/login/code/", {"email": approved.email})
    assert letters() == [("sign_in_code", approved.email)]

    client.post("/account/login/code/confirm/", {"code": code_in("sign_in_code")})

    assert is_signed_in(client)


def test_a_code_stops_working_after_three_wrong_tries(client, approved, code_in):
    client.post("/account/login/code/", {"email": approved.email})
    for _ in range(3):
        client.post("/account/login/code/confirm/", {"code": "WRONG"})

    client.post("/account/login/code/confirm/", {"code": code_in("sign_in_code")})

    assert not is_signed_in(client)


@pytest.mark.parametrize("page", ["login/code/", "password/reset/"])
def test_an_unknown_address_gets_the_same_answer_and_a_letter(approved, letters, page):
    known = Client().post(f"/account/{page}", {"email": approved.email})
    unknown = Client().post(f"/account/{page}", {"email": "nobody@essex.police.uk"})

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert letters()[1:] == [("account_unknown", "nobody@essex.police.uk")]


def test_a_new_password_by_link_ends_all_other_sessions(client, approved, link_in, letters):
    elsewhere = Client()
    sign_in(elsewhere, approved.email)
    client.post("/account/password/reset/", {"email": approved.email})
    form = client.get(link_in("password_to_reset"), follow=True)

    answer = client.post(form.request["PATH_INFO"], {"password1": "other-words-nobody-guesses"}, follow=True)

    assert b"Your password is changed" in answer.content
    assert elsewhere.get("/members/details/").status_code == 302
    assert letters() == [("password_to_reset", approved.email), ("password_changed", approved.email)]
    assert b"This link does not work" in client.get(link_in("password_to_reset"), follow=True).content


@pytest.mark.parametrize("state", [State.PENDING, State.DECLINED])
def test_whoever_is_not_let_in_yet_signs_in_and_learns_how_things_stand(
    client, make_user, manager, now, state
):
    member = make_user("new@council.example", waiting_since=now)
    if state == State.DECLINED:
        actions.decline_member(
            member=member, by=manager, seen=State.PENDING, reason="We do not know the council.", now=now
        )

    answer = client.get(sign_in(client, member.email)["Location"])

    assert answer.request["PATH_INFO"] == "/members/status/"
    words = {
        State.PENDING: "You have been waiting since Thursday 14 January 2027",
        State.DECLINED: "We do not know the council.",
    }
    assert words[state] in answer.content.decode()


@pytest.fixture
def suspended(approved, manager, now) -> User:
    actions.suspend_member(member=approved, by=manager, seen=State.APPROVED, reason="An inquiry.", now=now)
    return approved


def test_the_suspended_are_told_so_after_the_right_password(client, suspended):
    answer = sign_in(client, suspended.email)

    assert answer.status_code == 403
    assert b"Your membership is suspended" in answer.content
    assert not is_signed_in(client)


def test_whoever_does_not_know_the_password_is_not_told(client, suspended):
    answer = sign_in(client, suspended.email, "not-the-right-password")

    assert answer.status_code == 200
    assert b"suspended" not in answer.content


@pytest.mark.parametrize("page", ["login/code/", "password/reset/"])
def test_the_suspended_get_a_letter_instead_of_a_way_in(client, suspended, letters, page):
    client.post(f"/account/{page}", {"email": suspended.email})

    assert letters()[-1] == ("account_suspended", suspended.email)


def test_a_reset_link_from_before_lets_no_suspended_member_in(client, approved, manager, now, link_in):
    client.post("/account/password/reset/", {"email": approved.email})
    link = link_in("password_to_reset")
    actions.suspend_member(member=approved, by=manager, seen=State.APPROVED, reason="An inquiry.", now=now)
    form = client.get(link, follow=True)
    client.post(form.request["PATH_INFO"], {"password1": "other-words-nobody-guesses"})

    sign_in(client, approved.email, "other-words-nobody-guesses")

    assert not is_signed_in(client)


def test_too_many_tries_are_stopped_with_a_page_that_says_so(client, approved):
    answers = [sign_in(client, "nobody@essex.police.uk", "wrong") for _ in range(31)]

    assert answers[-1].status_code == 429
    assert [answer.status_code for answer in answers[:5]] == [200] * 5


def test_the_right_password_does_not_help_after_five_wrong_ones(client, approved):
    for _ in range(5):
        sign_in(client, approved.email, "wrong")

    answer = sign_in(client, approved.email)

    assert answer.context["form"].errors == {
        "__all__": ["That was too many tries. Wait a few minutes, then try again."]
    }
    assert not is_signed_in(client)


def test_rate_limits_count_the_client_behind_a_trusted_proxy(client, approved, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for number in range(30):
        client.post(
            "/account/login/",
            {"login": f"nobody{number}@essex.police.uk", "password": "wrong"},
            headers={"x-forwarded-for": "198.51.100.1, 203.0.113.7"},
        )

    def status_of(forwarded: str) -> int:
        return client.post(
            "/account/login/",
            {"login": "another@essex.police.uk", "password": "wrong"},
            headers={"x-forwarded-for": forwarded},
        ).status_code

    # What the client itself wrote into the header does not change who it is.
    assert status_of("192.0.2.99, 203.0.113.7") == 429
    assert status_of("203.0.113.7, 192.0.2.99") == 200


# --- Sessions --------------------------------------------------------------------------------------


def test_one_sees_where_one_is_signed_in_and_signs_out_elsewhere(approved):
    here, elsewhere = Client(), Client(headers={"user-agent": "A library's browser"})
    sign_in(here, approved.email)
    sign_in(elsewhere, approved.email)

    page = here.get("/account/sessions/").content.decode()
    assert "A library&#x27;s browser" in page
    assert page.count("This device") == 1

    answer = here.post("/account/sessions/", follow=True)

    assert [(message.level_tag, message.message) for message in answer.context["messages"]] == [
        ("success", "You are signed out everywhere else.")
    ]
    assert here.get("/account/sessions/").status_code == 200
    assert elsewhere.get("/account/sessions/").status_code == 302
    assert UserSession.objects.count() == 1


# --- Second factor ---------------------------------------------------------------------------------


def test_the_second_factor_is_asked_for_after_the_password(client, manager):
    answer = sign_in(client, manager.email, next="/admin/")
    assert answer["Location"] == "/account/2fa/authenticate/"
    assert not is_signed_in(client)

    answer = client.post(answer["Location"], {"code": demo.current_code(manager)})

    assert answer["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_a_recovery_code_works_once(client, manager):
    code = Authenticator.objects.get(user=manager, type="recovery_codes").wrap().get_unused_codes()[0]
    for expected in (True, False):
        client.logout()
        sign_in(client, manager.email)
        client.post("/account/2fa/authenticate/", {"code": code})
        assert is_signed_in(client) is expected


def test_a_sign_in_code_does_not_replace_the_second_factor(client, manager, code_in):
    client.post("/account/login/code/", {"email": manager.email})

    answer = client.post("/account/login/code/confirm/", {"code": code_in("sign_in_code")})

    assert answer["Location"] == "/account/2fa/authenticate/"
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    "credential",
    ["", "null", "[]", "{}", '"text"', '{"response": null}', '{"response": {"userHandle": 1}}', "not json"],
)
def test_a_passkey_that_is_none_is_refused_with_a_word(client, approved, credential):
    client.get("/account/2fa/webauthn/login/", headers={"accept": "application/json"})

    answer = client.post("/account/2fa/webauthn/login/", {"credential": credential})

    assert (answer.status_code, answer["Location"]) == (302, "/account/login/")
    assert not is_signed_in(client)
