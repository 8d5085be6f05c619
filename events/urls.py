"""Addresses under /events/ that are no pages. None of them can be taken for the slug of a page."""

from django.urls import path

from events.views import (
    answering,
    approving,
    calendars,
    check_in,
    courses,
    cpd,
    handing_over,
    invitations,
    materials,
    programme,
    registering,
)

app_name = "events"

urlpatterns = [
    path("<uuid:event>/book-place/", registering.book_place, name="book_place"),
    path("<uuid:event>/join-waiting-list/", registering.join_waiting_list, name="join_waiting_list"),
    path("<uuid:event>/calendar.ics", calendars.event_calendar, name="event_calendar"),
    path("<uuid:event>/programme/", programme.programme, name="programme"),
    path("<uuid:event>/sessions/<uuid:session>/", programme.session, name="session"),
    path("<uuid:event>/sessions/<uuid:session>.ics", programme.session_calendar, name="session_calendar"),
    path("registrations/<uuid:registration>/", registering.registration, name="registration"),
    path(
        "registrations/<uuid:registration>/cancel-registration/",
        registering.cancel_registration,
        name="cancel_registration",
    ),
    path("registrations/<uuid:registration>/take-place/", registering.take_place, name="take_place"),
    path("registrations/<uuid:registration>/decline-place/", registering.decline_place, name="decline_place"),
    path("registrations/cancel/<str:token>/", registering.cancel_by_link, name="cancel_by_link"),
    path("registrations/approve/<str:token>/", approving.answer_as_manager, name="answer_as_manager"),
    path(
        "registrations/<uuid:registration>/change-answers/", answering.change_answers, name="change_answers"
    ),
    path("registrations/<uuid:registration>/ask-manager/", approving.ask_manager, name="ask_manager"),
    path("registrations/<uuid:registration>/hand-over/", handing_over.hand_over, name="hand_over"),
    path(
        "registrations/<uuid:registration>/withdraw-handover/",
        handing_over.withdraw_handover,
        name="withdraw_handover",
    ),
    path("registrations/handovers/<uuid:handover>/", handing_over.handover, name="handover"),
    path("registrations/handovers/<uuid:handover>/take/", handing_over.take_handover, name="take_handover"),
    path(
        "registrations/handovers/<uuid:handover>/decline/",
        handing_over.decline_handover,
        name="decline_handover",
    ),
    path("registrations/courses/<int:series>/book/", courses.book_series, name="book_series"),
    path(
        "registrations/courses/<int:series>/join-waiting-list/",
        courses.join_series_waiting_list,
        name="join_series_waiting_list",
    ),
    path("<uuid:event>/check-in/", check_in.check_in, name="check_in"),
    path("<uuid:event>/check-in/note-attendance/", check_in.note_attendance, name="note_attendance"),
    path("<uuid:event>/check-in/add-walk-in/", check_in.add_walk_in, name="add_walk_in"),
    path("<uuid:event>/check-in/badges.pdf", check_in.badges, name="badges"),
    path("<uuid:event>/check-in/sign-in-sheet.pdf", check_in.sign_in_sheet, name="sign_in_sheet"),
    path("<uuid:event>/check-in/<uuid:registration>/", check_in.check_in_person, name="check_in_person"),
    path("invitations/<str:token>/", invitations.answer_invitation, name="answer_invitation"),
    path("invitations/<str:token>/sign-up/", invitations.sign_up_invited, name="sign_up_invited"),
    path("materials/<uuid:material>/", materials.material, name="material"),
    path("cpd-record/", cpd.cpd_record, name="cpd_record"),
    path("cpd-record.csv", cpd.cpd_record_table, name="cpd_record_table"),
    path("cpd-record.pdf", cpd.cpd_record_document, name="cpd_record_document"),
    path("calendar.ics", calendars.public_calendar, name="public_calendar"),
    path("calendar/", calendars.my_calendar, name="my_calendar"),
    path("calendar/renew/", calendars.renew_calendar, name="renew_calendar"),
    path("calendar/end/", calendars.end_calendar, name="end_calendar"),
    path("calendar/<str:token>.ics", calendars.personal_calendar, name="personal_calendar"),
]
