"""What waits for a member: the first thing on their front page and on their own page.

A later part (surveys, cases) adds a function to `SOURCES`; each gives its things in the order in which
they should be dealt with.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from events import links
from events.models import EventPage, Invitation, Registration
from members.models import User
from pages import dates


@dataclass(frozen=True)
class Waiting:
    """One thing: what it is, what it is about, and the link to deal with it."""

    what: str
    about: str
    url: str
    action: str
    note: str = ""


def waiting_for(user: User, now: datetime) -> list[Waiting]:
    """Everything that waits for the member, what expires first at the top."""
    return [waiting for source in SOURCES for waiting in source(user, now)]


def offers(user: User, now: datetime) -> Iterator[Waiting]:
    """Places that were offered from a waiting list and are lost when nobody takes them."""
    registrations = (
        Registration.objects.visible_to(user)
        .filter(state=Registration.State.OFFERED, offer_expires_at__gt=now, event__ends_at__gte=now)
        .select_related("event")
        .order_by("offer_expires_at", "pk")
    )
    for registration in registrations:
        if registration.offer_expires_at is None:  # the query says so, the type checker cannot know
            continue
        yield Waiting(
            what=f"A place is yours until {dates.moment(registration.offer_expires_at)}",
            about=registration.event.title,
            url=reverse("events:registration", args=[registration.uuid]),
            action="Take or decline the place",
            note="After that it goes to the next person waiting.",
        )


def invitations(user: User, now: datetime) -> Iterator[Waiting]:
    """Invitations that nobody has answered, or that were accepted without registering, as long as one can."""
    events = EventPage.objects.taking_registrations(now).order_by().values("pk")
    found = Invitation.objects.to_take_up(user, events).select_related("event").defer("event__body")
    for invitation in found.order_by("event__starts_at", "pk"):
        event = invitation.event
        is_accepted = invitation.answer == Invitation.Answer.ACCEPTED
        if is_accepted and not event.is_enough(user):
            continue  # first they have to be let in, which waits for them in its own words
        token = links.token(links.INVITE, invitation.key)
        yield Waiting(
            what="You accepted an invitation" if is_accepted else "You are invited",
            about=event.title,
            url=(
                reverse("events:book_place", args=[event.uuid])
                if is_accepted
                else reverse("events:answer_invitation", args=[token])
            ),
            action="Register" if is_accepted else "Accept or decline",
            note=f"Registration closes on {dates.moment(event.closes_at, event.time_zone)}.",
        )


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
    """Registrations that the organiser has not decided on."""
    registrations = (
        Registration.objects.visible_to(user)
        .filter(state=Registration.State.AWAITING_APPROVAL, event__ends_at__gte=now)
        .select_related("event")
        .order_by("event__starts_at", "pk")
    )
    for registration in registrations:
        yield Waiting(
            what="Your registration waits for the organiser",
            about=registration.event.title,
            url=reverse("events:registration", args=[registration.uuid]),
            action="See your registration",
            note="You get a letter when it is decided.",
        )


SOURCES: tuple[Callable[[User, datetime], Iterator[Waiting]], ...] = (
    offers,
    membership,
    invitations,
    approvals,
)
