"""What waits for a member: the first thing on their front page and on their own page.

A later part (surveys, cases) adds a function to `SOURCES`; each gives its things in the order in which
they should be dealt with.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse

from events import invitation_wording, rules
from events.missed import missed_by
from events.models import EventPage, Handover, Invitation, Registration, RegistrationStep
from members.models import User
from pages import dates


@dataclass(frozen=True)
class Waiting:
    """One thing: what it is, what it is about, and the link to deal with it. `dates` are those of a course."""

    what: str
    about: str
    url: str
    action: str
    note: str = ""
    dates: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Asked:
    """What somebody asked for: a place at one event, or on all dates of a course."""

    registration: Registration
    about: str
    dates: tuple[str, ...]


def waiting_for(user: User, now: datetime) -> list[Waiting]:
    """Everything that waits for the member, what expires first at the top."""
    return [waiting for source in SOURCES for waiting in source(user, now)]


def offers(user: User, now: datetime) -> Iterator[Waiting]:
    """Places that were offered from a waiting list and are lost when nobody takes them."""
    registrations = (
        Registration.objects.visible_to(user)
        .filter(state=Registration.State.OFFERED, offer_expires_at__gt=now, event__ends_at__gte=now)
        .order_by("offer_expires_at", "event__starts_at", "pk")
    )
    for asked in _asked(registrations):
        if asked.registration.offer_expires_at is None:  # the query says so, the type checker cannot know
            continue
        yield Waiting(
            what=f"A place is yours until {dates.moment(asked.registration.offer_expires_at)}",
            about=asked.about,
            url=reverse("events:registration", args=[asked.registration.uuid]),
            action="Take or decline the place",
            note="After that it goes to the next person waiting.",
            dates=asked.dates,
        )


def missed_sessions(user: User, now: datetime) -> Iterator[Waiting]:
    """Sessions that were full when a member’s turn came, whose time they can still fill. One query without any."""
    steps = RegistrationStep.objects.filter(registration__member=user, detail__has_key="missed_sessions")
    registrations = Registration.objects.visible_to(user).holding_a_place()
    with_missed = registrations.filter(event__ends_at__gte=now, pk__in=steps.values("registration"))
    found = list(with_missed.select_related("event").defer("event__body").order_by("event__starts_at", "pk"))
    missed = missed_by(found) if found else {}
    for registration in found:
        event = registration.event
        if not rules.can_change_answers(user, registration, now):
            continue
        for session in missed.get(registration.pk, ()):
            yield Waiting(
                what=f"You have no place in “{session.title}”",
                about=event.title,
                url=reverse("events:change_answers", args=[registration.uuid]),
                action="Choose another session",
                note=(
                    "It could not be had any more when your turn came. You can choose until "
                    f"{dates.moment(event.answers_final_at, event.time_zone)}."
                ),
            )


def handovers(user: User, now: datetime) -> Iterator[Waiting]:
    """Places that colleagues pass to the member, as long as they can be taken."""
    events = EventPage.objects.visible_to(user).order_by().values("pk")
    offered = Handover.objects.filter(
        colleague=user, state=Handover.State.OFFERED, registration__event__in=events
    )
    found = offered.select_related("registration__event__series", "registration__member")
    without_texts = found.defer("registration__event__body", "registration__event__series__body")
    for handover in without_texts.order_by("registration__event__starts_at", "pk"):
        registration = handover.registration
        giver = registration.member
        if giver is None or not rules.can_take_handover(user, handover, now):
            continue
        yield Waiting(
            what=f"{giver.get_full_name() or giver.email} passes a place to you",
            about=_name_of(registration),
            url=reverse("events:handover", args=[handover.key]),
            action="Take or decline the place",
            note="Until you take it, the place stays with them.",
        )


def invitations(user: User, now: datetime) -> Iterator[Waiting]:
    """Invitations that nobody has answered, or that were accepted without registering, as long as one can."""
    events = EventPage.objects.taking_registrations(now).order_by().values("pk")
    found = Invitation.objects.to_take_up(user, events).select_related("event", "wave").defer("event__body")
    for invitation in found.order_by("event__starts_at", "pk"):
        event = invitation.event
        is_accepted = invitation.answer == Invitation.Answer.ACCEPTED
        if is_accepted and not event.is_enough(user):
            continue  # first they have to be let in, which waits for them in its own words
        yield Waiting(
            what="You accepted an invitation" if is_accepted else "You are invited",
            about=event.title,
            url=(reverse("events:book_place", args=[event.uuid]) if is_accepted else invitation.answer_url),
            action="Register" if is_accepted else "Accept or decline",
            note=_what_to_know(invitation, now),
        )


def _what_to_know(invitation: Invitation, now: datetime) -> str:
    """As the letter says it: until when, who has to approve, and whether places are kept."""
    event, zone = invitation.event, invitation.event.time_zone
    is_kept = invitation.has_kept_place(now)
    until = invitation.kept_until if is_kept else None
    sentences = (
        f"Registration closes on {dates.moment(event.closes_at, zone)}.",
        invitation_wording.places_note(keeps_place=is_kept, until=dates.moment(until, zone) if until else ""),
        invitation_wording.approval_note(
            needs_organiser=event.needs_approval, needs_manager=event.needs_manager
        ),
    )
    return " ".join(filter(None, sentences))


def membership(user: User, now: datetime) -> Iterator[Waiting]:  # noqa: ARG001 - one of SOURCES
    """A membership that is not decided, or was declined."""
    if user.state == User.State.PENDING:
        yield Waiting(
            what="A person checks your membership",
            about="You get a letter as soon as it is decided. Until then you can read everything that is public.",
            url=reverse("members:membership_status"),
            action="See where it stands",
        )
    elif user.state == User.State.DECLINED:
        yield Waiting(
            what="Your membership was declined",
            about="You can see why, and what you can do.",
            url=reverse("members:membership_status"),
            action="See the reason",
        )


def approvals(user: User, now: datetime) -> Iterator[Waiting]:
    """Registrations that nobody has decided on yet."""
    registrations = (
        Registration.objects.visible_to(user)
        .filter(state=Registration.State.AWAITING_APPROVAL, event__ends_at__gte=now)
        .order_by("event__starts_at", "pk")
    )
    for asked in _asked(registrations):
        yield Waiting(
            what="Your registration waits for approval",
            about=asked.about,
            url=reverse("events:registration", args=[asked.registration.uuid]),
            action="See your registration",
            note="You get a letter when it is decided.",
            dates=asked.dates,
        )


def _asked(registrations: QuerySet[Registration]) -> list[_Asked]:
    """Each once: those for the dates of a course stand or fall together, and are one thing. One query."""
    rows = registrations.select_related("event__series").defer("event__body", "event__series__body")
    together: dict[object, list[Registration]] = {}
    for row in rows:
        together.setdefault(row.booked_together or row.pk, []).append(row)
    return [
        _Asked(
            parts[0],
            _name_of(parts[0]),
            tuple(f"{part.event.title}, {part.event.when}" for part in parts) if len(parts) > 1 else (),
        )
        for parts in together.values()
    ]


def _name_of(registration: Registration) -> str:
    """Of what was booked: a course, or an event. Of one that came with both."""
    event = registration.event
    name: str = event.title
    if registration.booked_together is not None and event.series is not None:
        name = event.series.title
    return name


SOURCES: tuple[Callable[[User, datetime], Iterator[Waiting]], ...] = (
    offers,
    handovers,
    membership,
    invitations,
    missed_sessions,
    approvals,
)
