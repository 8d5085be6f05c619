"""People around membership, and browsers they are signed in on."""

import re
import time
from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.test import Client

from mailing.composition import composed
from mailing.models import OutgoingMail
from members.models import Organisation, OrganisationDomain, OrganisationKind, User

PASSWORD = "four-words-nobody-guesses"


@pytest.fixture(autouse=True)
def _nothing_counted_yet() -> None:
    """Rate limits and used codes live in the cache."""
    cache.clear()


@pytest.fixture
def essex(db) -> Organisation:
    """An organisation whose domain is known."""
    organisation = Organisation.objects.create(name="Essex Police", kind=OrganisationKind.POLICE_FORCE)
    OrganisationDomain.objects.create(organisation=organisation, domain="essex.police.uk")
    return organisation


@pytest.fixture
def kent(db) -> Organisation:
    organisation = Organisation.objects.create(name="Kent Police", kind=OrganisationKind.POLICE_FORCE)
    OrganisationDomain.objects.create(organisation=organisation, domain="kent.police.uk")
    return organisation


@pytest.fixture
def make_user(db) -> Callable[..., User]:
    """Make somebody with a confirmed address and a password."""

    def make(email: str, *, verified: bool = True, permissions: tuple[str, ...] = (), **fields) -> User:
        names = {"first_name": "Some", "last_name": "Body"}
        user = User.objects.create_user(email, PASSWORD, **{**names, **fields})
        EmailAddress.objects.create(user=user, email=user.email, verified=verified, primary=True)
        for name in permissions:
            app_label, codename = name.split(".")
            user.user_permissions.add(
                Permission.objects.get(content_type__app_label=app_label, codename=codename)
            )
        return user

    return make


@pytest.fixture
def waiting(make_user, now) -> User:
    """Somebody whose address is confirmed and tells nothing."""
    return make_user(
        "newcomer@council.example",
        first_name="New",
        last_name="Comer",
        stated_organisation="A county council",
        waiting_since=now,
    )


@pytest.fixture
def approved(make_user, essex) -> User:
    return make_user("officer@essex.police.uk", organisation=essex, state=User.State.APPROVED)


@pytest.fixture
def make_manager(make_user) -> Callable[..., User]:
    """Make a membership manager with an authenticator app."""

    def make(email: str = "manager@portal.example", **fields) -> User:
        manager = make_user(
            email,
            permissions=("wagtailadmin.access_admin", "members.decide_membership"),
            **{"first_name": "Mem", "last_name": "Manager", "state": User.State.APPROVED, **fields},
        )
        TOTP.activate(manager, generate_totp_secret())
        RecoveryCodes.activate(manager)
        return manager

    return make


@pytest.fixture
def manager(make_manager) -> User:
    return make_manager()


@pytest.fixture
def browser_of() -> Callable[..., Client]:
    """A browser somebody is signed in on; for staff, with the second factor used."""

    def browser(user: User) -> Client:
        client = Client()
        client.force_login(user)
        methods = [{"method": "password", "at": 0}]
        if Authenticator.objects.filter(user=user).exists():
            methods.append({"method": "mfa", "at": 0, "type": "totp"})
        session = client.session
        session["account_authentication_methods"] = methods
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()
        return client

    return browser


@pytest.fixture
def confirm_identity() -> Callable[[Client], None]:
    """What typing one's password once more does to the session."""

    def confirm(client: Client) -> None:
        session = client.session
        fresh = {"method": "password", "at": time.time(), "reauthenticated": True}
        session["account_authentication_methods"] = [*session["account_authentication_methods"], fresh]
        session.save()

    return confirm


@pytest.fixture
def letters(db) -> Callable[[], list[tuple[str, str]]]:
    """Kind and recipient of every letter, in the order of writing."""

    def written() -> list[tuple[str, str]]:
        rows = OutgoingMail.objects.order_by("pk").values_list("kind", "recipient")
        return [(kind.removeprefix("members/mail/"), recipient) for kind, recipient in rows]

    return written


@pytest.fixture
def link_in() -> Callable[[str], str]:
    """The path of the first link of ours in the latest letter of a kind."""

    def find(kind: str) -> str:
        letter = OutgoingMail.objects.filter(kind=f"members/mail/{kind}").latest("pk")
        return re.search(r"https://portal\.example(/\S+)", composed(letter).text).group(1)

    return find


@pytest.fixture
def code_in() -> Callable[[str], str]:
    """The code in the latest letter of a kind."""

    def find(kind: str) -> str:
        letter = OutgoingMail.objects.filter(kind=f"members/mail/{kind}").latest("pk")
        return re.search(r"^Code: (\S+)$", composed(letter).text, re.MULTILINE).group(1)

    return find
