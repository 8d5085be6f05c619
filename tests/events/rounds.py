"""What the tests of invitations read and do again and again."""

from datetime import datetime
from typing import Any

from events import actions
from events.models import Invitation, InvitationWave
from mailing.models import Mailing


def deliver(mailing: Mailing, at: datetime) -> None:
    """As if the mail server had taken every letter."""
    mailing.letters.filter(state="queued").update(state="sent", sent_at=at, finished_at=at)


def invited(wave: InvitationWave) -> list[str]:
    return sorted(wave.invitations.values_list("email", flat=True))


def standings(wave: InvitationWave) -> dict[str, str]:
    return dict(wave.invitations.with_standing().values_list("email", "standing"))


def answer(invitation: Invitation, said: str, now: datetime, **fields: Any) -> Invitation:
    fields.setdefault("visitor", None)
    return actions.answer_invitation(invitation=invitation, answer=said, now=now, **fields)
