"""What an event page knows about its programme, its days and its joining link."""

import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Count
from django.urls import reverse

from events import clocks, wording
from events.models.attendance import Attendance
from events.models.programme import Session, SessionQuerySet, SessionSpeaker, names_by_session
from events.models.registrations import Registration
from events.models.session_places import SessionPlace
from events.programme_editing import SessionUse


class HasProgramme(models.Model):
    """The part of an event page that is about its sessions and its times. Its fields are the page's."""

    # All that happens at a time of its own, and moves along when a copy gets another day.
    MOVES: ClassVar[tuple[str, ...]] = (
        "registration_opens_at",
        "registration_closes_at",
        "answers_change_until",
        "reserved_until",
    )

    uuid: uuid.UUID
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    joining_url: str
    hours_joining_link_shows: int
    cancelled_at: datetime | None
    shows_numbers: bool
    # A manager of modelcluster: the rows, or what a draft holds in their place.
    sessions: Any

    class Meta:
        abstract = True

    def is_over(self, now: datetime) -> bool:
        return self.ends_at < now

    def programme(self, *, with_speakers: bool = True) -> list[Session]:
        """The sessions as they happen, with who speaks. Two queries; of a draft, what was written into it."""
        sessions = self.sessions.all()
        if isinstance(sessions, SessionQuerySet):
            sessions = sessions.with_places_taken()
            sessions = sessions.with_speakers() if with_speakers else sessions.defer("summary")
        return sorted(sessions, key=lambda each: (each.starts_at, each.sort_order or 0))

    def speaker_names(self) -> dict[int, list[str]]:
        """Who speaks, by the numbers of the sessions: all that a timetable shows of 400 people. One query."""
        return names_by_session(SessionSpeaker.objects.filter(session__event=self.pk))

    @property
    def sessions_final_at(self) -> datetime:
        """From when nobody can choose a session any more. The event knows."""
        raise NotImplementedError

    def places_of(self, now: datetime) -> Callable[[Session], str]:
        """Of a session that came `with_places_taken` what is left, in words; nothing once nobody can choose it."""
        if self.cancelled_at is not None or now >= self.sessions_final_at:
            return lambda _session: ""
        return lambda session: wording.session_places(
            session.capacity, getattr(session, "places_taken", None), shows_numbers=self.shows_numbers
        )

    @property
    def programme_url(self) -> str:
        return reverse("events:programme", args=[self.uuid])

    @property
    def session_url(self) -> Callable[[Session], str]:
        """Of a session its address. Put together by hand: a programme may have 200."""
        before = reverse("events:session", args=[self.uuid, self.uuid]).removesuffix(f"{self.uuid}/")
        return lambda session: f"{before}{session.key}/"

    def move_to(self, first_day: date) -> None:
        """Let the event begin on that day, and all that belongs to it as many days later. Saves nothing."""
        zone = ZoneInfo(self.time_zone)
        by = first_day - clocks.day_of(self.starts_at, zone)
        for part in (self, *self.sessions.get_object_list()):
            part.starts_at, part.ends_at = clocks.moved_span(part.starts_at, part.ends_at, by, zone)
        for name in self.MOVES:
            at = getattr(self, name)
            setattr(self, name, at and clocks.moved(at, by, zone))

    def use_of_sessions(self) -> dict[int | None, SessionUse]:
        """How many people depend on each session, by its number; unused ones are absent. Three queries."""
        places = SessionPlace.objects.filter(session__event=self.pk)
        attended = Attendance.objects.filter(session__event=self.pk).order_by().values_list("session")
        chose, held = places.count_by_session(), places.taken().count_by_session()
        present = dict(attended.annotate(number=Count("pk")))
        return {
            number: SessionUse(chose.get(number, 0), held.get(number, 0), present.get(number, 0))
            for number in {*chose, *present}
        }

    def keep_sessions_in_use(self) -> None:
        """Put back what an older draft does not know of, but people chose or attended since."""
        at_hand = getattr(self, "_cluster_related_objects", {}).get("sessions")
        if at_hand is None:
            return
        used = [number for number in self.use_of_sessions() if number not in {each.pk for each in at_hand}]
        if used:
            self.sessions.add(*Session.objects.filter(pk__in=used))

    @property
    def joining_link_shows_at(self) -> datetime:
        return self.starts_at - timedelta(hours=self.hours_joining_link_shows)

    def shows_joining_link(self, registration: Registration | None, now: datetime) -> bool:
        """To people with a place, from some hours before the start until the end."""
        return self.will_show_joining_link(registration, now) and self.joining_link_shows_at <= now

    def will_show_joining_link(self, registration: Registration | None, now: datetime) -> bool:
        """Whether somebody has a place at an event with a link: now or later they see it."""
        return (
            bool(self.joining_url)
            and self.cancelled_at is None
            and not self.is_over(now)
            and registration is not None
            and registration.state == Registration.State.CONFIRMED
        )
