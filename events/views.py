"""What members do with events. Each view: fetch, rule, one action, answer."""

from datetime import datetime
from typing import Protocol
from urllib.parse import urljoin
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from events import actions, feeds, ical, rules
from events.models import EventPage, PersonalCalendar, Registration
from members.models import User
from pages.errors import ActionError

GET_AND_POST = ["GET", "HEAD", "POST"]
PUBLIC_FEED_SECONDS = 15 * 60


class Register(Protocol):
    """`actions.book_place` and `actions.join_waiting_list`."""

    def __call__(self, *, event: EventPage, member: User, actor: User, now: datetime) -> Registration: ...


# --- Registering -------------------------------------------------------------------------------------------


@require_http_methods(GET_AND_POST)
def book_place(request: HttpRequest, event: UUID) -> HttpResponse:
    return _register(request, event, actions.book_place)


@require_http_methods(GET_AND_POST)
def join_waiting_list(request: HttpRequest, event: UUID) -> HttpResponse:
    return _register(request, event, actions.join_waiting_list)


def _register(request: HttpRequest, event: UUID, register: Register) -> HttpResponse:
    """Show what will be registered, and do it.

    Both ways in show the same page: it offers what is possible at that moment, a place or the line.
    """
    member = _member(request)
    page = get_object_or_404(EventPage.objects.visible_to(member).defer_streamfields(), uuid=event)
    if request.method != "POST":
        return _show_registering(request, page)
    if not rules.is_approved_member(member):
        return _show_registering(request, page, status=403)
    try:
        registration = register(event=page, member=member, actor=member, now=timezone.now())
    except actions.AlreadyRegistered as already:
        messages.info(request, already.message)
        registration = already.registration
    except ActionError as refusal:
        return _show_registering(request, page, refusal=refusal.message, status=409)
    return redirect("events:registration", registration.uuid)


def _show_registering(
    request: HttpRequest, page: EventPage, *, refusal: str = "", status: int = 200
) -> HttpResponse:
    context = page.standing_of(request.user, timezone.now())
    if context["registration"] is not None:
        return redirect("events:registration", context["registration"].uuid)
    context |= {"event": page, "refusal": refusal, "crumbs": _crumbs(page)}
    return render(request, "events/book_place.html", context, status=status)


# --- One's own registration ----------------------------------------------------------------------------------


@require_safe
def registration(request: HttpRequest, registration: UUID) -> HttpResponse:
    return _show_registration(request, "events/registration.html", _registration(request, registration))


@require_http_methods(GET_AND_POST)
def cancel_registration(request: HttpRequest, registration: UUID) -> HttpResponse:
    member = _member(request)
    found = _registration(request, registration)
    if not rules.can_cancel_registration(member, found, timezone.now()):
        return redirect("events:registration", found.uuid)  # which says why
    if request.method != "POST":
        return _show_registration(request, "events/cancel_registration.html", found)
    try:
        actions.cancel_registration(registration=found, actor=member, now=timezone.now())
    except ActionError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"You are not registered for “{found.event.title}” any more.")
    return redirect("events:registration", found.uuid)


@require_POST
def take_place(request: HttpRequest, registration: UUID) -> HttpResponse:
    member = _member(request)
    found = _registration(request, registration)
    if not rules.can_take_place(member, found, timezone.now()):
        return redirect("events:registration", found.uuid)
    try:
        taken = actions.take_place(registration=found, actor=member, now=timezone.now())
    except actions.AlreadyRegistered as already:
        messages.info(request, already.message)
        return redirect("events:registration", already.registration.uuid)
    except ActionError as refusal:
        messages.error(request, refusal.message)
    else:
        if taken.state == Registration.State.WAITING:
            messages.info(
                request,
                "The offer had ended, so the place went on. You are at the end of the waiting list again.",
            )
    return redirect("events:registration", found.uuid)


@require_http_methods(GET_AND_POST)
def decline_place(request: HttpRequest, registration: UUID) -> HttpResponse:
    member = _member(request)
    found = _registration(request, registration)
    if not rules.can_decline_place(member, found, timezone.now()):
        return redirect("events:registration", found.uuid)
    if request.method != "POST":
        return _show_registration(request, "events/decline_place.html", found)
    try:
        actions.decline_place(registration=found, actor=member, now=timezone.now())
    except ActionError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, "You declined the place. It goes to the next person waiting.")
    return redirect("events:registration", found.uuid)


# --- Calendars -----------------------------------------------------------------------------------------------


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
    calendar = PersonalCalendar.objects.filter(member=_member(request)).first()
    context = {
        "calendar": calendar,
        "address": feeds.address_of(calendar) if calendar else "",
        "public_address": feeds.public_address(),
        "crumbs": [("Home", "/"), ("Events", "/events/")],
    }
    return render(request, "events/my_calendar.html", context)


@require_POST
def renew_calendar(request: HttpRequest) -> HttpResponse:
    actions.renew_calendar(member=_member(request), now=timezone.now())
    messages.success(request, "Your calendar has a new address. An old one shows nothing any more.")
    return redirect("events:my_calendar")


@require_POST
def end_calendar(request: HttpRequest) -> HttpResponse:
    actions.end_calendar(member=_member(request))
    messages.success(request, "Your calendar has no address any more.")
    return redirect("events:my_calendar")


# --- What the views share --------------------------------------------------------------------------------------


def _member(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # the login middleware lets nobody else in  # noqa: S101
    return request.user


def _registration(request: HttpRequest, registration: UUID) -> Registration:
    own = Registration.objects.visible_to(request.user).select_related("event", "organisation")
    return get_object_or_404(own.defer("event__body"), uuid=registration)


def _show_registration(request: HttpRequest, template: str, registration: Registration) -> HttpResponse:
    event, member, now = registration.event, _member(request), timezone.now()
    context = {
        "registration": registration,
        "event": event,
        "ahead": registration.count_ahead(),
        "is_over": event.is_over(now),
        "can_cancel": rules.can_cancel_registration(member, registration, now),
        "can_take": rules.can_take_place(member, registration, now),
        "crumbs": _crumbs(event),
    }
    return render(request, template, context)


def _crumbs(event: EventPage) -> list[tuple[str, str]]:
    """Down to the event, from its own address: no query for the pages above it."""
    url = event.url or "/"
    return [("Home", "/"), ("Events", urljoin(url, "../")), (event.title, url)]
