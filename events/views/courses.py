"""Booking all dates of a course at once."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from events import actions, rules
from events.models import EventPage, Registration, SeriesPage
from events.registration_forms import form_for_dates
from events.views import shared
from pages.errors import ActionError
from pages.privacy import closed_to


def course_of(event: EventPage) -> SeriesPage | None:
    """The course that the event is one date of, if it is booked as one. A query only for dates of a series."""
    if event.series_id is None:
        return None
    courses = SeriesPage.objects.live().filter(is_booked_as_one=True)
    course: SeriesPage | None = courses.filter(pk=event.series_id).first()
    return course


@require_http_methods(shared.GET_AND_POST)
def book_series(request: HttpRequest, series: int) -> HttpResponse:
    member = shared.member_of(request)
    courses = SeriesPage.objects.live().exclude(closed_to(member)).filter(is_booked_as_one=True)
    page = get_object_or_404(courses, pk=series)
    now = timezone.now()
    dates = actions.dates_of(page, now)
    visible = set(EventPage.objects.visible_to(member).filter(series=page).values_list("pk", flat=True))
    if not visible.issuperset(date.pk for date in dates):
        raise Http404
    own = Registration.objects.active().filter(member=member, event__in=dates)
    registrations = list(own.select_related("event").defer("event__body").order_by("event__starts_at"))
    form = (
        form_for_dates(request.POST if request.method == "POST" else None, dates, member) if dates else None
    )
    can_come = all(rules.can_come(member, date) for date in dates)
    refusal, status = "", 200
    if form is not None and request.method == "POST" and can_come and form.is_valid():
        try:
            booked = actions.book_series(
                series=page, member=member, actor=member, now=now, answers=form.answers()
            )
        except actions.AlreadyRegistered as already:
            messages.info(request, already.message)
            return redirect("events:registration", already.registration.uuid)
        except ActionError as problem:
            refusal, status = problem.message, 409
        else:
            messages.success(request, f"You are registered for all {len(booked)} dates of “{page.title}”.")
            return redirect("events:registration", booked[0].uuid)
    context = {
        "page": page,
        "dates": dates,
        "form": form,
        "registrations": registrations,
        "can_come": can_come,
        "refusal": refusal,
        "crumbs": [("Home", "/"), ("Events", "/events/"), (page.title, page.url or "/")],
    }
    return render(request, "events/book_series.html", context, status=status)
