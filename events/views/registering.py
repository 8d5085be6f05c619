"""What members do with events. Each view: fetch, rule, one action, answer."""

from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from events import actions, links, rules, together
from events.answers import Answers
from events.form_filling import form_for
from events.models import EventPage, Registration
from events.models.event_queries import EventQuerySet
from events.registration_forms import RegistrationForm
from events.standing import Standing
from events.views import answering, courses, ended, shared
from events.views.on_the_day import on_the_day
from members.models import User
from pages.errors import ActionError

DECLINED = "You declined the place, and left the waiting list."


class Register(Protocol):
    """`actions.book_place` and `actions.join_waiting_list`."""

    def __call__(
        self, *, event: EventPage, member: User, actor: User, now: datetime, answers: Answers
    ) -> Registration: ...


# --- Registering -------------------------------------------------------------------------------------------


@require_http_methods(shared.GET_AND_POST)
def book_place(request: HttpRequest, event: UUID) -> HttpResponse:
    return _register(request, event, actions.book_place)


@require_http_methods(shared.GET_AND_POST)
def join_waiting_list(request: HttpRequest, event: UUID) -> HttpResponse:
    return _register(request, event, actions.join_waiting_list)


def _register(request: HttpRequest, event: UUID, register: Register) -> HttpResponse:
    """Show what will be registered, and do it.

    Both ways in show the same page: it offers what is possible at that moment, a place or the line.
    """
    member = shared.member_of(request)
    found = EventPage.objects.visible_to(member).with_form()
    # Whoever sends the form is sent on, nearly always: no more is fetched than it takes to read it.
    found = found.for_form() if request.method == "POST" else _to_show(found)
    page = get_object_or_404(found, uuid=event)
    if page.is_date_of_course and (course := courses.course_of(page)) is not None:
        return redirect("events:book_series", course.pk)
    if request.method != "POST":
        return _show_registering(request, page, form_for(None, page, member))
    form = form_for(request.POST, page, member)
    if not rules.can_come(member, page):
        return _show_registering(request, page, form, status=403)
    if not form.is_valid():
        return _show_registering(request, page, form)
    return _do_register(request, page, form, register)


def _to_show(events: EventQuerySet) -> EventQuerySet:
    shown: EventQuerySet = events.defer_streamfields().select_related("venue")
    return shown


def _do_register(
    request: HttpRequest, page: EventPage, form: RegistrationForm, register: Register
) -> HttpResponse:
    """What was found out too late for the form is said in it, at the field; all that was typed is kept."""
    member = shared.member_of(request)
    try:
        registration = register(
            event=page, member=member, actor=member, now=timezone.now(), answers=form.answers()
        )
    except actions.AlreadyRegistered as already:
        messages.info(request, already.message)
        return redirect("events:registration", already.registration.uuid)
    except (actions.SessionsFull, actions.SessionsOverlap) as refusal:
        form = form_for(request.POST, page, member)  # anew: with the places left by now
        form.refuse_sessions(refusal.sessions, refusal.message)
        return _show_registering(request, page, form, status=409)
    except actions.OwnManager as refusal:
        form.add_error("manager_email", refusal.message)
        return _show_registering(request, page, form)
    except ActionError as refusal:
        return _show_registering(request, page, form, refusal=refusal.message, status=409)
    return redirect("events:registration", registration.uuid)


def _show_registering(
    request: HttpRequest, page: EventPage, form: RegistrationForm, *, refusal: str = "", status: int = 200
) -> HttpResponse:
    if request.method == "POST":
        page = _to_show(EventPage.objects.all()).get(pk=page.pk)
    context = page.standing_of(request.user, timezone.now())
    if context["registration"] is not None:
        return redirect("events:registration", context["registration"].uuid)
    context |= {"event": page, "form": form, "refusal": refusal, "crumbs": shared.crumbs_of(page)}
    if context["standing"] == Standing.NOT_FOR_YOU:
        context["audience"] = page.audience_in_words()
    return render(request, "events/book_place.html", context, status=status)


# --- One's own registration ----------------------------------------------------------------------------------


@require_safe
def registration(request: HttpRequest, registration: UUID) -> HttpResponse:
    return _show_registration(
        request, "events/registration.html", shared.own_registration(request, registration)
    )


@require_http_methods(shared.GET_AND_POST)
def cancel_registration(request: HttpRequest, registration: UUID) -> HttpResponse:
    member = shared.member_of(request)
    found = shared.own_registration(request, registration)
    if not rules.can_cancel_registration(member, found, timezone.now()):
        if request.method == "POST":
            ended.say_that_nothing_changed(request, found, "Nothing was cancelled", timezone.now())
        return redirect("events:registration", found.uuid)  # which says why
    if request.method != "POST":
        goes_on = ended.what_becomes_of_place(found, timezone.now())
        return _show_registration(request, "events/cancel_registration.html", found, **goes_on)
    try:
        actions.cancel_registration(
            registration=found, actor=member, now=timezone.now(), all_dates="all_dates" in request.POST
        )
    except ActionError as refusal:
        messages.error(request, refusal.message)
    else:
        what = "any date of the course" if "all_dates" in request.POST else f"“{found.event.title}”"
        messages.success(request, f"You are not registered for {what} any more.")
    return redirect("events:registration", found.uuid)


@login_not_required
@require_http_methods(shared.GET_AND_POST)
def cancel_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """With the link from a letter, without signing in. Shows nothing but the event.

    Whoever has the letter acts as the member. Every wrong link is the same page.
    """
    uuid = links.key_in(links.CANCEL, token)
    letters = Registration.objects.filter(member__isnull=False).select_related("event", "member")
    found = letters.defer("event__body").filter(uuid=uuid).first() if uuid else None
    if found is None or found.member is None:
        return shared.unkept(
            render(request, "events/cancel_by_link.html", {"registration": None}, status=404)
        )
    member, now = found.member, timezone.now()
    can_cancel = rules.can_cancel_registration(member, found, now)
    context = {
        "registration": found,
        "event": found.event,
        "refusal": "",
        "can_cancel": can_cancel,
        **_dates(found, now),
        **(ended.what_becomes_of_place(found, now) if can_cancel else {}),
    }
    if request.method == "POST" and not can_cancel and not found.is_active:
        context["refusal"] = "This registration had ended before."
    elif request.method == "POST" and can_cancel:
        try:
            actions.cancel_registration(
                registration=found, actor=member, now=now, all_dates="all_dates" in request.POST
            )
        except ActionError as refusal:
            context["refusal"] = refusal.message
        else:
            messages.success(request, _ended_in_words(found.state, all_dates="all_dates" in request.POST))
            return redirect("events:cancel_by_link", token)
    return shared.unkept(render(request, "events/cancel_by_link.html", context))


def _ended_in_words(state: str, *, all_dates: bool) -> str:
    """What somebody did who gave up a registration in this state."""
    if state == Registration.State.WAITING:
        return "You left the waiting list."
    if state == Registration.State.OFFERED:
        return DECLINED
    return (
        "You cancelled your registration for all dates." if all_dates else "You cancelled your registration."
    )


@require_POST
def take_place(request: HttpRequest, registration: UUID) -> HttpResponse:
    member = shared.member_of(request)
    found = shared.own_registration(request, registration)
    if not rules.can_take_place(member, found, timezone.now()):
        if found.state != Registration.State.CONFIRMED:  # which is what they wanted
            ended.say_that_nothing_changed(request, found, "The place was not taken", timezone.now())
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


@require_http_methods(shared.GET_AND_POST)
def decline_place(request: HttpRequest, registration: UUID) -> HttpResponse:
    member = shared.member_of(request)
    found = shared.own_registration(request, registration)
    if not rules.can_decline_place(member, found, timezone.now()):
        if request.method == "POST":
            ended.say_that_nothing_changed(request, found, "Nothing was declined", timezone.now())
        return redirect("events:registration", found.uuid)
    if request.method != "POST":
        return _show_registration(request, "events/decline_place.html", found)
    try:
        actions.decline_place(registration=found, actor=member, now=timezone.now())
    except ActionError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, DECLINED)
    return redirect("events:registration", found.uuid)


def _show_registration(
    request: HttpRequest, template: str, registration: Registration, **more: object
) -> HttpResponse:
    event, member, now = registration.event, shared.member_of(request), timezone.now()
    context = {
        "registration": registration,
        "event": event,
        **_in_line(registration, now),
        "is_over": event.is_over(now),
        **_dates(registration, now),
        **ended.shown_with(registration, member, now),
        "can_cancel": rules.can_cancel_registration(member, registration, now),
        "can_take": rules.can_take_place(member, registration, now),
        **answering.shown_with(registration, member, now),
        **on_the_day(registration, event, member, now),
        "crumbs": shared.crumbs_of(event),
        **more,
    }
    return render(request, template, context)


def _in_line(registration: Registration, now: datetime) -> dict[str, Any]:
    """How many come first; and of an event that counts who comes, what places there are for them."""
    event = registration.event
    if registration.state != Registration.State.WAITING or not event.asks_who_comes(now):
        return {"ahead": registration.count_ahead(now), "places": None}
    room = Registration.objects.room_of(event, now)
    return {"ahead": registration.count_ahead(now, room), "places": room.places_for(registration.claim)}


def _dates(registration: Registration, now: datetime) -> dict[str, Any]:
    """The course that it belongs to, its dates, and whether each ends by itself. Two queries only for those."""
    if registration.booked_together is None:
        return {"dates": [], "by_date": False, "course": None}
    dates = together.to_come(registration, now)
    is_confirmed = registration.state == Registration.State.CONFIRMED
    return {
        "dates": dates,
        "by_date": is_confirmed and len(dates) > 1,
        "course": courses.course_of(registration.event),
    }
