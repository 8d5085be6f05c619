"""Outgoing mail, and the addresses it goes to."""

from mailing.models.addresses import Bounce, Suppression, Unsubscription
from mailing.models.letters import (
    CLOCK_TOLERANCE,
    DEDUPE_KEY_LIMIT,
    LEASE,
    OutgoingMail,
    OutgoingMailQuerySet,
    Priority,
)
from mailing.models.limits import Allowance
from mailing.models.mailings import Mailing, Wording

__all__ = [
    "CLOCK_TOLERANCE",
    "DEDUPE_KEY_LIMIT",
    "LEASE",
    "Allowance",
    "Bounce",
    "Mailing",
    "OutgoingMail",
    "OutgoingMailQuerySet",
    "Priority",
    "Suppression",
    "Unsubscription",
    "Wording",
]
