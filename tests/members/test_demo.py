"""The demo's people and organisations."""

from allauth.mfa.models import Authenticator
from django.test import Client

from members import demo
from members.models import Organisation, User


def everything() -> list:
    return [sorted(model.objects.values_list(), key=str) for model in (User, Organisation, Authenticator)]


def test_load_again_changes_nothing(db, now):
    demo.load(now)
    before = everything()

    demo.load(now.replace(year=2028))

    assert everything() == before


def test_load_brings_a_login_per_role_and_others(db, now):
    demo.load(now)

    assert [(login.role, login.email) for login in demo.LOGINS] == [
        ("practitioner", "practitioner@force.example"),
        ("organiser", "organiser@portal.example"),
        ("membership manager", "membership@portal.example"),
        ("moderator", "moderator@portal.example"),
        ("administrator", "admin@portal.example"),
    ]
    assert User.objects.approved().count() == 13
    assert list(User.objects.awaiting_decision().values_list("email", flat=True)) == [
        "consultant@practice.example",
        "newcomer@council.example",
    ]
    assert User.objects.filter(organisation=None, state="approved").count() == 0
    assert {user.email.rpartition(".")[2] for user in User.objects.all()} == {"example"}


def test_each_login_works_staff_with_the_code_of_the_moment(db, now):
    demo.load(now)

    for login in demo.LOGINS:
        client = Client()
        answer = client.post("/account/login/", {"login": login.email, "password": demo.PASSWORD})
        code = demo.current_code(User.objects.get(email=login.email))
        assert (code is None) == (login.role == "practitioner")
        if code:
            assert answer["Location"] == "/account/2fa/authenticate/"
            client.post(answer["Location"], {"code": code})
        assert "_auth_user_id" in client.session


def test_whoever_tries_the_demo_signs_up_with_a_force_address(db, now, client, link_in):
    demo.load(now)
    client.post(
        "/account/signup/",
        {
            "first_name": "Try",
            "last_name": "Out",
            "email": "try.out@force.example",
            "password1": "four-words-nobody-guesses",
        },
    )

    client.post(link_in("address_to_confirm"))

    assert User.objects.get(email="try.out@force.example").is_approved
