"""Limits: how many letters leave in a minute, altogether, to one domain and of one mailing.

What is used up is a row each minute, so that all senders together keep to it. Urgent letters pass: they
are few, and somebody waits for them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from mailing.models import Allowance, OutgoingMail, Priority

KEPT = timedelta(hours=1)


@dataclass(frozen=True)
class Limits:
    """At most so many letters in a minute; None for no limit."""

    altogether: int | None = None
    to_a_domain: int | None = None
    of_a_mailing: int | None = None

    @classmethod
    def in_force(cls, *, of_a_mailing: int | None = None) -> "Limits":
        """Those of the settings, and that of a mailing."""
        return cls(
            settings.MAIL_PER_MINUTE or None, settings.MAIL_PER_DOMAIN_PER_MINUTE or None, of_a_mailing
        )

    def of(self, letter: OutgoingMail) -> Iterator[tuple[str, int]]:
        """What a letter counts towards."""
        if self.altogether is not None:
            yield "all", self.altogether
        if self.to_a_domain is not None:
            yield f"domain:{domain_of(letter.recipient)}", self.to_a_domain
        if self.of_a_mailing is not None and letter.mailing_id:
            yield f"mailing:{letter.mailing_id}", self.of_a_mailing

    def __bool__(self) -> bool:
        return any(limit is not None for limit in (self.altogether, self.to_a_domain, self.of_a_mailing))


def domain_of(address: str) -> str:
    return address.rpartition("@")[2].lower()


def granted(letters: Sequence[OutgoingMail], limits: Limits, now: datetime) -> list[OutgoingMail]:
    """Those of the letters that may leave this minute; they are counted. Runs in the caller's transaction."""
    counted = [letter for letter in letters if letter.priority != Priority.URGENT]
    if not limits or not counted:
        return list(letters)
    keys = {key: limit for letter in counted for key, limit in limits.of(letter)}
    used = _locked(keys, now.replace(second=0, microsecond=0))
    free = {key: limit - used[key].used for key, limit in keys.items()}
    going = []
    for letter in letters:
        needs = [] if letter.priority == Priority.URGENT else [key for key, _ in limits.of(letter)]
        if all(free[key] > 0 for key in needs):
            going.append(letter)
            for key in needs:
                free[key] -= 1
    for key, limit in keys.items():
        used[key].used = limit - free[key]
    Allowance.objects.bulk_update(used.values(), ["used"])
    return going


def used_up_domains(now: datetime) -> list[str]:
    """The domains that get no more letters this minute."""
    limit = settings.MAIL_PER_DOMAIN_PER_MINUTE
    if not limit:
        return []
    minute = now.replace(second=0, microsecond=0)
    rows = Allowance.objects.filter(minute=minute, key__startswith="domain:", used__gte=limit)
    return [key.removeprefix("domain:") for key in rows.values_list("key", flat=True)]


def forget_past(now: datetime) -> None:
    """Remove the counts of minutes that are over."""
    Allowance.objects.filter(minute__lt=now - KEPT).delete()


def _locked(keys: Mapping[str, int], minute: datetime) -> dict[str, Allowance]:
    # Sorted, so that two senders take their locks in one order.
    names = sorted(keys)
    Allowance.objects.bulk_create([Allowance(key=key, minute=minute) for key in names], ignore_conflicts=True)
    rows = Allowance.objects.select_for_update().filter(key__in=names, minute=minute).order_by("key")
    return {row.key: row for row in rows}
