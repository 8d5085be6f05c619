"""The address in a letter by which its reader stops letters like it (RFC 8058): signed, and without a name in it."""

from django.core.signing import BadSignature, Signer
from django.urls import reverse

from mailing.letters import absolute_url
from mailing.models import OutgoingMail

_signer = Signer(salt="mailing.stop_letters")


def stop_url(letter: OutgoingMail) -> str:
    """Where the reader of a stored letter stops its category; empty if it is in none."""
    if not letter.category or letter.pk is None:
        return ""
    return absolute_url(reverse("mailing:stop_letters", args=[_signer.sign(str(letter.pk))]))


def letter_of(token: str) -> OutgoingMail | None:
    """The letter that a token is from; None for anything that we did not sign, or that is gone."""
    try:
        key = int(_signer.unsign(token))
    except (BadSignature, ValueError):
        return None
    found: OutgoingMail | None = (
        OutgoingMail.objects.exclude(category="").only("recipient", "category").filter(pk=key).first()
    )
    return found
