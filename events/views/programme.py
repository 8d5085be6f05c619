"""The programme of an event as a timetable, each session on a page, and as an entry for a calendar."""

from typing import cast
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe
from wagtail.images import get_image_model

from events import feeds, ical, timetable, wording
from events.models import EventPage, EventQuerySet, Session
from events.views import shared


@login_not_required
@require_safe
def programme(request: HttpRequest, event: UUID) -> HttpResponse:
    page = _visible(request, event)
    names = page.speaker_names()
    days = timetable.lay_out(
        page.programme(with_speakers=False),
        time_zone=page.time_zone,
        url_of=page.session_url,
        names_of=lambda session: names.get(session.pk, ()),
        places_of=page.places_of(timezone.now()),
    )
    context = {"event": page, "days": days, "crumbs": shared.crumbs_of(page)}
    return render(request, "events/programme.html", context)


@login_not_required
@require_safe
def session(request: HttpRequest, event: UUID, session: UUID) -> HttpResponse:
    page = _visible(request, event)
    now = timezone.now()
    sessions = Session.objects.with_biographies(get_image_model()).with_places_taken()
    found = get_object_or_404(sessions, event=page, key=session)
    url, places_of = page.session_url(found), page.places_of(now)
    shown = timetable.shown(found, ZoneInfo(page.time_zone), url, places_of)
    found_materials = page.materials.visible_to(request.user, now).of_session(found.key)
    context = {
        "event": page,
        "session": found,
        "shown": shown,
        "materials": found_materials,
        "when": wording.when(
            found.starts_at, found.ends_at, precision=page.date_precision, time_zone=page.time_zone
        ),
        "crumbs": [*shared.crumbs_of(page), ("Programme", page.programme_url)],
    }
    return render(request, "events/session.html", context)


@login_not_required
@require_safe
def session_calendar(request: HttpRequest, event: UUID, session: UUID) -> HttpResponse:
    page: EventPage = get_object_or_404(_events(request).with_known_day(), uuid=event)
    found = get_object_or_404(page.sessions, key=session)
    response = HttpResponse(feeds.session_file(page, found), content_type=ical.CONTENT_TYPE)
    response["Content-Disposition"] = 'attachment; filename="session.ics"'
    return response


def _visible(request: HttpRequest, event: UUID) -> EventPage:
    page: EventPage = get_object_or_404(_events(request), uuid=event)
    return page


def _events(request: HttpRequest) -> EventQuerySet:
    """Events that the reader may see, without what only their own page shows."""
    events: EventQuerySet = EventPage.objects.listed_for(request.user)
    return cast("EventQuerySet", events.select_related("venue").defer("body"))
