"""Addresses under /events/ that are no pages. None of them can be taken for the slug of a page."""

from django.urls import path

from events import views

app_name = "events"

urlpatterns = [
    path("<uuid:event>/book-place/", views.book_place, name="book_place"),
    path("<uuid:event>/join-waiting-list/", views.join_waiting_list, name="join_waiting_list"),
    path("<uuid:event>/calendar.ics", views.event_calendar, name="event_calendar"),
    path("registrations/<uuid:registration>/", views.registration, name="registration"),
    path(
        "registrations/<uuid:registration>/cancel-registration/",
        views.cancel_registration,
        name="cancel_registration",
    ),
    path("registrations/<uuid:registration>/take-place/", views.take_place, name="take_place"),
    path("registrations/<uuid:registration>/decline-place/", views.decline_place, name="decline_place"),
    path("calendar.ics", views.public_calendar, name="public_calendar"),
    path("calendar/", views.my_calendar, name="my_calendar"),
    path("calendar/renew/", views.renew_calendar, name="renew_calendar"),
    path("calendar/end/", views.end_calendar, name="end_calendar"),
    path("calendar/<str:token>.ics", views.personal_calendar, name="personal_calendar"),
]
