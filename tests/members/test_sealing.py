"""Secrets of second factors lie in the database encrypted, and a key that is gone signs nobody in."""

from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection

from mailing.models import OutgoingMail
from members import demo, sealing, second_factors
from members.models import User
from tests.members.conftest import PASSWORD

OLD, NEW, THIRD = ("old-" + "k" * 50, "new-" + "k" * 50, "third-" + "k" * 50)


def test_unseal_gives_back_what_was_sealed():
    stored = sealing.seal("JBSWY3DPEHPK3PXP")

    assert stored != sealing.seal("JBSWY3DPEHPK3PXP")  # equal secrets do not show
    assert sealing.unseal(stored) == "JBSWY3DPEHPK3PXP"


@pytest.mark.parametrize("secret", ["JBSWY3DPEHPK3PXP", "0f" * 40])
def test_unseal_takes_what_was_stored_in_the_clear(secret):
    assert sealing.unseal(secret) == secret


@pytest.mark.parametrize("stored", ["fernet:", "fernet:gAAAAAB", "fernet:é", "fernet:JBSWY3DPEHPK3PXP"])
def test_unseal_refuses_what_is_damaged(stored):
    with pytest.raises(sealing.SecretUnreadable):
        sealing.unseal(stored)


def test_unseal_reads_with_each_key_and_seals_with_the_first(settings):
    settings.SECRET_KEY = OLD
    stored = sealing.seal("JBSWY3DPEHPK3PXP")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [THIRD, OLD]

    assert sealing.unseal(stored) == "JBSWY3DPEHPK3PXP"
    assert (sealing.is_up_to_date(stored), sealing.is_up_to_date(sealing.seal("x"))) == (False, True)
    settings.SECRET_KEY_FALLBACKS = [THIRD]
    with pytest.raises(ValidationError):
        sealing.unseal(stored)


# --- What is stored --------------------------------------------------------------------------------


def raw_rows() -> str:
    """What a stolen copy of the database holds about second factors."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT type, data FROM mfa_authenticator ORDER BY id")
        return str(cursor.fetchall())


def test_what_is_stored_holds_neither_secret_nor_seed_nor_codes(make_user, monkeypatch):
    member = make_user("officer@essex.police.uk")
    monkeypatch.setattr(RecoveryCodes, "generate_seed", classmethod(lambda cls: "5eed" * 20))

    TOTP.activate(member, "JBSWY3DPEHPK3PXP")
    codes = RecoveryCodes.activate(member).get_unused_codes()

    rows = raw_rows()
    assert [kind in rows for kind in ("totp", "recovery_codes", "fernet:")] == [True, True, True]
    assert [word for word in ("JBSWY3DPEHPK3PXP", "5eed", *codes) if word in rows] == []


def test_setting_up_an_app_stores_it_encrypted(approved, browser_of, confirm_identity):
    browser = browser_of(approved)
    confirm_identity(browser)
    browser.get("/account/2fa/totp/activate/")
    secret = browser.session["mfa.totp.secret"]

    browser.post("/account/2fa/totp/activate/", {"code": demo.code_of(secret)})

    assert Authenticator.objects.filter(user=approved, type="totp").exists()
    assert secret not in raw_rows()
    assert demo.current_code(approved) == demo.code_of(secret)


# --- A key that does not fit -----------------------------------------------------------------------


@pytest.fixture
def with_factors(make_user) -> User:
    """Staff with an authenticator app and recovery codes."""
    user = make_user(
        "staff@portal.example", permissions=("wagtailadmin.access_admin",), state=User.State.APPROVED
    )
    TOTP.activate(user, generate_totp_secret())
    RecoveryCodes.activate(user)
    return user


@pytest.fixture
def lost_key(with_factors, settings) -> dict[str, str]:
    """The codes that were right before the key was lost, by the factor they belong to."""
    recovery = Authenticator.objects.get(user=with_factors, type="recovery_codes").wrap()
    codes = {"app": demo.current_code(with_factors), "recovery": recovery.get_unused_codes()[0]}
    settings.SECRET_KEY = NEW
    return codes


@pytest.mark.parametrize("which", ["app", "recovery"])
def test_a_code_under_a_lost_key_signs_nobody_in_and_says_why(lost_key, client, with_factors, which):
    client.post("/account/login/", {"login": with_factors.email, "password": PASSWORD})

    answer = client.post("/account/2fa/authenticate/", {"code": lost_key[which]})

    assert answer.status_code == 200
    [error] = answer.context["form"]["code"].errors
    assert error.startswith("The portal cannot check codes for your account at the moment.")
    assert client.get("/members/details/").status_code == 302


def test_a_code_under_an_older_key_signs_in(lost_key, client, with_factors, settings):
    settings.SECRET_KEY_FALLBACKS = ["test-only-key"]
    client.post("/account/login/", {"login": with_factors.email, "password": PASSWORD})

    client.post("/account/2fa/authenticate/", {"code": lost_key["app"]})

    assert client.get("/members/details/").status_code == 200


def test_pages_under_a_lost_key_say_that_the_codes_are_gone_and_make_new_ones(
    with_factors, browser_of, confirm_identity, settings
):
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [], NEW
    browser = browser_of(with_factors)  # signed in since
    confirm_identity(browser)

    index = browser.get("/account/2fa/")
    assert b"They do not work any more: make new ones" in index.content
    for page in ("/account/2fa/recovery-codes/", "/account/2fa/recovery-codes/download/"):
        assert browser.get(page)["Location"] == "/account/2fa/recovery-codes/generate/"
    page = browser.get("/account/2fa/recovery-codes/generate/")
    assert b"Your recovery codes do not work any more. Make new ones." in page.content
    browser.post("/account/2fa/recovery-codes/generate/")

    made = Authenticator.objects.get(user=with_factors, type="recovery_codes").wrap()
    assert len(made.get_unused_codes()) == 10
    assert made.get_unused_codes()[0].encode() in browser.get("/account/2fa/recovery-codes/").content


# --- Rotation --------------------------------------------------------------------------------------


def said(command: str, *arguments: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command(command, *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


@pytest.fixture
def three_kinds(make_user, settings) -> dict[str, User]:
    """One app in the clear, one under the old key, one under a key nobody has."""
    users = {name: make_user(f"{name}@essex.police.uk") for name in ("clear", "old", "lost")}
    Authenticator.objects.create(user=users["clear"], type="totp", data={"secret": "JBSWY3DPEHPK3PXP"})
    for name, key in (("old", OLD), ("lost", THIRD)):
        settings.SECRET_KEY = key
        TOTP.activate(users[name], "JBSWY3DPEHPK3PXP")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    return users


def test_encrypt_second_factors_leaves_nothing_that_needs_an_older_key(three_kinds, settings):
    lost = Authenticator.objects.get(user=three_kinds["lost"]).data

    out, err = said("encrypt_second_factors")

    assert out == "2 secrets were encrypted anew; 0 are as they should be.\n"
    assert err.startswith("1 cannot be read, and their owners cannot use them.")
    settings.SECRET_KEY_FALLBACKS = []
    assert [demo.current_code(user) is not None for user in three_kinds.values()] == [True, True, False]
    assert "JBSWY3DPEHPK3PXP" not in raw_rows()
    assert Authenticator.objects.get(user=three_kinds["lost"]).data == lost


def test_encrypt_second_factors_again_changes_nothing(three_kinds):
    said("encrypt_second_factors")
    rows = raw_rows()

    out, _ = said("encrypt_second_factors")

    assert out == "0 secrets were encrypted anew; 2 are as they should be.\n"
    assert raw_rows() == rows


def test_encrypt_second_factors_as_a_dry_run_changes_nothing(three_kinds):
    rows = raw_rows()

    out, _ = said("encrypt_second_factors", "--dry-run")

    assert out == "2 secrets would be encrypted anew; 0 are as they should be.\n"
    assert raw_rows() == rows


def test_encrypt_second_factors_keeps_used_codes_used(with_factors, settings):
    codes = Authenticator.objects.get(type="recovery_codes").wrap()
    before = codes.get_unused_codes()
    assert codes.validate_code(before[3])
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, ["test-only-key"]

    second_factors.encrypt_second_factors(dry_run=False)

    settings.SECRET_KEY_FALLBACKS = []
    left = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    assert left == [*before[:3], *before[4:]]


# --- The way out -----------------------------------------------------------------------------------


def recipients() -> list[tuple[str, str]]:
    return list(OutgoingMail.objects.order_by("pk").values_list("kind", "recipient"))


def test_remove_second_factors_takes_those_that_no_key_reads(three_kinds):
    RecoveryCodes.activate(three_kinds["lost"])  # stand in for nothing any more

    assert said("remove_second_factors", "--unreadable", "--dry-run")[0] == (
        "Second factors that would be removed: 1, of people: 1.\n"
    )
    assert Authenticator.objects.count() == 4
    out, _ = said("remove_second_factors", "--unreadable")

    assert out == "Second factors removed: 1, of people: 1.\n"
    assert set(Authenticator.objects.values_list("user__email", "type")) == {
        ("clear@essex.police.uk", "totp"),
        ("old@essex.police.uk", "totp"),
    }
    assert recipients() == [("members/mail/second_factor_reset", "lost@essex.police.uk")]


def test_remove_second_factors_leaves_passkeys_and_codes_that_stand_in_for_them(three_kinds):
    lost = three_kinds["lost"]
    Authenticator.objects.create(user=lost, type="webauthn", data={"name": "Key", "credential": {}})
    RecoveryCodes.activate(lost)

    said("remove_second_factors", "--unreadable")

    assert set(Authenticator.objects.filter(user=lost).values_list("type", flat=True)) == {
        "webauthn",
        "recovery_codes",
    }


def test_remove_second_factors_takes_all_of_one_person_who_then_sets_up_a_new_one(
    with_factors, three_kinds, client
):
    Authenticator.objects.create(user=with_factors, type="webauthn", data={"name": "Key", "credential": {}})

    said("remove_second_factors", "Staff@portal.example")

    assert Authenticator.objects.filter(user=with_factors).count() == 0
    assert Authenticator.objects.count() == 3
    assert recipients() == [("members/mail/second_factor_reset", "staff@portal.example")]
    client.post("/account/login/", {"login": with_factors.email, "password": PASSWORD})
    assert client.get("/admin/")["Location"] == "/members/second-factor/?next=%2Fadmin%2F"


@pytest.mark.parametrize("arguments", [[], ["staff@portal.example", "--unreadable"]])
def test_remove_second_factors_asks_whose(db, arguments):
    with pytest.raises(CommandError, match=r"^Name the people by their addresses, or use --unreadable\.$"):
        said("remove_second_factors", *arguments)


def test_remove_second_factors_of_somebody_unknown_removes_nothing(with_factors):
    with pytest.raises(CommandError, match="Nothing was removed"):
        said("remove_second_factors", "staff@portal.example", "nobody@portal.example")

    assert Authenticator.objects.filter(user=with_factors).count() == 2


def test_demo_makes_new_ones_where_the_key_is_another(db, settings, now):
    demo.load(now)
    settings.SECRET_KEY = NEW
    admin = User.objects.get(email="admin@portal.example")
    assert demo.current_code(admin) is None

    demo.load(now)

    assert len(demo.current_code(admin)) == 6
    assert second_factors.unreadable_second_factors() == []
