"""Signing up, from the form to the confirmed address."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.signals import user_signed_up
from django.core import signing
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from mailing.composition import composed
from mailing.models import OutgoingMail
from members.models import User

PASSWORD = "four-words-nobody-guesses"


@pytest.fixture
def sign_up(client):
    """Send the form; what comes back."""

    def send(email: str, **fields):
        typed = {
            "first_name": "New",
            "last_name": "Officer",
            "email": email,
            "stated_organisation": "",
            "job_title": "Analyst",
            "password1": PASSWORD,
            **fields,
        }
        return client.post("/account/signup/", typed)

    return send


def errors_of(response) -> dict[str, list[str]]:
    return dict(response.context["form"].errors)


def test_sign_up_from_a_known_domain_ends_as_a_member(sign_up, client, essex, letters, link_in):
    response = sign_up("New.Officer@Essex.Police.UK", next="/members/details/")
    assert response["Location"] == "/account/confirm-email/"
    assert letters() == [("address_to_confirm", "new.officer@essex.police.uk")]
    member = User.objects.get()
    assert (member.state, member.waiting_since, member.job_title) == ("pending", None, "Analyst")

    page = client.get(link_in("address_to_confirm"))
    assert b"Yes, confirm new.officer@essex.police.uk" in page.content
    assert not EmailAddress.objects.get().verified  # following a link never acts: gateways do it too

    response = client.post(link_in("address_to_confirm"))

    assert response["Location"] == "/members/details/"
    member.refresh_from_db()
    assert (member.state, member.organisation, member.get_full_name()) == ("approved", essex, "New Officer")
    assert client.get("/members/details/").status_code == 200
    assert letters()[1:] == [("membership_approved", "new.officer@essex.police.uk")]


def test_sign_up_from_elsewhere_ends_in_the_list_and_on_a_page_that_says_so(
    sign_up, client, essex, letters, link_in
):
    sign_up("new@council.example", stated_organisation="A county council")

    response = client.post(link_in("address_to_confirm"), follow=True)

    assert response.redirect_chain[-1] == ("/members/status/", 302)
    assert b"A membership manager looks at your request" in response.content
    assert list(User.objects.awaiting_decision().values_list("stated_organisation", flat=True)) == [
        "A county council"
    ]
    assert letters() == [
        ("address_to_confirm", "new@council.example"),
        ("membership_waiting", "new@council.example"),
    ]


def test_the_link_works_in_another_browser_but_signs_nobody_in_there(sign_up, essex, link_in):
    sign_up("new@essex.police.uk")
    elsewhere = Client()

    response = elsewhere.post(link_in("address_to_confirm"))

    assert response["Location"] == "/account/login/"
    assert User.objects.get().state == "approved"
    assert "_auth_user_id" not in elsewhere.session


def test_a_used_link_says_what_to_do(sign_up, client, essex, link_in):
    sign_up("new@essex.police.uk")
    link = link_in("address_to_confirm")
    client.post(link)

    for answer in (client.get(link), client.post(link)):
        assert answer.status_code == 200
        assert b"This link does not work" in answer.content
        assert b"your address is confirmed: <a" in answer.content


def test_an_old_link_says_what_to_do(sign_up, client, essex, monkeypatch):
    sign_up("new@essex.police.uk")
    four_days_ago = (timezone.now() - timedelta(days=4)).timestamp()
    with monkeypatch.context() as then:
        then.setattr(signing.time, "time", lambda: four_days_ago)
        key = EmailConfirmationHMAC(EmailAddress.objects.get()).key

    answer = client.post(f"/account/confirm-email/{key}/")

    assert b"This link does not work" in answer.content
    assert User.objects.get().state == "pending"


def test_a_link_that_was_cut_off_says_what_to_do(client, db):
    assert b"This link does not work" in client.get("/account/confirm-email/MQ:1x/").content


def test_whoever_lost_the_letter_signs_in_and_gets_another(sign_up, client, essex, letters, link_in):
    sign_up("new@essex.police.uk")
    cache.clear()  # a letter to one address goes out once in three minutes

    answer = Client().post("/account/login/", {"login": "new@essex.police.uk", "password": PASSWORD})

    assert answer["Location"] == "/account/confirm-email/"
    assert letters() == [
        ("address_to_confirm", "new@essex.police.uk"),
        ("new_address_to_confirm", "new@essex.police.uk"),
    ]


# --- What a sign-up must not give away -------------------------------------------------------------


def test_a_taken_address_gets_the_same_answer_and_its_owner_a_letter(sign_up, client, approved, letters):
    fresh = sign_up("fresh@essex.police.uk")
    fresh_page = client.get(fresh["Location"]).content
    client.cookies.clear()

    taken = sign_up("officer@essex.police.uk")

    assert (taken.status_code, taken["Location"]) == (fresh.status_code, fresh["Location"])
    assert _without_tokens(client.get(taken["Location"]).content) == _without_tokens(fresh_page)
    assert letters() == [
        ("address_to_confirm", "fresh@essex.police.uk"),
        ("account_exists", "officer@essex.police.uk"),
    ]
    assert User.objects.filter(email="officer@essex.police.uk").get() == approved


def _without_tokens(page: bytes) -> list[bytes]:
    return [line for line in page.splitlines() if b"csrf" not in line and b"nonce" not in line]


def test_letters_to_an_address_that_is_not_proved_hold_nothing_a_stranger_typed(sign_up, essex, approved):
    spam = "Win now at spam dot example"
    sign_up("victim@council.example", first_name=spam, last_name=spam, stated_organisation=spam)
    sign_up("officer@essex.police.uk", first_name=spam, last_name=spam, job_title=spam)

    letters = [composed(letter) for letter in OutgoingMail.objects.all()]
    texts = [letter.subject + letter.text + letter.html for letter in letters]
    assert len(texts) == 2
    assert not any(spam in text for text in texts)


def test_links_in_letters_lead_to_our_own_address_whatever_host_was_asked(client, essex, link_in):
    client.post(
        "/account/signup/",
        {
            "first_name": "New",
            "last_name": "Officer",
            "email": "new@essex.police.uk",
            "password1": PASSWORD,
        },
        headers={"host": "evil.example"},
    )

    assert "evil.example" not in composed(OutgoingMail.objects.get()).text
    assert link_in("address_to_confirm").startswith("/account/confirm-email/")


# --- What is asked for -----------------------------------------------------------------------------


def test_sign_up_asks_for_names_and_for_the_organisation_nobody_knows(sign_up, essex):
    response = sign_up("new@council.example", first_name=" ", last_name="", password1="short")

    assert {name: messages[0] for name, messages in errors_of(response).items()} == {
        "first_name": "This field is required.",
        "last_name": "This field is required.",
        "stated_organisation": "Say where you work. Your address does not tell us, so a person will look at "
        "your request.",
        "password1": "This password is too short. It must contain at least 12 characters.",
    }
    assert User.objects.count() == 0


@pytest.mark.parametrize(
    "address", ["new@essеx.police.uk", "new@ｅssex.police.uk", "new@essex.police.uk.", "new@localhost"]
)
def test_sign_up_refuses_addresses_that_could_pass_for_others(sign_up, essex, letters, address):
    response = sign_up(address, stated_organisation="Essex Police")

    assert list(errors_of(response)) == ["email"]
    assert (User.objects.count(), letters()) == (0, [])


def test_a_password_is_not_the_address(sign_up, essex):
    response = sign_up("new.officer@essex.police.uk", password1="new.officer@essex")

    assert errors_of(response) == {"password1": ["The password is too similar to the e-mail address."]}


def test_nothing_is_written_if_the_letter_cannot_be(sign_up, essex, monkeypatch):
    def fail(**_):
        raise RuntimeError("no room for letters")

    monkeypatch.setattr("members.mail.queue_letter", fail)

    with pytest.raises(RuntimeError, match="no room"):
        sign_up("new@essex.police.uk")

    assert (User.objects.count(), EmailAddress.objects.count()) == (0, 0)


# --- Addresses that two accounts claim -------------------------------------------------------------


def test_an_account_opened_in_my_name_yields_when_i_prove_the_address(
    sign_up, browser_of, confirm_identity, waiting, essex, link_in
):
    sign_up("me@essex.police.uk")  # a stranger
    cache.clear()  # a letter to one address goes out once in three minutes
    me = browser_of(waiting)
    confirm_identity(me)
    me.post("/account/email/", {"action_add": "", "email": "me@essex.police.uk"})

    me.post(link_in("new_address_to_confirm"))

    waiting.refresh_from_db()
    assert (waiting.email, waiting.state, waiting.organisation) == ("me@essex.police.uk", "approved", essex)
    assert list(User.objects.all()) == [waiting]


def test_a_password_set_before_the_address_was_proved_by_code_is_dropped(sign_up, essex, code_in):
    sign_up("victim@essex.police.uk")  # a stranger, who knows the password
    owner = Client()
    owner.post("/account/login/code/", {"email": "victim@essex.police.uk"})

    answer = owner.post("/account/login/code/confirm/", {"code": code_in("sign_in_code")})

    assert answer["Location"] == "/"
    assert User.objects.get().state == "approved"
    stranger = Client()
    stranger.post("/account/login/", {"login": "victim@essex.police.uk", "password": PASSWORD})
    assert "_auth_user_id" not in stranger.session


def test_a_password_stays_when_somebody_who_signed_in_before_uses_a_code(approved, client, code_in):
    client.post("/account/login/", {"login": approved.email, "password": PASSWORD})
    client.post("/account/logout/")
    client.post("/account/login/code/", {"email": approved.email})
    client.post("/account/login/code/confirm/", {"code": code_in("sign_in_code")})

    approved.refresh_from_db()
    assert approved.check_password(PASSWORD)


@pytest.mark.parametrize(
    ("form", "kind"), [("login/code/", "account_unknown"), ("password/reset/", "account_unknown")]
)
def test_an_account_is_not_reached_by_an_address_it_only_began_to_move_to(
    approved, browser_of, confirm_identity, letters, form, kind
):
    moving = browser_of(approved)
    confirm_identity(moving)
    moving.post("/account/email/", {"action_add": "", "email": "mistyped@essex.police.uk"})

    Client().post(f"/account/{form}", {"email": "mistyped@essex.police.uk"})

    assert letters() == [
        ("new_address_to_confirm", "mistyped@essex.police.uk"),
        (kind, "mistyped@essex.police.uk"),
    ]


def test_moving_to_an_address_that_another_member_holds_fails_with_a_word(
    approved, waiting, browser_of, confirm_identity, link_in, essex
):
    moving = browser_of(waiting)
    confirm_identity(moving)
    moving.post("/account/email/", {"action_add": "", "email": approved.email})

    answer = moving.get(link_in("new_address_to_confirm"))

    assert b"belongs to another account already" in answer.content
    moving.post(link_in("new_address_to_confirm"))
    waiting.refresh_from_db()
    assert waiting.email == "newcomer@council.example"


def test_moving_to_an_address_elsewhere_tells_the_old_one_and_checks_the_membership_again(
    approved, browser_of, confirm_identity, link_in, letters
):
    moving = browser_of(approved)
    confirm_identity(moving)
    moving.post("/account/email/", {"action_add": "", "email": "officer@mail.example"})

    moving.post(link_in("new_address_to_confirm"))

    approved.refresh_from_db()
    assert (approved.email, approved.state, approved.organisation) == (
        "officer@mail.example",
        "pending",
        None,
    )
    assert letters() == [
        ("new_address_to_confirm", "officer@mail.example"),
        ("membership_returned", "officer@mail.example"),
        ("address_changed", "officer@essex.police.uk"),
    ]


def test_an_organisations_own_sign_in_vouches_for_the_address(make_user, essex, rf):
    member = make_user("new@essex.police.uk")

    user_signed_up.send(sender=User, request=rf.get("/"), user=member)

    member.refresh_from_db()
    assert (member.state, member.organisation) == ("approved", essex)
