"""What letters say of a course: of all its dates at once, or that a date is one of them."""

from collections.abc import Collection, Sequence
from datetime import datetime

from events.mail.addresses import event_address
from events.models import EventPage, Registration, SeriesPage
from mailing.letters import absolute_url


def whole_course(
    registration: Registration, event: EventPage, now: datetime, *, states: Collection[str] = ()
) -> dict[str, object]:
    """What a letter about all dates of a course says in place of one date's title and time. Nothing of any other.

    The dates that were booked with it, are in the same state (or in `states`) and still count. Two queries, none for
    an event that is booked by itself.
    """
    if registration.booked_together is None:
        return {}
    made_at_once = Registration.objects.filter(
        booked_together=registration.booked_together,
        member=registration.member_id,
        state__in=states or [registration.state],
        cancelled_at=registration.cancelled_at,  # not those that were cancelled before
        event__cancelled_at__isnull=True,
    )
    rows = made_at_once.select_related("event__venue").defer("event__body").order_by("event__starts_at")
    dates = [found.event for found in rows if now < found.event.gives_places_until] or [event]
    course = _course_of(event)
    return {
        "title": course.title if course else event.title,
        "when": _when(dates),
        "where": "; ".join(dict.fromkeys(date.where_in_full for date in dates)),
        "event_url": absolute_url(course.address) if course else event_address(event),
        "course_dates": [f"{date.title}, {date.when_in_full}. {date.where_in_full}" for date in dates],
    }


def one_date(registration: Registration, event: EventPage) -> dict[str, object]:
    """What a letter about one date of a course says of the course. One query, none for any other event."""
    course = _course_of(event) if registration.booked_together is not None else None
    return {"course": course.title if course else ""}


def _course_of(event: EventPage) -> SeriesPage | None:
    """None where the date was taken out of it since."""
    courses = SeriesPage.objects.only("title", "url_path", "live")
    found: SeriesPage | None = courses.filter(pk=event.series_id).first()
    return found


def _when(dates: Sequence[EventPage]) -> str:
    """For example "3 dates, the first on Thursday 3 December 2026, 1pm to 4:30pm"."""
    first = dates[0]
    if len(dates) == 1:
        return first.when_in_full
    return f"{len(dates)} dates, the first {'on' if first.has_known_day else 'in'} {first.when_in_full}"
