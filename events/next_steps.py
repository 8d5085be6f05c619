"""The way back to an event, for somebody who accepted an invitation and had to be let in first."""

from datetime import datetime

from django.urls import reverse

from events.models import EventPage, Invitation
from mailing.letters import absolute_url
from members.models import User
from members.next_steps import NextStep


def accepted_invitation(member: User, now: datetime) -> NextStep | None:
    """To the form of the first event that they accepted an invitation to and can register for. One query."""
    events = EventPage.objects.taking_registrations(now).order_by().values("pk")
    accepted = Invitation.objects.to_take_up(member, events).filter(answer=Invitation.Answer.ACCEPTED)
    with_event = accepted.select_related("event").defer("event__body")
    found = with_event.order_by("event__starts_at", "pk").first()
    if found is None:
        return None
    return NextStep(
        note=f"You accepted an invitation to “{found.event.title}”. Register for it to have a place.",
        url=absolute_url(reverse("events:book_place", args=[found.event.uuid])),
    )
