"""Booking all dates of a course at once, or waiting for all of them."""

from datetime import datetime
from typing import Any, Protocol

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from events import actions, rules
from events.answers import Answers
from events.form_filling import form_for_dates
from events.models import EventPage, Registration, SeriesPage
from events.registration_forms import RegistrationForm
from events.views import shared
from members.models import User
from pages.errors import ActionError
from pages.privacy import closed_to


class Register(Protocol):
    """`actions.book_series` and `actions.join_series_waiting_list`."""

    def __call__(
        self, *, series: SeriesPage, member: User, actor: User, now: datetime, answers: Answers
    ) -> list[Registration]: ...


def course_of(event: EventPage) -> SeriesPage | None:
    """The course that the event is one date of, if it is booked as one and published."""
    courses = SeriesPage.objects.live().filter(is_booked_as_one=True)
    course: SeriesPage | None = courses.filter(pk=event.series_id).first()
    return course


@require_http_methods(shared.GET_AND_POST)
def book_series(request: HttpRequest, series: int) -> HttpResponse:
    return _register(request, series, actions.book_series)


@require_http_methods(shared.GET_AND_POST)
def join_series_waiting_list(request: HttpRequest, series: int) -> HttpResponse:
    return _register(request, series, actions.join_series_waiting_list)


def _register(request: HttpRequest, series: int, register: Register) -> HttpResponse:
    """Show what will be registered, and do it. Both ways in show the same page: what is possible at that moment.

    Where nothing is, the page of the course says why.
    """
    member, now = shared.member_of(request), timezone.now()
    courses = SeriesPage.objects.live().exclude(closed_to(member)).filter(is_booked_as_one=True)
    page = get_object_or_404(courses, pk=series)
    dates = page.dates_to_come(now)
    visible = set(EventPage.objects.visible_to(member).filter(series=page).values_list("pk", flat=True))
    if not visible.issuperset(date.pk for date in dates):
        raise Http404
    if not dates:
        return redirect(page.address)
    here = page.standing_of(member, dates, now)
    if request.method == "POST":
        return _do_register(request, page, dates, here, register)
    if not here["standing"].may_register:
        return redirect(page.address)
    return _show(request, page, dates, here, form_for_dates(None, dates, member))


def _do_register(
    request: HttpRequest, page: SeriesPage, dates: list[EventPage], here: dict[str, Any], register: Register
) -> HttpResponse:
    member, now = shared.member_of(request), timezone.now()
    form = form_for_dates(request.POST, dates, member)
    if not all(rules.can_come(member, date) for date in dates) or not form.is_valid():
        return _show(request, page, dates, here, form)
    try:
        made = register(series=page, member=member, actor=member, now=now, answers=form.answers())
    except actions.AlreadyRegistered as already:
        messages.info(request, already.message)
        return redirect("events:registration", already.registration.uuid)
    except actions.OwnManager as refusal:
        form.add_error("manager_email", refusal.message)
        return _show(request, page, dates, here, form)
    except ActionError as refusal:
        dates = page.dates_to_come(now)  # anew: with the places left by now
        here = page.standing_of(member, dates, now)
        return _show(request, page, dates, here, form, refusal=refusal.message, status=409)
    if made[0].state == Registration.State.CONFIRMED:
        every = "both" if len(made) == 2 else f"all {len(made)}"
        messages.success(request, f"You are registered for {every} dates of “{page.title}”.")
    return redirect("events:registration", made[0].uuid)


def _show(
    request: HttpRequest,
    page: SeriesPage,
    dates: list[EventPage],
    here: dict[str, Any],
    form: RegistrationForm,
    *,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "page": page,
        "dates": dates,
        "form": form,
        **here,
        "refusal": refusal,
        "crumbs": [("Home", "/"), ("Events", "/events/"), (page.title, page.address)],
    }
    return render(request, "events/book_series.html", context, status=status)
