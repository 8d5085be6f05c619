"""What allauth tells us by signal, because it has no other way of saying it."""

from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed, user_signed_up
from django.http import HttpRequest
from django.utils import timezone

from mailing.actions import move_wishes
from members import actions
from members.models import User


def on_email_confirmed(*, request: HttpRequest, email_address: EmailAddress, **_: Any) -> None:
    """An address was proved, by the link in a letter or by a sign-in code."""
    member: User = email_address.user
    methods = [record["method"] for record in get_authentication_records(request, member)]
    if member.last_login is None and methods[-1:] == ["code"]:
        # The owner of the mailbox asked for a code; who set the password is not known.
        actions.forget_password(member=member)
    former = EmailAddress.objects.filter(user=member, verified=True).exclude(pk=email_address.pk).first()
    if former is not None:
        move_wishes(former=former.email, address=email_address.email)
    _confirm(member, email_address.email, former.email if former else "")


def on_user_signed_up(*, user: User, **_: Any) -> None:
    """Somebody came through the organisation's own sign-in, which may vouch for the address already."""
    vouched = EmailAddress.objects.filter(user=user, verified=True, email=user.email).first()
    if vouched is not None:
        _confirm(user, vouched.email, "")


def connect() -> None:
    email_confirmed.connect(on_email_confirmed, dispatch_uid="members")
    user_signed_up.connect(on_user_signed_up, dispatch_uid="members")


def _confirm(member: User, address: str, previous: str) -> None:
    actions.confirm_address(member=member, address=address, previous_address=previous, now=timezone.now())
    # allauth signs in this very object next, and asks it where to go.
    member.refresh_from_db(fields=["state", "organisation", "stated_organisation", "waiting_since"])
