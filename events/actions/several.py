"""The same action for several registrations, each on its own."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from events.models import Registration
from pages.errors import ActionError


@dataclass
class Outcome:
    """What came of it: how many are done, where they stand now, and which were refused, with the reason in words."""

    done: int = 0
    states: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[Registration, str]] = field(default_factory=list)


def one_by_one(registrations: Iterable[Registration], act: Callable[[Registration], Registration]) -> Outcome:
    """Those who registered first come first. `act` is atomic, so one refusal leaves the others done."""
    outcome = Outcome()
    for registration in sorted(registrations, key=lambda found: (found.registered_at, found.pk)):
        try:
            state = act(registration).state
        except ActionError as refusal:
            outcome.refused.append((registration, refusal.message))
        else:
            outcome.done += 1
            outcome.states[state] += 1
    return outcome
