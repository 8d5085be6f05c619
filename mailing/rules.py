"""Who may do what with letters. Nobody reads one here: a letter is between the portal and its reader."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser

from mailing.models import OutgoingMail, Suppression

Visitor = AbstractBaseUser | AnonymousUser
NOT_SENT = {OutgoingMail.State.FAILED, OutgoingMail.State.SUPPRESSED, OutgoingMail.State.CANCELLED}


def can_see_letters(user: Visitor) -> bool:
    """Whose office looks after the post room: addresses, kinds and states, never the words."""
    return _has(user, "mailing.view_outgoingmail")


def can_send_letter_again(user: Visitor, letter: OutgoingMail) -> bool:
    """A letter that is not under way. An urgent one is worthless by now: its reader asks for a new code."""
    return (
        _has(user, "mailing.change_outgoingmail")
        and letter.state in NOT_SENT
        and letter.body_erased_at is None
        and letter.can_be_shown
    )


def can_cancel_letter(user: Visitor, letter: OutgoingMail) -> bool:
    """A letter that waits."""
    return _has(user, "mailing.change_outgoingmail") and letter.state == OutgoingMail.State.QUEUED


def can_see_suppressions(user: Visitor) -> bool:
    """Whose office looks after the post room: which addresses are not written to, and why."""
    return _has(user, "mailing.view_suppression")


def can_lift_suppression(user: Visitor, suppression: Suppression) -> bool:
    """An address that is not written to now."""
    return _has(user, "mailing.change_suppression") and suppression.lifted_at is None


def _has(user: Visitor, permission: str) -> bool:
    return bool(getattr(user, "has_perm", lambda _: False)(permission))
