"""What somebody came for before they were a member: where the letter that lets them in leads back to.

Each app that knows registers itself in `AppConfig.ready`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from members.models import User


@dataclass(frozen=True)
class NextStep:
    """What it is and what to do, in a sentence or two; and the whole address where."""

    note: str
    url: str


Source = Callable[[User, datetime], NextStep | None]
_sources: list[Source] = []


def register(source: Source) -> None:
    """Ask this app too, after those before."""
    _sources.append(source)


def first_of(member: User, now: datetime) -> NextStep | None:
    """The first that any app knows of."""
    return next((step for source in _sources if (step := source(member, now))), None)
