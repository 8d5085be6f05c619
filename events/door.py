"""The list at the door: who is expected, who is here. Read-only; `actions.note_attendance` writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.db.models import BooleanField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Lower, NullIf

from events.models import Attendance, EventPage, Registration, Session, SessionPlace
from pages import dates

# A phone draws no more in one go; the search finds the others.
MOST_ROWS = 1000
# People come to a session's door so long before it starts.
DOORS_OPEN = timedelta(minutes=30)


@dataclass(frozen=True)
class Numbers:
    """How many are here, and how many are expected: with a place, or having chosen the session."""

    here: int
    expected: int


def sessions_of(event: EventPage) -> list[Session]:
    """Those at which attendance is taken. None: it is taken for the event as a whole."""
    return list(Session.objects.filter(event=event.pk).to_attend())


def session_on(sessions: Sequence[Session], now: datetime, wanted: UUID | None = None) -> Session | None:
    """The session that is asked for; else the one people are coming to or are in, else the next, else the last."""
    if not sessions:
        return None
    for session in sessions:
        if session.key == wanted:
            return session
    # The latest whose doors are open: the one before it may still run while people come to the next.
    on = [session for session in sessions if session.starts_at - DOORS_OPEN <= now < session.ends_at]
    if on:
        latest = max(session.starts_at for session in on)
        return next(session for session in on if session.starts_at == latest)
    return next((session for session in sessions if session.starts_at > now), sessions[-1])


def people(
    event: EventPage, session: Session | None, *, only_expected: bool = False
) -> QuerySet[Registration]:
    """Everybody with a place, by name, each with `is_present` and `is_expected` (they chose the session)."""
    here = Attendance.objects.present().at(session).filter(registration=OuterRef("pk"))
    is_chosen = session is not None and session.is_chosen
    registrations = (
        with_places(event)
        .select_related("member", "organisation")
        .annotate(
            is_present=Exists(here),
            is_expected=Exists(_choice(session))
            if is_chosen
            else Value(value=True, output_field=BooleanField()),
            by_name=Lower(Coalesce(NullIf(F("member__last_name"), Value("")), F("guest_name"))),
        )
        .order_by("by_name", "member__first_name", "pk")
    )
    return registrations.filter(is_expected=True) if only_expected else registrations


def _choice(session: Session | None) -> QuerySet[SessionPlace]:
    return SessionPlace.objects.filter(registration=OuterRef("pk"), session=session)


def with_places(event: EventPage) -> QuerySet[Registration]:
    """Confirmed, and somebody: of a member who left, no name is known."""
    confirmed: QuerySet[Registration] = event.registrations.confirmed()
    return confirmed.filter(Q(member__isnull=False) | ~Q(guest_name=""))


def found(registrations: QuerySet[Registration], words: str) -> QuerySet[Registration]:
    """Those with every word in their name or organisation."""
    for word in words.split():
        registrations = registrations.filter(
            Q(member__first_name__icontains=word)
            | Q(member__last_name__icontains=word)
            | Q(guest_name__icontains=word)
            | Q(organisation__name__icontains=word)
            | Q(guest_organisation__icontains=word)
        )
    return registrations


def present(event: EventPage, session: Session | None) -> list[UUID]:
    """The registrations of those who are here, in one order."""
    here = Attendance.objects.present().at(session).filter(registration__event=event)
    return list(here.order_by("registration").values_list("registration__uuid", flat=True))


def numbers(event: EventPage, session: Session | None) -> Numbers:
    here = Attendance.objects.present().at(session).filter(registration__event=event)
    expected = with_places(event)
    if session is not None and session.is_chosen:
        expected = expected.filter(Exists(_choice(session)))
    return Numbers(here=here.count(), expected=expected.count())


def digest(uuids: Sequence[UUID]) -> str:
    """The same for the same people: whether a phone has to be told who is here."""
    return sha256(b"".join(uuid.bytes for uuid in uuids)).hexdigest()[:16]


def when(session: Session, event: EventPage) -> str:
    """For example "Thursday 3 December 2026, 1pm to 2pm, Main hall"."""
    words = dates.period(session.starts_at, session.ends_at, event.time_zone)
    return f"{words}, {session.room}" if session.room else words
