"""How many places an event has, who may have them, and how many are left. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Self


@dataclass(frozen=True)
class Places:
    """The places of one event at one moment. `capacity` is None where there is no limit.

    `kept` are free, but not for whoever looks; `is_capped` says that their organisation has all it can have.
    """

    capacity: int | None
    taken: int
    waiting: int = 0
    kept: int = 0
    is_capped: bool = False

    @property
    def left(self) -> int | None:
        """None where there is no limit; never below 0, also when more came in than there is room for."""
        return None if self.capacity is None else max(0, self.capacity - self.taken - self.kept)

    @property
    def is_full(self) -> bool:
        """Nobody new gets a place: none is left, or those who wait come first."""
        return self.is_capped or (self.left is not None and (self.left == 0 or self.waiting > 0))

    @property
    def percent_taken(self) -> str:
        """For the bar: "68.3%"."""
        if not self.capacity:
            return "0%"
        return f"{min(100.0, 100 * (self.taken + self.kept) / self.capacity):.1f}%"

    def without_numbers(self) -> Self:
        """What may be shown where the event keeps its numbers to itself."""
        return type(self)(capacity=None, taken=0, waiting=0)


class Claim(NamedTuple):
    """What of a person decides which places they can have. No organisation is never capped."""

    organisation: int | None = None
    is_invited: bool = False


@dataclass
class Room:
    """The places of one event as they are given out: some kept for invited people, so many an organisation.

    Counts those who wait as well: whoever could have a place comes before whoever comes now. Where nothing
    is kept and nobody is capped, it does not matter who, and only the sums are used.
    """

    capacity: int | None
    reserved: int = 0
    per_organisation: int | None = None
    taken: int = 0
    waiting: int = 0
    offered: int = 0
    invited: int = 0
    of_organisation: Counter[int] = field(default_factory=Counter)
    in_line: Counter[Claim] = field(default_factory=Counter)

    @property
    def asks_who(self) -> bool:
        return self.reserved > 0 or self.per_organisation is not None

    @property
    def left(self) -> int | None:
        """For an invited person; None where there is no limit."""
        return None if self.capacity is None else max(0, self.capacity - self.taken)

    def kept_from(self, claim: Claim) -> int:
        """How many free places are kept for other people."""
        return 0 if claim.is_invited else max(0, self.reserved - self.invited)

    def is_capped(self, claim: Claim) -> bool:
        return (
            self.per_organisation is not None
            and claim.organisation is not None
            and self.of_organisation[claim.organisation] >= self.per_organisation
        )

    def has_a_place_for(self, claim: Claim) -> bool:
        """Whether they could have a place if nobody waited."""
        if self.is_capped(claim):
            return False
        return self.left is None or self.left > self.kept_from(claim)

    def is_full_for(self, claim: Claim) -> bool:
        """Whether somebody who comes now gets no place: there is none, or somebody who waits comes first."""
        return not self.has_a_place_for(claim) or self._somebody_is_ahead()

    def has_an_offer_to_make(self) -> bool:
        """Whether somebody who waits could have a place."""
        if not self.asks_who:
            return self.waiting > 0 and self.left != 0
        return any(number and self.has_a_place_for(claim) for claim, number in self.in_line.items())

    def number_ahead_of(self, claim: Claim, line: Mapping[Claim, int] | None = None) -> int:
        """How many of those who wait, or of `line`, would be offered the next place that they could have.

        Passed over is whoever cannot have it: another organisation has all its places already, or it is one of
        those that are kept for invited people.
        """
        if not self.asks_who:
            return self.waiting if line is None else sum(line.values())
        waiting = self.in_line if line is None else line
        return sum(number for other, number in waiting.items() if self._comes_before(other, claim))

    def take(self, claim: Claim, number: int = 1) -> None:
        self.taken += number
        self.invited += number if claim.is_invited else 0
        if claim.organisation is not None:
            self.of_organisation[claim.organisation] += number

    def give_back(self, claim: Claim) -> None:
        self.take(claim, -1)

    def wait(self, claim: Claim, number: int = 1) -> None:
        self.waiting += number
        self.in_line[claim] += number

    def stop_waiting(self, claim: Claim) -> None:
        self.wait(claim, -1)

    def places_for(self, claim: Claim) -> Places:
        """What they may read of it. Of those who wait, only who would come first counts as ahead of them."""
        ahead = self.number_ahead_of(claim) if self.is_full_for(claim) else 0
        return Places(self.capacity, self.taken, ahead, self.kept_from(claim), self.is_capped(claim))

    def _comes_before(self, other: Claim, claim: Claim) -> bool:
        """Of somebody who has waited longer: whether the next place for `claim` could be theirs."""
        if self.is_capped(other) and other.organisation != claim.organisation:
            return False
        if self.left is None:
            return True
        return self.kept_from(other) < max(self.left, self.kept_from(claim) + 1)

    def _somebody_is_ahead(self) -> bool:
        # Without a limit a line is only what settling has not got round to: nobody has to wait behind it.
        if self.left is None:
            return False
        return self.has_an_offer_to_make() if self.asks_who else self.waiting > 0
