"""How many places an event has, and how many are left."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Places:
    """The places of one event at one moment. `capacity` is None where there is no limit."""

    capacity: int | None
    taken: int
    waiting: int = 0

    @property
    def left(self) -> int | None:
        """None where there is no limit; never below 0, also when more came in than there is room for."""
        return None if self.capacity is None else max(0, self.capacity - self.taken)

    @property
    def is_full(self) -> bool:
        """Nobody new gets a place: none is left, or those who wait come first."""
        return self.left is not None and (self.left == 0 or self.waiting > 0)

    @property
    def percent_taken(self) -> str:
        """For the bar: "68.3%"."""
        if not self.capacity:
            return "0%"
        return f"{min(100.0, 100 * self.taken / self.capacity):.1f}%"

    def without_numbers(self) -> Self:
        """What may be shown where the event keeps its numbers to itself."""
        return type(self)(capacity=None, taken=0, waiting=0)
