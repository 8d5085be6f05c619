"""What happens to second factors apart from their owners: encrypted anew, or removed for who cannot use them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import QuerySet

from members import mail, sealing
from members.models import User

Kind = Authenticator.Type

# Where each kind keeps what must not be read. A passkey's row holds a public key and no secret.
SECRET_IN = {Kind.TOTP: "secret", Kind.RECOVERY_CODES: "seed"}


@dataclass
class Counts:
    """How many secrets of second factors are in which state."""

    up_to_date: int = 0
    encrypted: int = 0
    unreadable: int = 0


def encrypt_second_factors(*, dry_run: bool) -> Counts:
    """Encrypt secrets with the key of now that lie in the clear or under an older key; count them all.

    Those that no key reads stay as they are: the right key may come back.
    """
    counts = Counts()
    for key in with_secrets().order_by("pk").values_list("pk", flat=True):
        # One by one: using up a recovery code changes the same row, and must not wait for all the others.
        with transaction.atomic():
            factor = with_secrets().select_for_update(of=("self",)).filter(pk=key).first()
            if factor is not None:
                _encrypt(factor, counts, dry_run=dry_run)
    return counts


def unreadable_second_factors() -> list[Authenticator]:
    """Those whose secret no key reads, so that nobody can use them."""
    return [
        factor for factor in with_secrets().select_related("user").order_by("pk") if not _is_readable(factor)
    ]


def second_factors_of(members: Iterable[User]) -> list[Authenticator]:
    """All that these members have, passkeys too."""
    return list(Authenticator.objects.filter(user__in=members).select_related("user").order_by("pk"))


@transaction.atomic
def remove_second_factors(*, factors: Iterable[Authenticator], now: datetime) -> None:
    """Remove second factors for owners who cannot use them, and tell each owner once.

    Recovery codes go with the last factor they stand in for, as they do when their owner removes it.
    """
    owners = {factor.user_id: factor.user for factor in factors}
    Authenticator.objects.filter(pk__in=[factor.pk for factor in factors]).delete()
    for owner in owners.values():
        left = Authenticator.objects.filter(user=owner)
        if not left.exclude(type=Kind.RECOVERY_CODES).exists():
            left.delete()
        mail.second_factor_reset(member=owner, now=now)


def with_secrets() -> QuerySet[Authenticator]:
    factors: QuerySet[Authenticator] = Authenticator.objects.filter(type__in=SECRET_IN)
    return factors


def _encrypt(factor: Authenticator, counts: Counts, *, dry_run: bool) -> None:
    name = SECRET_IN[factor.type]
    stored = factor.data[name]
    if sealing.is_up_to_date(stored):
        counts.up_to_date += 1
    elif not _is_readable(factor):
        counts.unreadable += 1
    else:
        counts.encrypted += 1
        if not dry_run:
            factor.data[name] = sealing.seal(sealing.unseal(stored))
            factor.save(update_fields=["data"])


def _is_readable(factor: Authenticator) -> bool:
    try:
        sealing.unseal(factor.data[SECRET_IN[factor.type]])
    except sealing.SecretUnreadable:
        return False
    return True
