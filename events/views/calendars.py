"""Calendar files and feeds, and the page where a member keeps the address of theirs."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.http import require_POST, require_safe

from events import actions, feeds, ical
from events.models import EventPage, PersonalCalendar
from events.views import shared

PUBLIC_FEED_SECONDS = 15 * 60


@login_not_required
@require_safe
def event_calendar(request: HttpRequest, event: UUID) -> HttpResponse:
    page = get_object_or_404(EventPage.objects.visible_to(request.user).with_known_day(), uuid=event)
    response = HttpResponse(feeds.event_file(page), content_type=ical.CONTENT_TYPE)
    response["Content-Disposition"] = 'attachment; filename="event.ics"'
    return response


@login_not_required
@require_safe
def public_calendar(request: HttpRequest) -> HttpResponse:
    """All public events to come. Programs ask again and again, so an unchanged feed answers 304."""
    now = timezone.now()
    etag, changed_at = feeds.public_version(now)
    modified = int(changed_at.timestamp()) if changed_at else None
    response = get_conditional_response(request, etag=etag, last_modified=modified)
    if response is None:
        response = HttpResponse(feeds.public_feed(now), content_type=ical.CONTENT_TYPE)
    response["ETag"] = etag
    if modified is not None:
        response["Last-Modified"] = http_date(modified)
    response["Cache-Control"] = f"public, max-age={PUBLIC_FEED_SECONDS}"
    return response


@login_not_required
@require_safe
def personal_calendar(_request: HttpRequest, token: str) -> HttpResponse:
    """One member's events, for a calendar that cannot sign in. Every wrong address is the same 404."""
    member = feeds.member_of(token)
    if member is None:
        raise Http404
    response = HttpResponse(feeds.personal_feed(member, timezone.now()), content_type=ical.CONTENT_TYPE)
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def my_calendar(request: HttpRequest) -> HttpResponse:
    calendar = PersonalCalendar.objects.filter(member=shared.member_of(request)).first()
    context = {
        "calendar": calendar,
        "address": feeds.address_of(calendar) if calendar else "",
        "public_address": feeds.public_address(),
        "crumbs": [("Home", "/"), ("Events", "/events/")],
    }
    return render(request, "events/my_calendar.html", context)


@require_POST
def renew_calendar(request: HttpRequest) -> HttpResponse:
    actions.renew_calendar(member=shared.member_of(request), now=timezone.now())
    messages.success(request, "Your calendar has a new address. An old one shows nothing any more.")
    return redirect("events:my_calendar")


@require_POST
def end_calendar(request: HttpRequest) -> HttpResponse:
    actions.end_calendar(member=shared.member_of(request))
    messages.success(request, "Your calendar has no address any more.")
    return redirect("events:my_calendar")
