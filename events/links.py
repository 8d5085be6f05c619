"""Links in letters that work without signing in: a key, signed with the site's secret. Pure.

Whoever has the letter may do the one thing the link is for. Following it changes nothing: the page it leads
to asks first, since mail gateways follow every link.
"""

from uuid import UUID

from django.core.signing import BadSignature, Signer

# What a link is for stands in its signature: one for cancelling approves nothing.
CANCEL = "events.cancel_registration"
APPROVE = "events.answer_as_manager"
INVITE = "events.answer_invitation"
# Of previews and test letters: shows the page, and answers nothing.
TRY_INVITATION = "events.try_invitation"


def token(purpose: str, key: UUID) -> str:
    return _signer(purpose).sign(key.hex)


def key_in(purpose: str, token: str) -> UUID | None:
    """The key of a link; None for one that was made up or is for something else."""
    try:
        return UUID(_signer(purpose).unsign(token))
    except (BadSignature, ValueError):
        return None


def _signer(purpose: str) -> Signer:
    """With a dot between key and signature: the address stays one word to double-click."""
    return Signer(salt=purpose, sep=".")
