"""What becomes of registrations when a membership is suspended, and when that is lifted.

Places stay: whether somebody suspended may still come, an organiser decides. What only hopes for a place is set
aside, so that it holds nothing and nobody waits behind it; put back, it stands where it stood.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from events import line, together
from events.history import add_step
from events.models import Registration
from members.models import User

State = Registration.State


def registrations_to_follow(now: datetime) -> list[Registration]:
    """Of people suspended who are offered a place or wait for one, and of people approved who are set aside."""
    hopes = Q(state__in=[State.WAITING, State.OFFERED], member__state=User.State.SUSPENDED)
    is_back = Q(state=State.SET_ASIDE, member__state=User.State.APPROVED)
    ahead = Registration.objects.filter(event__cancelled_at__isnull=True, event__ends_at__gt=now)
    return list(ahead.filter(hopes | is_back).select_related("member").order_by("pk"))


def follow_suspensions(*, now: datetime) -> int:
    """Set aside and put back whom it concerns, and offer what came free. Returns how many registrations it changed.

    Every minute, and not with the decision itself: that holds the member, and whoever registers holds the event.
    """
    changed = 0
    for registration in registrations_to_follow(now):
        with transaction.atomic():
            changed += _follow(registration, now)
    return changed


def _follow(registration: Registration, now: datetime) -> int:
    parts = together.lock(registration, now)
    member, state = parts[0].member, parts[0].state
    if member is None:
        return 0
    if member.state == User.State.SUSPENDED and state in {State.WAITING, State.OFFERED}:
        for part in parts:
            line.set_aside(part, now)
    elif member.state == User.State.APPROVED and state == State.SET_ASIDE:
        for part in parts:
            part.state = State.WAITING
            part.save(update_fields=["state"])
            add_step("put_back", part, None, now)
    else:
        return 0
    for part in parts:
        line.settle(part.event, now)
    return len(parts)
