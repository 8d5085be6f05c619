"""Whom a letter does not reach: people without an address, and addresses that earlier letters came back from.

A letter to a suppressed address is written all the same, and held back when its turn comes: should the address be
lifted until then, it leaves.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import Coalesce, Lower

from events.models import Registration, RegistrationQuerySet
from mailing.models import Suppression

NAMED = 10


@dataclass(frozen=True)
class Reach:
    """How many letters arrive, and who cannot be reached by any."""

    letters: int = 0
    without_address: int = 0
    suppressed: int = 0
    # The first of those who cannot be reached, with member and event.
    unreached: Sequence[Registration] = field(default_factory=list)

    @property
    def missing(self) -> int:
        return self.without_address + self.suppressed

    @property
    def not_named(self) -> int:
        return self.missing - len(self.unreached)

    @property
    def in_words(self) -> str:
        """Who is not reached and what to do, in two sentences; empty if everybody is."""
        if not self.missing:
            return ""
        people = "1 person" if self.missing == 1 else f"{self.missing:,} people"
        names = ", ".join(registration.name for registration in self.unreached)
        more = f" and {self.not_named:,} more" if self.not_named else ""
        other_way = "Tell this person another way" if self.missing == 1 else "Tell them another way"
        return f"Letters do not reach {people}: {names}{more}. {other_way}, for example by telephone."


def is_suppressed() -> Exists:
    """Of a registration, in a query: whether letters to its address are held back."""
    address = Lower(Coalesce(OuterRef("member__email"), OuterRef("guest_email")))
    return Exists(Suppression.objects.active().filter(address=address))


def is_reached() -> Q:
    """Of a registration, in a query: whether a letter arrives, as far as the portal knows."""
    return (Q(member__isnull=False) | ~Q(guest_email="")) & ~Q(is_suppressed())


def reach_of(registrations: RegistrationQuerySet) -> Reach:
    """Of a letter to all of them. One query, and another one where somebody is not reached."""
    no_address = Q(member__isnull=True, guest_email="")
    told = registrations.order_by().annotate(suppressed=is_suppressed())
    counted = told.aggregate(
        total=Count("pk"),
        without_address=Count("pk", filter=no_address),
        held_back=Count("pk", filter=Q(suppressed=True)),
    )
    missing = counted["without_address"] + counted["held_back"]
    unreached = told.filter(no_address | Q(suppressed=True)).select_related("member", "event")
    return Reach(
        letters=counted["total"] - missing,
        without_address=counted["without_address"],
        suppressed=counted["held_back"],
        unreached=list(unreached.order_by("registered_at", "pk")[:NAMED]) if missing else [],
    )
