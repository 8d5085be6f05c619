"""What happens with registrations and events.

Every function holds the event's row while it counts and writes, in one transaction. So the last place goes
to one member only, the waiting list stands in the order in which the transactions ended, and a place that
comes free is offered before anyone else can count it.
"""

import logging
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from wagtail.log_actions import log

from events import line, mail, wording
from events.models import EventPage, PersonalCalendar, Registration
from members.models import User
from pages.errors import ActionError

logger = logging.getLogger(__name__)

State = Registration.State


class EventCancelled(ActionError):
    message = "This event was cancelled."


class EventOver(ActionError):
    message = "This event is over."


class EventFull(ActionError):
    message = "All places are taken. You can join the waiting list."


class NoWaitingList(ActionError):
    message = "All places are taken, and this event keeps no waiting list."


class NotOpenYet(ActionError):
    """Registration opens later; the message says when."""

    def __init__(self, event: EventPage) -> None:
        opens_at = event.registration_opens_at or event.starts_at
        super().__init__(f"Registration opens on {wording.moment(opens_at, event.time_zone)}.")


class RegistrationClosed(ActionError):
    """Registration is closed; the message says since when."""

    def __init__(self, event: EventPage) -> None:
        super().__init__(f"Registration closed on {wording.moment(event.closes_at, event.time_zone)}.")


class AlreadyRegistered(ActionError):
    """The member has an active registration: here it is."""

    message = "You have registered for this event already."

    def __init__(self, registration: Registration) -> None:
        self.registration = registration
        super().__init__()


class RegistrationEnded(ActionError):
    message = "This registration is not active any more. Nothing was changed."


class NothingOffered(ActionError):
    message = "No place is on offer for this registration. Nothing was changed."


class TooLate(ActionError):
    message = "The event has started, so no more places are given."


# --- Registering -------------------------------------------------------------------------------------------


@transaction.atomic
def book_place(*, event: EventPage, member: User, actor: User, now: datetime) -> Registration:
    """Give the member a place, and write to them.

    Raises EventFull when none is left or others wait for one, AlreadyRegistered, or why registration is
    not open.
    """
    event = line.lock(event.pk)
    _check_open(event, now)
    _check_first(event, member)
    if line.settle(event, now).is_full:
        raise EventFull if event.has_waiting_list else NoWaitingList
    registration = Registration.objects.create(
        event=event,
        member=member,
        organisation_id=member.organisation_id,
        state=State.CONFIRMED,
        registered_at=now,
        confirmed_at=now,
    )
    mail.place_booked(registration, event, now=now)
    _note("book_place", registration, actor)
    return registration


@transaction.atomic
def join_waiting_list(*, event: EventPage, member: User, actor: User, now: datetime) -> Registration:
    """Put the member at the end of the waiting list, and write to them.

    If a place came free meanwhile and nobody is ahead, the registration comes back as an offer.
    Raises NoWaitingList, AlreadyRegistered, or why registration is not open.
    """
    event = line.lock(event.pk)
    _check_open(event, now)
    if not event.has_waiting_list:
        raise NoWaitingList
    _check_first(event, member)
    registration = Registration.objects.create(
        event=event,
        member=member,
        organisation_id=member.organisation_id,
        state=State.WAITING,
        registered_at=now,
        waiting_number=line.next_number(event),
    )
    line.settle_and_tell_position(event, registration, now)
    _note("join_waiting_list", registration, actor)
    return registration


@transaction.atomic
def cancel_registration(
    *, registration: Registration, actor: User, now: datetime, tells_member: bool = True
) -> Registration:
    """End an active registration. The place it held is offered to whoever waits longest.

    Raises RegistrationEnded, EventCancelled or EventOver.
    """
    event, registration = line.lock_both(registration)
    _check_on(event, now)
    if not registration.is_active:
        raise RegistrationEnded
    had_place = registration.state == State.CONFIRMED
    line.end(registration, State.CANCELLED, now)
    if had_place:
        line.raise_sequence(event)
    if tells_member:
        mail.registration_cancelled(
            registration,
            event,
            had_place=had_place,
            by_organiser=actor.pk != registration.member_id,
            now=now,
        )
    line.settle(event, now)
    _note("cancel_registration", registration, actor)
    return registration


# --- Offered places ------------------------------------------------------------------------------------------


@transaction.atomic
def take_place(*, registration: Registration, actor: User, now: datetime) -> Registration:
    """Turn an offer into a place. Doing it twice changes nothing.

    When the offer has ended, the member goes back to the end of the waiting list; if then nobody is ahead
    and a place is free, it is theirs after all. The state of what comes back says which.
    Raises NothingOffered, EventCancelled, TooLate or AlreadyRegistered (anew, since the offer ended).
    """
    event, registration = line.lock_both(registration)
    if registration.state == State.CONFIRMED:
        return registration
    _check_gives_places(event, now)
    if registration.state == State.OFFERED and not _is_overdue(registration, now):
        line.confirm(event, registration, now)
    elif registration.state in {State.OFFERED, State.EXPIRED}:
        _return_to_line(event, registration, now)
    else:
        raise NothingOffered
    _note("take_place", registration, actor)
    return registration


@transaction.atomic
def decline_place(*, registration: Registration, actor: User, now: datetime) -> Registration:
    """Give an offered place back; it is offered to the next. Raises NothingOffered or EventCancelled."""
    event, registration = line.lock_both(registration)
    if event.is_cancelled:
        raise EventCancelled
    if registration.state != State.OFFERED:
        raise NothingOffered
    line.end(registration, State.CANCELLED, now)
    line.settle(event, now)
    _note("decline_place", registration, actor)
    return registration


def events_to_settle(now: datetime) -> list[EventPage]:
    """Events with offers that ended, or with people waiting although a place is free for them."""
    in_line = Registration.objects.waiting().order_by().values("event")
    overdue = Registration.objects.overdue(now).order_by().values("event")
    events = (
        EventPage.objects.filter(Q(pk__in=in_line) | Q(pk__in=overdue))
        .filter(cancelled_at__isnull=True, ends_at__gte=now)
        .with_places()
        .annotate(has_overdue=Exists(Registration.objects.overdue(now).filter(event=OuterRef("pk"))))
        .defer_streamfields()
        .order_by("pk")
    )
    return [event for event in events if event.has_overdue or line.can_offer(event, event.places, now)]


def expire_offers(*, now: datetime) -> int:
    """End the offers whose time is up and offer every free place on. Returns how many events it changed.

    One transaction an event: what fails in one leaves the others done.
    """
    events = events_to_settle(now)
    for event in events:
        with transaction.atomic():
            line.settle(line.lock(event.pk), now)
    return len(events)


# --- Events --------------------------------------------------------------------------------------------------


@transaction.atomic
def cancel_event(*, event: EventPage, reason: str, actor: User, now: datetime) -> int:
    """Cancel the event and tell everybody who is registered or waits. Returns how many that are.

    The page stays. Registrations stay as they are, for the record; only offers go back to waiting, since
    nobody can take them any more. Raises EventCancelled or EventOver.
    """
    event = line.lock(event.pk)
    _check_on(event, now)
    line.write(event, cancelled_at=now, cancellation_reason=reason)
    line.raise_sequence(event)
    event.registrations.filter(state=State.OFFERED).update(state=State.WAITING, offer_expires_at=None)
    told = _active_with_members(event)
    for registration in told:
        mail.event_cancelled(registration, event, now=now)
    log(instance=event.specific, action="events.cancel_event", user=actor, data={"told": len(told)})
    return len(told)


@transaction.atomic
def announce_changes(*, event: EventPage, now: datetime) -> int:
    """After a publication: tell those registered what changed, and offer the places it freed.

    What was announced before is kept with the event, so nothing is missed and nothing told twice,
    however the page was published. Returns how many were told.
    """
    event = line.lock(event.pk)
    before, facts = event.announced, event.calendar_facts()
    told: list[Registration] = []
    is_on = not event.is_cancelled and not event.is_over(now)
    if before != facts:
        line.write(event, announced=facts)
        if before and is_on:
            line.raise_sequence(event)
            event.registrations.update(reminded_at=None)
            told = _active_with_members(event)
    for registration in told:
        mail.event_changed(registration, event, before=before, now=now)
    if is_on:
        line.settle(event, now)
    return len(told)


def registrations_to_remind(now: datetime) -> list[Registration]:
    """Confirmed members of events of tomorrow who want a reminder and have not had one."""
    soon = Registration.objects.confirmed().filter(
        reminded_at__isnull=True,
        member__wants_event_reminders=True,
        member__is_active=True,
        event__starts_at__gt=now,
        event__starts_at__lte=now + timedelta(days=2),
        event__cancelled_at__isnull=True,
        event__live=True,
        event__date_precision=EventPage.DatePrecision.TIME,
    )
    soon = soon.select_related("event", "member").defer("event__body").order_by("event__starts_at", "pk")
    return [registration for registration in soon if _is_due_a_reminder(registration, now)]


def send_reminders(*, now: datetime) -> int:
    """Remind whoever is due, each in a transaction of their own. Returns how many."""
    sent = 0
    for registration in registrations_to_remind(now):
        with transaction.atomic():
            # Only one of two runs at once finds the row as it was; and a place given up needs no reminder.
            unreminded = Registration.objects.confirmed().filter(pk=registration.pk, reminded_at__isnull=True)
            if unreminded.update(reminded_at=now):
                mail.event_reminder(registration, registration.event, now=now)
                sent += 1
    return sent


def _return_to_line(event: EventPage, registration: Registration, now: datetime) -> None:
    since = event.registrations.active().filter(member=registration.member_id).exclude(pk=registration.pk)
    if anew := since.first():
        raise AlreadyRegistered(anew)
    registration.state = State.WAITING
    registration.offer_expires_at = None
    registration.waiting_number = line.next_number(event)
    registration.save(update_fields=["state", "offer_expires_at", "waiting_number"])
    line.settle_and_tell_position(event, registration, now, asking=registration)


# --- Calendars -----------------------------------------------------------------------------------------------


def renew_calendar(*, member: User, now: datetime) -> PersonalCalendar:
    """Give the member's calendar a new secret address; the one before shows nothing any more."""
    calendar, _ = PersonalCalendar.objects.update_or_create(
        member=member, defaults={"key": uuid4(), "made_at": now}
    )
    return calendar


def end_calendar(*, member: User) -> None:
    """Take the address away. Doing it twice changes nothing."""
    PersonalCalendar.objects.filter(member=member).delete()


# --- What is checked -----------------------------------------------------------------------------------------


def _check_on(event: EventPage, now: datetime) -> None:
    if event.is_cancelled:
        raise EventCancelled
    if event.is_over(now):
        raise EventOver


def _check_open(event: EventPage, now: datetime) -> None:
    _check_on(event, now)
    if event.opens_after(now):
        raise NotOpenYet(event)
    if event.is_closed(now):
        raise RegistrationClosed(event)


def _check_gives_places(event: EventPage, now: datetime) -> None:
    if event.is_cancelled:
        raise EventCancelled
    if now >= event.gives_places_until:
        raise TooLate


def _check_first(event: EventPage, member: User) -> None:
    """Raise AlreadyRegistered. Somebody who comes back needs a file newer than the one that took it away."""
    earlier = list(event.registrations.filter(member=member))
    for registration in earlier:
        if registration.is_active:
            raise AlreadyRegistered(registration)
    if earlier:
        line.raise_sequence(event)


def _is_overdue(registration: Registration, now: datetime) -> bool:
    return registration.offer_expires_at is not None and registration.offer_expires_at <= now


def _is_due_a_reminder(registration: Registration, now: datetime) -> bool:
    """From the morning before; not to those who only just got the letter that says it all."""
    due_at = registration.event.reminds_at
    return due_at <= now and (registration.confirmed_at is None or registration.confirmed_at < due_at)


def _active_with_members(event: EventPage) -> list[Registration]:
    return list(event.registrations.active().select_related("member").order_by("registered_at", "pk"))


def _note(verb: str, registration: Registration, actor: User) -> None:
    """Ids only. What staff did for somebody else also goes into the history of the page."""
    logger.info("%s: registration %s, actor %s", verb, registration.pk, actor.pk)
    if actor.pk != registration.member_id:
        log(
            instance=registration.event.specific,
            action=f"events.{verb}",
            user=actor,
            data={"registration": str(registration.uuid)},
        )
