"""What the front page remembers about a member."""

from datetime import datetime

from home.models import FrontPageVisit
from members.models import User


def collect(member: User) -> list[dict[str, object]]:
    """The last two days on which the member opened the front page."""
    return [
        {"visited_on": visit.visited_on, "previous_on": visit.previous_on}
        for visit in FrontPageVisit.objects.filter(member=member)
    ]


def erase(member: User, now: datetime) -> None:  # noqa: ARG001 - the registry calls all holders alike
    FrontPageVisit.objects.filter(member=member).delete()
