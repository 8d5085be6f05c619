"""What the library knows about a member."""

from datetime import datetime

from library.models import TopicInterest
from members.models import User


def collect(member: User) -> list[dict[str, object]]:
    """The topics that interest them."""
    return [
        {"topic": interest.topic.name}
        for interest in TopicInterest.objects.of(member).select_related("topic")
    ]


def erase(member: User, now: datetime) -> None:  # noqa: ARG001 - the registry calls all holders alike
    TopicInterest.objects.filter(member=member).delete()
