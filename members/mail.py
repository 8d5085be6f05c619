"""Every letter about accounts and membership: one function each, called in the transaction of its cause."""

from collections.abc import Mapping
from datetime import datetime
from uuid import uuid4

from django.urls import reverse

from mailing.actions import Priority, queue_letter
from mailing.letters import absolute_url
from members import next_steps
from members.models import MembershipDecision, User
from pages import dates

# What allauth calls its letters, and ours in their place (templates/members/mail/). Letters that somebody
# sits and waits for go first.
ALLAUTH_LETTERS: Mapping[str, tuple[str, Priority]] = {
    "account/email/account_already_exists": ("account_exists", Priority.URGENT),
    "account/email/email_changed": ("address_changed", Priority.NORMAL),
    "account/email/email_confirm": ("address_confirmed", Priority.NORMAL),
    "account/email/email_confirmation": ("new_address_to_confirm", Priority.URGENT),
    "account/email/email_confirmation_signup": ("address_to_confirm", Priority.URGENT),
    "account/email/email_deleted": ("address_removed", Priority.NORMAL),
    "account/email/login_code": ("sign_in_code", Priority.URGENT),
    "account/email/password_changed": ("password_changed", Priority.NORMAL),
    "account/email/password_reset": ("password_changed", Priority.NORMAL),
    "account/email/password_reset_key": ("password_to_reset", Priority.URGENT),
    "account/email/password_set": ("password_set", Priority.NORMAL),
    "account/email/unknown_account": ("account_unknown", Priority.URGENT),
    "mfa/email/recovery_codes_generated": ("recovery_codes_made", Priority.NORMAL),
    "mfa/email/totp_activated": ("authenticator_app_added", Priority.NORMAL),
    "mfa/email/totp_deactivated": ("authenticator_app_removed", Priority.NORMAL),
    "mfa/email/webauthn_added": ("passkey_added", Priority.NORMAL),
    "mfa/email/webauthn_removed": ("passkey_removed", Priority.NORMAL),
    "socialaccount/email/account_connected": ("sign_in_connected", Priority.NORMAL),
    "socialaccount/email/account_disconnected": ("sign_in_disconnected", Priority.NORMAL),
}


def account_letter(
    name: str, *, to: str, values: Mapping[str, object], now: datetime, priority: Priority
) -> None:
    """A letter about signing in. `values` is what allauth hands over; only texts of it are used.

    Each call is a letter of its own: asking for a second code sends a second letter.
    """
    texts = {key: value for key, value in values.items() if isinstance(value, str)}
    queue_letter(
        template=f"members/mail/{name}",
        to=to,
        context={**texts, **_links(), "email": to, "moment": dates.moment(now)},
        dedupe_key=f"members:{name}:{uuid4()}",
        priority=priority,
    )


def account_suspended(*, to: str, now: datetime) -> None:
    """The answer when a suspended member asks for a sign-in code or a new password."""
    account_letter("account_suspended", to=to, values={}, now=now, priority=Priority.URGENT)


def second_factor_reset(*, member: User, now: datetime) -> None:
    """The second factor could not be used any more, so somebody who runs the portal removed it."""
    account_letter("second_factor_reset", to=member.email, values={}, now=now, priority=Priority.NORMAL)


def confirmation_code(*, member: User, code: str, now: datetime) -> None:
    """A code that proves once more who sits there, for members without a password."""
    account_letter(
        "confirmation_code", to=member.email, values={"code": code}, now=now, priority=Priority.URGENT
    )


def membership_waiting(*, member: User, now: datetime) -> None:
    """The address is confirmed; a person decides."""
    _queue("membership_waiting", member, key=f"{member.pk}:{now.isoformat()}")


def membership_approved(*, decision: MembershipDecision) -> None:
    """With the way back to what they came for, if the portal knows that."""
    step = next_steps.first_of(decision.member, decision.decided_at)
    _queue_decision(
        "membership_approved",
        decision,
        next_note=step.note if step else "",
        next_url=step.url if step else absolute_url("/"),
    )


def membership_declined(*, decision: MembershipDecision) -> None:
    _queue_decision("membership_declined", decision)


def membership_suspended(*, decision: MembershipDecision) -> None:
    _queue_decision("membership_suspended", decision)


def membership_reinstated(*, decision: MembershipDecision) -> None:
    _queue_decision("membership_reinstated", decision)


def membership_returned(*, decision: MembershipDecision) -> None:
    """An approved member moved to an address that proves nothing, and waits again."""
    _queue_decision("membership_returned", decision)


def member_invited(*, member: User, organisation: str) -> None:
    """To somebody whose organisation gave us their address."""
    _queue("member_invited", member, key=str(member.pk), bulk=True, organisation=organisation)


def member_left(*, address: str, decision: MembershipDecision) -> None:
    """The last letter. It goes to an address that is erased by then, so it comes as a text."""
    queue_letter(
        template="members/mail/member_left",
        to=address,
        context={
            **_links(),
            "moment": dates.moment(decision.decided_at),
            "on_request": decision.decided_by is not None,
        },
        dedupe_key=f"members:member_left:{decision.pk}",
    )


def _queue_decision(name: str, decision: MembershipDecision, **values: str) -> None:
    organisation = decision.organisation
    stated = {"reason": decision.reason, "organisation": organisation.name if organisation else "", **values}
    _queue(name, decision.member, key=str(decision.pk), bulk=False, **stated)


def _queue(name: str, member: User, *, key: str, bulk: bool = False, **values: str) -> None:
    queue_letter(
        template=f"members/mail/{name}",
        to=member.email,
        context={**_links(), "greeting": _greeting(member), "email": member.email, **values},
        dedupe_key=f"members:{name}:{key}",
        priority=Priority.BULK if bulk else Priority.NORMAL,
    )


def _greeting(member: User) -> str:
    """As invitations greet."""
    name = member.get_full_name()
    return f"Hello {name}," if name else "Hello,"


def _links() -> dict[str, str]:
    """The addresses letters lead to. They are built from BASE_URL: a request's host is the sender's word."""
    return {
        "home_url": absolute_url("/"),
        "login_url": absolute_url(reverse("account_login")),
        "login_code_url": absolute_url(reverse("account_request_login_code")),
        "signup_url": absolute_url(reverse("account_signup")),
        "forgotten_url": absolute_url(reverse("account_reset_password")),
        "second_factor_url": absolute_url(reverse("mfa_index")),
        "sessions_url": absolute_url(reverse("usersessions_list")),
        "status_url": absolute_url(reverse("members:membership_status")),
        "details_url": absolute_url(reverse("members:change_details")),
        "contact_url": absolute_url("/contact/"),
    }
