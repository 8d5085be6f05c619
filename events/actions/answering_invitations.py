"""What somebody who was invited answers, with the link from the letter alone."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from events import invitation_letters
from events.actions import checks
from events.models import Invitation, Registration
from members.models import User
from pages.errors import ActionError

Answer = Invitation.Answer


class InvitedAtOtherAddress(ActionError):
    message = (
        "This invitation was sent to another address than the one of the account you are signed in with."
    )


class HasRegistered(ActionError):
    message = (
        "You are registered for this event. If you cannot come, cancel your registration: then somebody else "
        "gets the place."
    )


def invitation_with(key: UUID) -> Invitation | None:
    """The invitation of a link, with its event; None if the event is not published."""
    found = Invitation.objects.select_related("event__venue", "wave", "member").defer("event__body")
    return found.filter(key=key, event__live=True).first()


def is_for(invitation: Invitation, visitor: User) -> bool:
    """Whether somebody who is signed in is the one who was invited."""
    return visitor.email == invitation.email or visitor.pk == invitation.member_id


def account_of(invitation: Invitation) -> User | None:
    """The account to sign in with, if there is one. One that nobody ever proved to own is none."""
    if invitation.member is not None:
        return invitation.member
    account: User | None = User.objects.filter(email=invitation.email).first()
    if account is None or User.objects.never_confirmed().filter(pk=account.pk).exists():
        return None
    return account


@transaction.atomic
def answer_invitation(
    *, invitation: Invitation, answer: str, reason: str = "", visitor: User | None, now: datetime
) -> Invitation:
    """Write down what they answer; the last answer counts, and no reminder follows.

    Raises EventCancelled, EventOver, HasRegistered where somebody signed in would decline a place they have, and
    for an acceptance NotOpenYet, RegistrationClosed or InvitedAtOtherAddress.
    """
    event = invitation.event
    checks.check_on(event, now)
    if answer == Answer.ACCEPTED:
        checks.check_open(event, now)
        if visitor is not None and not is_for(invitation, visitor):
            raise InvitedAtOtherAddress
    invitation = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    is_theirs = visitor is not None and is_for(invitation, visitor)
    # Whoever has the link alone learns nothing of a registration: the page tells everybody to cancel theirs too.
    if answer != Answer.ACCEPTED and is_theirs and _is_registered(invitation):
        raise HasRegistered
    invitation.answer, invitation.answered_at = answer, now
    invitation.reason = "" if answer == Answer.ACCEPTED else reason
    if is_theirs:
        invitation.member = visitor
    invitation.save(update_fields=["answer", "answered_at", "reason", "member"])
    invitation_letters.call_off_reminders(invitation=invitation, now=now)
    invitation.event = event
    return invitation


def _is_registered(invitation: Invitation) -> bool:
    here = Registration.objects.active().filter(event=invitation.event_id)
    return (
        here.filter(member__email=invitation.email).exists()
        or here.filter(member__isnull=False, member=invitation.member_id).exists()
    )
