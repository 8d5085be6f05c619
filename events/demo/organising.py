"""Who is on the team of the demo's conference, and a message that is not sent yet."""

from collections.abc import Sequence
from datetime import datetime

from events import actions
from events.models import EventPage, Registration, TeamMember
from members.models import User

CONFERENCE = "managing-risk-together"
ORGANISER = "organiser@portal.example"

Role = TeamMember.Role

# By address: what they do, and whether they see access and dietary needs.
TEAM = {
    ORGANISER: (Role.MANAGE, True),
    "trainer@college.example": (Role.MANAGE, False),
    "sergeant@kent.example": (Role.CHECK_IN, False),
    "researcher@university.example": (Role.READ, False),
}

SUBJECT = "{event}: what to bring"
TEXT = """Hello {first_name},

Thank you for coming to “{event}” on {when}.

Bring one case that you found hard to assess, without anything that tells who it is about.

See or change your registration:
{link}
"""


def load(events: Sequence[EventPage], now: datetime) -> None:
    """A team and a draft for the conference, if it was made just now. Nobody gets a letter."""
    members = {member.email: member for member in User.objects.filter(email__in=TEAM)}
    organiser = members.get(ORGANISER)
    for event in events:
        if event.slug != CONFERENCE or organiser is None:
            continue
        for address, (role, sees) in TEAM.items():
            if member := members.get(address):
                TeamMember.objects.create(
                    event=event,
                    member=member,
                    role=role,
                    sees_sensitive_answers=sees,
                    added_by=organiser,
                    added_at=now,
                )
                actions.keep_in_event_team(member)
        actions.draft_message(
            event=event,
            subject=SUBJECT,
            text=TEXT,
            filters=f"state={Registration.State.CONFIRMED}",
            chosen=None,
            actor=organiser,
            now=now,
        )
