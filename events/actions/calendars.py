"""The secret address of a member's calendar."""

from datetime import datetime
from uuid import uuid4

from events.models import PersonalCalendar
from members.models import User


def renew_calendar(*, member: User, now: datetime) -> PersonalCalendar:
    """Give the member's calendar a new secret address; the one before shows nothing any more."""
    calendar, _ = PersonalCalendar.objects.update_or_create(
        member=member, defaults={"key": uuid4(), "made_at": now}
    )
    return calendar


def end_calendar(*, member: User) -> None:
    """Take the address away. Doing it twice changes nothing."""
    PersonalCalendar.objects.filter(member=member).delete()
