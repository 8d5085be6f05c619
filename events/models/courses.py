"""What a series knows as a course: its dates to come, and where a reader stands with all of them."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from events.models.registrations import Registration
from events.places import Places
from events.standing import Standing, standing, standing_of_course

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from events.models.pages import EventPage
    from members.models import User


class Course:
    """The part of a series that is about booking all its dates at once. Its fields are the page's."""

    # The events of the series, by their foreign key.
    events: Any

    def dates_to_come(self, now: datetime) -> "list[EventPage]":
        """The first one first, each with its places. One query."""
        to_come = self.events.filter(live=True, starts_at__gt=now, cancelled_at__isnull=True)
        return list(to_come.with_places_left(now).defer_streamfields().order_by("starts_at", "pk"))

    def standing_of(
        self, user: "User | AnonymousUser", dates: "list[EventPage]", now: datetime
    ) -> dict[str, Any]:
        """`standing` with all the dates together, `registrations` for them, those that are `full`, `asks_approval`.

        `dates` are some, as `dates_to_come` gives them. One query for whoever is signed in; four more for each date
        to which only some can come.
        """
        own: dict[int, Registration] = {}
        if user.is_authenticated:
            found = Registration.objects.visible_to(user).active().filter(event__in=dates)
            own = {registration.event_id: registration for registration in found}
        by_date = [_standing_of(date, user, own.get(date.pk), now) for date in dates]
        full = [date for date, (_, places) in zip(dates, by_date, strict=True) if places.is_full]
        return {
            "standing": standing_of_course(
                {found for found, _ in by_date},
                is_full=bool(full),
                has_line=all(date.has_waiting_list for date in dates),
            ),
            "registrations": [own[date.pk] for date in dates if date.pk in own],
            "full": full,
            "asks_approval": any(date.needs_any_approval for date in dates),
        }

    def standing_of_all(self, user: "User | AnonymousUser", now: datetime) -> dict[str, Any]:
        """What the page of one date says of the course: a place there helps nobody while another date is full.

        `course_dates`, and of `standing_of` what it needs. Nothing where no date is to come.
        """
        dates = self.dates_to_come(now)
        if not dates:
            return {}
        here = self.standing_of(user, dates, now)
        return {"course_dates": dates, **{name: here[name] for name in ("standing", "full", "asks_approval")}}


def _standing_of(
    date: "EventPage", user: "User | AnonymousUser", registration: Registration | None, now: datetime
) -> tuple[Standing, Places]:
    if user.is_authenticated and (date.asks_who_comes(now) or date.asks_for_invitation(now)):
        found = date.standing_of(user, now)
        return found["standing"], found["places"]
    visitor = date.visitor(user, is_invited=False)
    return (
        standing(date, places=date.places, registration=registration, visitor=visitor, now=now),
        date.places,
    )
