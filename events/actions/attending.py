"""Who was there: ticks from any number of phones, and people who come without having registered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from events import line
from events.actions import certifying, checks
from events.actions.errors import EventCancelled, MemberSuspended, NotTheDayYet
from events.models import Attendance, EventPage, Registration, RegistrationStep, Session
from events.ticks import Tick
from members.models import Organisation, User

State = Registration.State

# Doors open before the event does; nobody ticks next month's list by mistake.
OPENS_BEFORE = timedelta(hours=12)

NOT_REGISTERED = "Nobody with this code is registered for this event. Add them as a walk-in if they are here."
NOT_CONFIRMED = "This person has no place. Add them as a walk-in if they are here."
UNKNOWN_SESSION = "This session is not in the programme any more. Choose another and tick again."
OTHER_EVENT = "This code is for another event."

Pair = tuple[int, int | None]


@dataclass(frozen=True)
class Refusal:
    """A tick that changed nothing, and why."""

    tick: Tick
    reason: str


@transaction.atomic
def note_attendance(*, event: EventPage, ticks: Sequence[Tick], actor: User, now: datetime) -> list[Refusal]:
    """Write down who is present and who is not after all; return what was refused, and why.

    The latest moment counts for each person and session, whichever phone reports first; of two at the same
    moment, presence. So any order and any repetition of the same ticks ends the same. A moment after `now`
    counts as now, one before the doors opened as then: a clock may be wrong, a list must not.
    After the event, certificates follow. Raises EventCancelled or NotTheDayYet.
    """
    check_on_the_day(event, now)
    registrations = _locked(event, ticks)
    sessions: dict[UUID, Session] = {
        session.key: session for session in Session.objects.filter(event=event.pk).to_attend()
    }
    refusals: list[Refusal] = []
    latest: dict[Pair, tuple[datetime, bool]] = {}
    elsewhere = _elsewhere(
        [tick.registration for tick in ticks if tick.registration not in registrations], actor
    )
    for tick in ticks:
        registration = registrations.get(tick.registration)
        if registration is None:
            refusals.append(Refusal(tick, elsewhere.get(tick.registration, NOT_REGISTERED)))
        elif (tick.session is None) != (not sessions) or (sessions and tick.session not in sessions):
            refusals.append(Refusal(tick, UNKNOWN_SESSION))
        elif tick.is_present and registration.state != State.CONFIRMED:
            refusals.append(Refusal(tick, NOT_CONFIRMED))
        else:
            session = None if tick.session is None else sessions[tick.session].pk
            word = (min(max(tick.at, event.starts_at - OPENS_BEFORE), now), tick.is_present)
            pair = (registration.pk, session)
            latest[pair] = max(latest.get(pair, word), word)
    changed = _write(latest, actor)
    _note_steps(changed, registrations.values(), actor, now)
    if changed and event.is_over(now):
        certifying.correct_certificates(event, {registration for registration, _ in changed}, now)
    return refusals


@transaction.atomic
def add_walk_in(
    *,
    event: EventPage,
    email: str,
    name: str,
    organisation: str,
    session: UUID | None,
    actor: User,
    now: datetime,
) -> Registration:
    """Let somebody in who stands at the door, and tick them. Nobody asks whether there is room.

    A member is found by the address; whoever waits or has an offer gets their place now; somebody unknown
    comes as a guest. Adding the same person twice changes nothing more. Raises EventCancelled, NotTheDayYet or
    MemberSuspended; not for somebody suspended who has kept a place: whether they may come, an organiser decides.
    """
    event = line.lock(event.pk)
    check_on_the_day(event, now)
    member = User.objects.present().filter(email=email.lower()).first() if email else None
    registration = _there_already(event, member, email)
    has_place = registration is not None and registration.state == State.CONFIRMED
    if member is not None and member.state == User.State.SUSPENDED and not has_place:
        raise MemberSuspended
    if registration is None:
        registration = _walked_in(event, member, email=email, name=name, organisation=organisation, now=now)
        checks.note("add_walk_in", registration, actor, now)
    elif not has_place:
        registration.is_walk_in = True
        registration.state = State.CONFIRMED
        registration.confirmed_at = now
        registration.offer_expires_at = None
        registration.save(update_fields=["is_walk_in", "state", "confirmed_at", "offer_expires_at"])
        checks.note("add_walk_in", registration, actor, now)
    tick = Tick(registration.uuid, session, is_present=True, at=now)
    note_attendance(event=event, ticks=[tick], actor=actor, now=now)
    return registration


def check_on_the_day(event: EventPage, now: datetime) -> None:
    """Raise EventCancelled, or NotTheDayYet before the doors open. There is no end: lists are corrected."""
    if event.is_cancelled:
        raise EventCancelled
    if not event.has_known_day or now < event.starts_at - OPENS_BEFORE:
        raise NotTheDayYet(event, OPENS_BEFORE)


def _locked(event: EventPage, ticks: Iterable[Tick]) -> dict[UUID, Registration]:
    """The registrations, held in one order, so that two doors never wait for each other in a circle."""
    held = (
        event.registrations.filter(uuid__in={tick.registration for tick in ticks})
        .select_for_update(of=("self",), no_key=True)
        .order_by("pk")
    )
    return {registration.uuid: registration for registration in held}


def _elsewhere(unknown: Iterable[UUID], actor: User) -> dict[UUID, str]:
    """Which other event each code is for; only events that the actor may see are named."""
    codes = set(unknown)
    if not codes:
        return {}
    found = Registration.objects.filter(uuid__in=codes).values_list("uuid", "event_id")
    events = EventPage.objects.visible_to(actor).defer_streamfields().in_bulk({event for _, event in found})
    return {
        code: f"This code is for “{events[event].title}”, {events[event].when}."
        if event in events
        else OTHER_EVENT
        for code, event in found
    }


def _write(latest: dict[Pair, tuple[datetime, bool]], actor: User) -> dict[Pair, bool]:
    """Store what is newer than what is stored; which pairs say something else now. Three queries at most."""
    stored = {
        (row.registration_id, row.session_id): row
        for row in Attendance.objects.filter(registration__in={registration for registration, _ in latest})
    }
    new, newer = [], []
    changed: dict[Pair, bool] = {}
    for pair, (at, is_present) in latest.items():
        row = stored.get(pair)
        if row is None:
            registration, session = pair
            new.append(
                Attendance(
                    registration_id=registration,
                    session_id=session,
                    is_present=is_present,
                    noted_at=at,
                    noted_by=actor,
                )
            )
        elif (at, is_present) > (row.noted_at, row.is_present):
            newer.append(row)
        else:
            continue
        if is_present != (row is not None and row.is_present):
            changed[pair] = is_present
        if row is not None:
            row.is_present, row.noted_at, row.noted_by = is_present, at, actor
    Attendance.objects.bulk_create(new)
    Attendance.objects.bulk_update(newer, ["is_present", "noted_at", "noted_by"])
    return changed


def _note_steps(
    changed: dict[Pair, bool], registrations: Iterable[Registration], actor: User, now: datetime
) -> None:
    """As `checks.note`, for many at once, and without a line each in the history of the page."""
    states = {registration.pk: registration.state for registration in registrations}
    RegistrationStep.objects.bulk_create(
        RegistrationStep(
            registration_id=registration,
            at=now,
            verb="note_attendance",
            actor=actor,
            detail={"state": states[registration], "session": session, "is_present": is_present},
        )
        for (registration, session), is_present in changed.items()
    )


def _there_already(event: EventPage, member: User | None, email: str) -> Registration | None:
    if member is not None:
        return event.registrations.active().filter(member=member).first()
    if email:
        guests = event.registrations.confirmed().filter(member=None, guest_email=email.lower())
        return guests.first()
    return None


def _walked_in(
    event: EventPage, member: User | None, *, email: str, name: str, organisation: str, now: datetime
) -> Registration:
    known = Organisation.objects.filter(name__iexact=organisation).first() if organisation else None
    as_guest = {
        "guest_name": name,
        "guest_email": email.lower(),
        "organisation": known,
        "guest_organisation": "" if known else organisation,
    }
    as_member = {"member": member, "organisation_id": member.organisation_id if member else None}
    return Registration.objects.create(
        event=event,
        state=State.CONFIRMED,
        registered_at=now,
        confirmed_at=now,
        is_walk_in=True,
        **(as_member if member else as_guest),
    )
