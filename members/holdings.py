"""What a member has in other parts of the portal, in words: for whoever decides on their membership.

An app that gives people something registers itself in `AppConfig.ready`: `holdings.register(sentences)`. What it
gives back is read beside the decision, before and after; nothing where there is nothing to say.
"""

from collections.abc import Callable
from datetime import datetime

from members.models import User

Sentences = Callable[[User, datetime], str]

_apps: list[Sentences] = []


def register(sentences: Sentences) -> None:
    """Add an app that says what a member has there. The same one counts once."""
    if sentences not in _apps:
        _apps.append(sentences)


def of(member: User, now: datetime) -> list[str]:
    """What each of them says."""
    said = (sentences(member, now) for sentences in _apps)
    return [words for words in said if words]
