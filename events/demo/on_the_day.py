"""What was left after the made-up events that were held: who was there, certificates, materials."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.files.base import ContentFile

from events import actions
from events.models import EventPage, Material, Registration, Session
from members.models import User

LONDON = ZoneInfo("Europe/London")
PRACTITIONER = "practitioner@force.example"
ORGANISER = "organiser@portal.example"
WORKSHOP, REFRESHER = "formulating-risk-together", "refresher-on-dynamic-factors"

# By event: who was registered, the practitioner first, and how many of them came.
REGISTERED = {
    WORKSHOP: (
        (
            PRACTITIONER,
            "offender.manager@essex.example",
            "sergeant@kent.example",
            "probation.officer@london.example",
            "caseworker@charity.example",
        ),
        4,
    ),
    REFRESHER: ((PRACTITIONER, "analyst@norfolk.example"), 2),
}
# The workshop's programme: from when to when, what.
PROGRAMME = (
    (time(10), time(12), "What a formulation says that a list does not", Session.Kind.TALK),
    (time(12), time(13), "Lunch", Session.Kind.BREAK),
    (time(13), time(15, 30), "Two agencies, one formulation", Session.Kind.WORKSHOP),
)
HANDOUT = """Formulating risk together: handout

This handout is made up for demonstration.

1. What may happen, and to whom?
2. Under which circumstances is it more likely, and under which less?
3. What would tell us early, and who would see it?
4. What do we do then, and who starts?
"""
READING = """Formulating risk together: reading list

This list is made up for demonstration. Your own training department knows what is current.
"""


def load(events: Sequence[EventPage], now: datetime) -> None:
    """Attendance, certificates and materials for those of the events that were held. Letters only to one."""
    members = {member.email: member for member in User.objects.filter(email__endswith=".example")}
    organiser = members.get(ORGANISER)
    for event in events:
        if event.slug in REGISTERED and organiser is not None and PRACTITIONER in members:
            _hold(event, members, organiser)
            if event.slug == WORKSHOP:
                _hand_out(event, organiser, now)


def _hold(event: EventPage, members: dict[str, User], organiser: User) -> None:
    """In the order of time: they register, the programme runs, people are checked in, certificates go out."""
    sessions = _plan(event) if event.slug == WORKSHOP else []
    addresses, came = REGISTERED[event.slug]
    registrations = [
        Registration.objects.create(
            event=event,
            member=members[address],
            organisation_id=members[address].organisation_id,
            state=Registration.State.CONFIRMED,
            registered_at=event.starts_at - timedelta(days=20),
            confirmed_at=event.starts_at - timedelta(days=20),
        )
        for address in addresses
        if address in members
    ]
    practitioner, *others = registrations[:came]
    _check_in(event, [practitioner], sessions, organiser)
    # With the clock of that day. The others' certificates, and letters, are left to the clock of the portal.
    actions.issue_certificates(now=event.ends_at + timedelta(hours=1))
    _check_in(event, others, sessions, organiser)


def _plan(event: EventPage) -> list[Session]:
    """The workshop's sessions; those at which attendance is taken."""
    day = event.starts_at.astimezone(LONDON).date()
    made = [
        Session.objects.create(
            event=event,
            sort_order=order,
            title=title,
            kind=kind,
            starts_at=datetime.combine(day, begin, tzinfo=LONDON),
            ends_at=datetime.combine(day, end, tzinfo=LONDON),
        )
        for order, (begin, end, title, kind) in enumerate(PROGRAMME)
    ]
    return [session for session in made if session.kind != Session.Kind.BREAK]


def _check_in(
    event: EventPage, people: Sequence[Registration], sessions: Sequence[Session], organiser: User
) -> None:
    moments: list[tuple[UUID | None, datetime]] = [(session.key, session.starts_at) for session in sessions]
    ticks = [
        actions.Tick(person.uuid, key, is_present=True, at=at)
        for person in people
        for key, at in moments or [(None, event.starts_at)]
    ]
    actions.note_attendance(event=event, ticks=ticks, actor=organiser, now=event.ends_at)


def _hand_out(event: EventPage, organiser: User, now: datetime) -> None:
    audience = Material.Audience
    for title, who, text in (
        ("Handout: four questions", audience.ATTENDED, HANDOUT),
        ("Reading list", audience.EVERYONE, READING),
    ):
        actions.add_material(
            event=event,
            offer=actions.Offer(title=title, audience=who),
            file=ContentFile(text.encode(), name=f"{title.partition(':')[0]}.txt"),
            ending="txt",
            actor=organiser,
            now=now,
        )
