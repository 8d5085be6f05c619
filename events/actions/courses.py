"""All dates of a course at once, or none: booking them, waiting for them, and being called for them."""

import uuid
from datetime import datetime
from typing import Protocol

from django.db import transaction

from events import line, mail, together
from events.actions import approving, registering
from events.actions.errors import AlreadyRegistered, DateFull, NothingToBook
from events.answers import NO_ANSWERS, Answers
from events.models import EventPage, Registration, SeriesPage
from members.models import User
from pages.errors import ActionError

State = Registration.State


class _Register(Protocol):
    """`registering.book` and `registering.wait`."""

    def __call__(
        self,
        event: EventPage,
        member: User,
        actor: User,
        now: datetime,
        answers: Answers,
        *,
        at_once: uuid.UUID,
        asks: bool,
    ) -> Registration: ...


@transaction.atomic
def book_series(
    *, series: SeriesPage, member: User, actor: User, now: datetime, answers: Answers = NO_ANSWERS
) -> list[Registration]:
    """Give the member a place on every date that is still to come, or on none, and write to them.

    Where one date asks for approval, all wait for it. `answers` are to the questions of all dates together: copied
    dates share their questions.
    Raises NothingToBook, AlreadyRegistered (for one of the dates), or DateFull, which names the date and says
    why: full, closed, not for them, or a session.
    """
    return _register(registering.book, series, member=member, actor=actor, now=now, answers=answers)


@transaction.atomic
def join_series_waiting_list(
    *, series: SeriesPage, member: User, actor: User, now: datetime, answers: Answers = NO_ANSWERS
) -> list[Registration]:
    """Put the member at the end of the line of every date: they are called when all have a place for them.

    Raises as `book_series`; DateFull too where a date keeps no waiting list.
    """
    made = _register(registering.wait, series, member=member, actor=actor, now=now, answers=answers)
    line.settle_and_tell_position(made[0].event, made[0], now)
    return made


def _register(
    register: _Register, series: SeriesPage, *, member: User, actor: User, now: datetime, answers: Answers
) -> list[Registration]:
    dates = series.dates_to_come(now)
    if not dates:
        raise NothingToBook
    at_once = uuid.uuid4()
    asks = any(registering.asks_for_approval(date, member, actor) for date in dates)
    made: list[Registration] = []
    # Everybody locks in the order of the keys, so that no two wait for each other.
    for date in sorted(dates, key=lambda date: date.pk):
        event = line.lock(date.pk)
        part = answers
        if answers is not NO_ANSWERS:
            part = answers.only_for(event.questions.all(), event.sessions.all())
        try:
            made.append(register(event, member, actor, now, part, at_once=at_once, asks=asks))
        except AlreadyRegistered:
            raise
        except ActionError as refusal:
            raise DateFull(event, refusal) from refusal
    if asks:  # once all are there: a letter names every date
        for registration in made:
            approving.ask(registration, registration.event, answers.manager_email, now)
    return made


def settle_courses(*, now: datetime) -> int:
    """Call whoever waits for a course and can have every date, and let go on who is approved for all.

    Returns for how many people. Each in a transaction of its own, with all dates held; a place that comes free on
    one date cannot do this by itself, since it holds that date alone.
    """
    called = 0
    for registration in courses_to_offer(now):
        with transaction.atomic():
            called += _offer_course(registration, now)
    return called + approving.release_courses(now)


def courses_to_offer(now: datetime) -> list[Registration]:
    """Of each course for which somebody waits, and that had room at a glance, one registration; in their order."""
    waiting = Registration.objects.waiting().filter(
        booked_together__isnull=False, event__cancelled_at__isnull=True, event__ends_at__gt=now
    )
    numbers = waiting.order_by().values("event")
    events = EventPage.objects.filter(pk__in=numbers).with_places().only("capacity")
    full = {
        event.pk for event in events if event.capacity is not None and event.places_taken >= event.capacity
    }
    shut_out = waiting.filter(event__in=full).order_by().values("booked_together") if full else None
    can_come = waiting.exclude(booked_together__in=shut_out) if shut_out is not None else waiting
    in_order = can_come.order_by("event", "waiting_number")
    first: dict[uuid.UUID | None, Registration] = {}
    for registration in in_order:
        first.setdefault(registration.booked_together, registration)
    return list(first.values())


def _offer_course(registration: Registration, now: datetime) -> bool:
    """Offer every date, if all have a place for them now."""
    parts = together.lock(registration, now)
    if parts[0].state != State.WAITING or parts[0].is_suspended:
        return False
    for part in parts:
        room = line.settle(part.event, now)
        if not line.is_in_time(part.event, now) or not room.has_a_place_for(part.claim):
            return False
    until = min(line.offer_ends_at(part.event, now) for part in parts)
    missed = line.seat(parts)
    for part in parts:
        line.offer(part, now, until=until, missed=missed.get(part.pk, ()))
    all_missed = [session for part in parts for session in missed.get(part.pk, ())]
    mail.place_offered(parts[0], parts[0].event, missed=all_missed, now=now)
    return True
