"""A made-up course of three dates that are booked at once: all its places are taken, and two people wait for it."""

import uuid
from collections.abc import Sequence
from datetime import datetime, time, timedelta

from events.demo import calendar
from events.history import add_step
from events.models import EventIndexPage, EventPage, Registration, SeriesPage
from members.models import User

State = Registration.State

SLUG = "plans-that-hold"
CAPACITY = 5
FIRST_WEEK, WEEKS_APART = 28, 2

# By the end of its address and its title: what a date is about.
DATES = {
    "1-from-formulation-to-plan": (
        "Plans that hold 1: from formulation to plan",
        "Each thing that raises the risk gets somebody who does something about it, and a date.",
    ),
    "2-writing-for-two-agencies": (
        "Plans that hold 2: writing for two agencies",
        "One plan that police and probation both work with, and words that both read in the same way.",
    ),
    "3-when-something-changes": (
        "Plans that hold 3: when something changes",
        "What would tell you early that the plan does not hold, who hears of it first, and what they do.",
    ),
}

# Demo members by their addresses, in the order in which they came.
REGISTERED = (
    "offender.manager@essex.example",
    "sergeant@kent.example",
    "probation.officer@london.example",
    "psychologist@prisons.example",
    "caseworker@charity.example",
)
WAITING = ("analyst@norfolk.example", "trainer@college.example")
CAME_BEFORE = timedelta(days=10)


def load(now: datetime) -> None:
    """Publish the course with its dates and its people, if it is not there yet."""
    index = EventIndexPage.objects.get()
    if SeriesPage.objects.filter(slug=SLUG).exists():
        return
    course = SeriesPage(
        title="Plans that hold: a course in three parts",
        slug=SLUG,
        summary="Three mornings online on risk management plans. This course is made up for demonstration.",
        is_booked_as_one=True,
        live=False,
    )
    index.add_child(instance=course)
    course.save_revision().publish()
    dates = [_publish(index, course, number, now) for number in range(len(DATES))]
    members = {member.email: member for member in User.objects.filter(email__in=[*REGISTERED, *WAITING])}
    for addresses, state in ((REGISTERED, State.CONFIRMED), (WAITING, State.WAITING)):
        coming = [members[address] for address in addresses if address in members]
        for position, member in enumerate(coming, start=1):
            _register(member, dates, state, position, now - CAME_BEFORE + timedelta(hours=position))


def _publish(index: EventIndexPage, course: SeriesPage, number: int, now: datetime) -> EventPage:
    slug, (title, summary) = list(DATES.items())[number]
    planned = calendar.Upcoming(
        slug=f"{SLUG}-{slug}",
        title=title,
        summary=summary,
        about=f"<p>{summary}</p><p>The three parts build on each other, so they are booked together.</p>",
        kind=EventPage.Kind.WORKSHOP,
        format=EventPage.Format.ONLINE,
        weeks=FIRST_WEEK + number * WEEKS_APART,
        weekday=calendar.TUESDAY,
        begin=time(10),
        end=time(12, 30),
        capacity=CAPACITY,
    )
    event = calendar.upcoming_event(planned, now)
    event.series = course
    return calendar.publish(index, event)


def _register(member: User, dates: Sequence[EventPage], state: str, position: int, at: datetime) -> None:
    """For all dates at once, past the actions, without letters: nobody reads their post."""
    is_waiting = state == State.WAITING
    together = uuid.uuid4()
    if is_waiting:
        at += timedelta(days=1)
    for date in dates:
        registration = Registration.objects.create(
            event=date,
            member=member,
            organisation_id=member.organisation_id,
            state=state,
            registered_at=at,
            confirmed_at=None if is_waiting else at,
            waiting_number=position if is_waiting else None,
            booked_together=together,
        )
        add_step("join_waiting_list" if is_waiting else "book_place", registration, member, at)
