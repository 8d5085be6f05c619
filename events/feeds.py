"""Calendars to subscribe to: of all public events, and of one member's own."""

from datetime import datetime, timedelta
from hashlib import sha256

from django.contrib.auth.models import AnonymousUser
from django.core.signing import BadSignature, Signer
from django.db.models import Count, Max, Sum
from django.urls import reverse

from events import ical, mail, wording
from events.models import EventPage, EventQuerySet, PersonalCalendar, Registration, Session, SessionPlace
from mailing.letters import NAME, absolute_url
from members.models import User

# A calendar asks for the whole of a feed again and again, so a feed has an end.
MOST_EVENTS = 300
REFRESH = timedelta(hours=6)
# What one took part in stays in one's calendar for a year.
KEPT = timedelta(days=365)


def public_events(now: datetime) -> EventQuerySet:
    """What everybody may see and a calendar can show."""
    return EventPage.objects.visible_to(AnonymousUser()).with_known_day().upcoming(now)


def public_version(now: datetime) -> tuple[str, datetime | None]:
    """What changes exactly when the public feed does (an ETag), and when it last changed. Two queries.

    An event that is over leaves the feed, which is a change at the time of its end.
    """
    state = public_events(now).aggregate(
        number=Count("pk"),
        published=Max("last_published_at"),
        cancelled=Max("cancelled_at"),
        sequences=Sum("calendar_sequence"),
        newest=Max("pk"),
    )
    ended = EventPage.objects.past(now).aggregate(ended=Max("ends_at"))["ended"]
    tag = sha256(repr(sorted(state.items())).encode()).hexdigest()[:32]
    changes = [at for at in (state["published"], state["cancelled"], ended) if at is not None]
    return f'"{tag}"', max(changes, default=None)


def public_feed(now: datetime) -> bytes:
    events = public_events(now).select_related("venue").defer_streamfields()[:MOST_EVENTS]
    entries = [
        ical.entry_of(event, host=mail.calendar_host(), url=mail.event_address(event)) for event in events
    ]
    return ical.calendar_file(
        entries, organiser=mail.calendar_organiser(), name=f"{NAME}: events", refresh=REFRESH
    )


def event_file(event: EventPage) -> bytes:
    entry = ical.entry_of(event, host=mail.calendar_host(), url=mail.event_address(event))
    return ical.calendar_file([entry], organiser=mail.calendar_organiser())


def session_file(event: EventPage, session: Session) -> bytes:
    """One session, for somebody who wants it in their calendar."""
    entry = ical.session_entry_of(
        session, event, host=mail.calendar_host(), url=absolute_url(event.session_url(session))
    )
    return ical.calendar_file([entry], organiser=mail.calendar_organiser())


def personal_feed(member: User, now: datetime) -> bytes:
    """What the member is registered for; a place that is only offered is marked as tentative."""
    registrations = (
        Registration.objects.filter(member=member, event__live=True, event__ends_at__gte=now - KEPT)
        .holding_a_place()
        .filter(event__date_precision=EventPage.DatePrecision.TIME)
        .select_related("event__venue")
        .defer("event__body")
        .order_by("-event__starts_at", "pk")[:MOST_EVENTS]
    )
    places = SessionPlace.objects.filter(registration__in=[registration.pk for registration in registrations])
    chosen = places.sessions_by_registration()
    entries = [
        ical.entry_of(
            registration.event,
            host=mail.calendar_host(),
            url=absolute_url(reverse("events:registration", args=[registration.uuid])),
            status=ical.Status.CONFIRMED
            if registration.state == Registration.State.CONFIRMED
            else ical.Status.TENTATIVE,
            details=wording.sessions_under_heading(
                chosen.get(registration.pk, []), registration.event.time_zone
            ),
        )
        for registration in registrations
    ]
    return ical.calendar_file(
        entries, organiser=mail.calendar_organiser(), name=f"{NAME}: my events", refresh=REFRESH
    )


def address_of(calendar: PersonalCalendar) -> str:
    """The secret address. Made from the key and the site's secret, so a copy of the database alone opens nothing."""
    token = _signer().sign(calendar.key.hex)
    return absolute_url(reverse("events:personal_calendar", args=[token]))


def member_of(token: str) -> User | None:
    """Whose calendar an address opens; None for one that was made up, replaced or ended."""
    try:
        key = _signer().unsign(token)
    except BadSignature:
        return None
    calendar = PersonalCalendar.objects.filter(key=key).select_related("member").first()
    return calendar.member if calendar and calendar.member.is_approved else None


def public_address() -> str:
    return absolute_url(reverse("events:public_calendar"))


def _signer() -> Signer:
    """With a dot between key and signature: the address stays one word to double-click."""
    return Signer(salt="events.personal_calendar", sep=".")
