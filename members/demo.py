"""Demo content: the real organisations, and members made up for demonstration on .example addresses."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

# allauth has no public name for these; they are what its own pages use.
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.contrib.auth.hashers import make_password
from django.db import transaction

from members import sealing
from members.loading import load_organisations
from members.management.commands.load_organisations import BUNDLED, read
from members.models import MembershipDecision, Organisation, OrganisationDomain, OrganisationKind, User
from members.second_factors import SECRET_IN, unreadable_second_factors

PASSWORD = "practice-portal-demo"  # noqa: S105 - printed for everybody to use
TOTP_SECONDS = 30

# Whoever tries the demo signs up with any address at this domain and is let in at once.
FORCE_NAME = "Example Police (demonstration)"
FORCE_DOMAIN = "force.example"


@dataclass(frozen=True)
class DemoLogin:
    """Who to sign in as to see the portal in one role."""

    role: str
    email: str


@dataclass(frozen=True)
class _Member:
    email: str
    first_name: str
    last_name: str
    organisation: str
    job_title: str
    is_staff: bool = False


LOGINS: list[DemoLogin] = [
    DemoLogin("practitioner", "practitioner@force.example"),
    DemoLogin("organiser", "organiser@portal.example"),
    DemoLogin("membership manager", "membership@portal.example"),
    DemoLogin("moderator", "moderator@portal.example"),
    DemoLogin("administrator", "admin@portal.example"),
]

UNIVERSITY = "Anglia Ruskin University"

MEMBERS = [
    _Member("practitioner@force.example", "Demo", "Practitioner", FORCE_NAME, "Offender manager"),
    _Member("organiser@portal.example", "Demo", "Organiser", UNIVERSITY, "Organiser", is_staff=True),
    _Member(
        "membership@portal.example",
        "Demo",
        "Membership Manager",
        UNIVERSITY,
        "Membership manager",
        is_staff=True,
    ),
    _Member("moderator@portal.example", "Demo", "Moderator", UNIVERSITY, "Moderator", is_staff=True),
    _Member("admin@portal.example", "Demo", "Administrator", UNIVERSITY, "Administrator", is_staff=True),
    _Member("offender.manager@essex.example", "Offender", "Manager", "Essex Police", "Offender manager"),
    _Member("sergeant@kent.example", "Detective", "Sergeant", "Kent Police", "Detective sergeant"),
    _Member("analyst@norfolk.example", "Risk", "Analyst", "Norfolk Constabulary", "Analyst"),
    _Member("trainer@college.example", "Lead", "Trainer", "College of Policing", "Trainer"),
    _Member(
        "probation.officer@london.example",
        "Probation",
        "Officer",
        "National Probation Service, London Division",
        "Probation officer",
    ),
    _Member(
        "psychologist@prisons.example",
        "Forensic",
        "Psychologist",
        "HM Prison and Probation Service",
        "Forensic psychologist",
    ),
    _Member("researcher@university.example", "Research", "Fellow", UNIVERSITY, "Research fellow"),
    _Member("caseworker@charity.example", "Case", "Worker", "Lucy Faithfull Foundation", "Case worker"),
]

# Nobody knows their organisations, so they wait for the membership manager.
WAITING = [
    _Member("newcomer@council.example", "New", "Starter", "A county council", "Safeguarding lead"),
    _Member("consultant@practice.example", "Independent", "Consultant", "Own practice", "Psychologist"),
]


@transaction.atomic
def load(now: datetime) -> None:
    """Load it all. What is there already stays as it is, so a second run changes nothing."""
    load_organisations(entries=read(BUNDLED))
    _load_force()
    taken = set(User.objects.values_list("email", flat=True))
    password = make_password(PASSWORD)
    organisations = {organisation.name: organisation for organisation in Organisation.objects.all()}
    for member in MEMBERS:
        if member.email not in taken:
            _load_member(member, organisations.get(member.organisation), password, now)
    _renew_unreadable_factors()
    for number, member in enumerate(WAITING, start=1):
        if member.email not in taken:
            _load_waiting(member, password, now - timedelta(days=number))


def current_code(user: User) -> str | None:
    """The code that the member's authenticator app shows now; None where none would be taken."""
    authenticator = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    if authenticator is None:
        return None
    try:
        secret = sealing.unseal(authenticator.data["secret"])
    except sealing.SecretUnreadable:
        return None
    return code_of(secret)


def code_of(secret: str) -> str:
    """The code that an authenticator app with this secret shows now."""
    code: str = format_hotp_value(hotp_value(secret, int(time.time()) // TOTP_SECONDS))
    return code


def _load_force() -> None:
    force, is_new = Organisation.objects.get_or_create(
        name=FORCE_NAME, defaults={"kind": OrganisationKind.POLICE_FORCE, "region": "East of England"}
    )
    if is_new:
        OrganisationDomain.objects.create(organisation=force, domain=FORCE_DOMAIN)


def _load_member(member: _Member, organisation: Organisation | None, password: str, now: datetime) -> None:
    user = User.objects.create(
        email=member.email,
        password=password,
        first_name=member.first_name,
        last_name=member.last_name,
        organisation=organisation,
        job_title=member.job_title,
        state=User.State.APPROVED,
        date_joined=now,
    )
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    MembershipDecision.objects.create(
        member=user,
        verdict=MembershipDecision.Verdict.APPROVED,
        decided_at=now,
        reason="Made for demonstration.",
        organisation=organisation,
    )
    if member.is_staff:
        _set_up_second_factor(user)


def _set_up_second_factor(user: User) -> None:
    TOTP.activate(user, generate_totp_secret())
    RecoveryCodes.activate(user)


def _renew_unreadable_factors() -> None:
    """Give the demo's staff a new second factor where SECRET_KEY is another one by now."""
    emails = {member.email for member in MEMBERS}
    factors = [factor for factor in unreadable_second_factors() if factor.user.email in emails]
    for user in {factor.user for factor in factors}:
        Authenticator.objects.filter(user=user, type__in=SECRET_IN).delete()
        _set_up_second_factor(user)


def _load_waiting(member: _Member, password: str, since: datetime) -> None:
    user = User.objects.create(
        email=member.email,
        password=password,
        first_name=member.first_name,
        last_name=member.last_name,
        stated_organisation=member.organisation,
        job_title=member.job_title,
        waiting_since=since,
        date_joined=since,
    )
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
