"""Everything held about a person: who holds it, how to hand it over, how to erase it.

Each app that keeps anything about members registers itself in `AppConfig.ready`:

    personal_data.register("registrations", collect=personal_data.collect, erase=personal_data.erase)

`collect` gives what is held as plain values, for the member to read. `erase` removes it, or takes the
person out of what must stay; it runs in the transaction in which a member leaves. The account itself is
the last to go, so that every `erase` still finds the address it was known by.
"""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.core.serializers.json import DjangoJSONEncoder
from wagtail.users.models import UserProfile

from mailing.actions import forget_recipient
from mailing.composition import words_of
from mailing.models import OutgoingMail
from mailing.suppression import stopped_categories
from members.models import MembershipDecision, User

Records = list[dict[str, object]]


@dataclass(frozen=True)
class Holder:
    """A part of the portal that keeps something about people."""

    name: str
    collect: Callable[[User], Records]
    erase: Callable[[User, datetime], None]


_holders: dict[str, Holder] = {}


def register(
    name: str, *, collect: Callable[[User], Records], erase: Callable[[User, datetime], None]
) -> None:
    """Add a holder. `name` becomes the name of its file in the download.

    Raises ValueError if the name is taken or is no file name.
    """
    if name in _holders or name in _OWN:
        raise ValueError(f"Two holders of personal data are called {name}.")
    if not name.replace("_", "").isalnum():
        raise ValueError(f"The name {name!r} cannot be a file name.")
    _holders[name] = Holder(name, collect, erase)


def collect(member: User) -> dict[str, Records]:
    """Everything held about a member, by the name of its holder."""
    own = {name: gather(member) for name, gather in _OWN.items()}
    return own | {holder.name: holder.collect(member) for holder in _holders.values()}


def archive(member: User) -> bytes:
    """Everything held about a member as a ZIP file: one JSON file per holder."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("README.txt", _README)
        for name, records in collect(member).items():
            text = json.dumps(records, cls=DjangoJSONEncoder, indent=2, ensure_ascii=False)
            # A lone half of a surrogate pair is no text that UTF-8 could hold.
            bundle.writestr(f"{name}.json", text.encode("utf-8", errors="backslashreplace"))
    return packed.getvalue()


def erase(member: User, now: datetime) -> None:
    """Erase a member everywhere, the account last. Runs in the caller's transaction."""
    for holder in _holders.values():
        holder.erase(member, now)
    _erase_account(member)


# --- What the account itself holds -----------------------------------------------------------------


def _account(member: User) -> Records:
    return [
        {
            "id": member.uuid,
            "address": member.email,
            "first_name": member.first_name,
            "last_name": member.last_name,
            "organisation": member.organisation.name if member.organisation else None,
            "organisation_as_given": member.stated_organisation,
            "job_title": member.job_title,
            "membership": member.get_state_display(),
            "joined_at": member.date_joined,
            "last_signed_in_at": member.last_login,
            "stopped_letters": sorted(stopped_categories(member.email)),
            "roles": list(member.groups.order_by("name").values_list("name", flat=True)),
            "is_administrator": member.is_superuser,
        }
    ]


def _addresses(member: User) -> Records:
    addresses = EmailAddress.objects.filter(user=member).order_by("pk")
    return list(addresses.values("email", "verified", "primary"))


def _sessions(member: User) -> Records:
    """Where the member is signed in. The session's key would let in whoever reads it, so it stays out."""
    sessions = UserSession.objects.filter(user=member).order_by("pk")
    return list(sessions.values("created_at", "last_seen_at", "ip", "user_agent"))


def _second_factors(member: User) -> Records:
    """What is set up and since when; never a secret or a code."""
    return [
        {
            "kind": authenticator.get_type_display(),
            "name": str(authenticator),
            "created_at": authenticator.created_at,
            "last_used_at": authenticator.last_used_at,
        }
        for authenticator in Authenticator.objects.filter(user=member).order_by("pk")
    ]


def _connected_accounts(member: User) -> Records:
    accounts = SocialAccount.objects.filter(user=member).order_by("pk")
    return list(accounts.values("provider", "uid", "date_joined", "last_login", "extra_data"))


def _decisions(member: User) -> Records:
    """Decisions on the member; who decided is not the member's data."""
    decisions = MembershipDecision.objects.filter(member=member).select_related("organisation")
    return [
        {
            "decision": decision.get_verdict_display(),
            "decided_at": decision.decided_at,
            "by": "a membership manager" if decision.decided_by_id else "a rule, or yourself",
            "reason": decision.reason,
            "organisation": decision.organisation.name if decision.organisation else None,
        }
        for decision in decisions.order_by("decided_at", "pk")
    ]


def _letters(member: User) -> Records:
    """Letters to the member's address. Those with codes and links to sign in keep their text to themselves."""
    return [_letter(letter) for letter in OutgoingMail.objects.to(member.email).order_by("pk")]


def _letter(letter: OutgoingMail) -> dict[str, object]:
    words = words_of(letter)
    return {
        "kind": letter.kind,
        "subject": words.subject,
        "written_at": letter.created_at,
        "sent_at": letter.sent_at,
        "state": letter.get_state_display(),
        "text": words.text if letter.can_be_shown else None,
    }


_OWN: dict[str, Callable[[User], Records]] = {
    "account": _account,
    "addresses": _addresses,
    "sessions": _sessions,
    "second_factors": _second_factors,
    "connected_accounts": _connected_accounts,
    "decisions": _decisions,
    "letters": _letters,
}


def _erase_account(member: User) -> None:
    """Leave a row without a person: others point to it (decisions, pages, registrations)."""
    forget_recipient(address=member.email)
    for profile in UserProfile.objects.filter(user=member).exclude(avatar=""):
        profile.avatar.delete(save=False)
    for held in (EmailAddress, Authenticator, UserSession, SocialAccount, UserProfile):
        held._default_manager.filter(user=member).delete()
    member.groups.clear()
    member.user_permissions.clear()
    MembershipDecision.objects.erase_reasons(member)
    member.uuid = uuid4()
    member.email = f"left-{uuid4().hex}@left.invalid"
    member.first_name = member.last_name = member.job_title = member.stated_organisation = ""
    member.organisation = None
    member.state = User.State.LEFT
    member.is_active = member.is_staff = member.is_superuser = False
    member.waiting_since = member.last_login = None
    member.set_unusable_password()
    member.save()


_README = """\
Everything the Practice Portal holds about you, one file per part of the portal.

The files are JSON: text that people and programs can read. Times are in UTC.
Secrets are left out: passwords, keys, session keys and sign-in codes.
"""
