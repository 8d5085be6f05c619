"""Addresses below /admin/events/, where organisers work."""

from django.urls import path

from events.admin_views import (
    acting,
    invitations,
    invitations_sent,
    letters,
    materials,
    messages,
    overview,
    registration,
    registrations,
    running,
    team,
)

app_name = "events_admin"

urlpatterns = [
    path("", overview.events, name="events"),
    path("<int:event>/", overview.overview, name="overview"),
    path("<int:event>/cancel-event/", running.cancel_event, name="cancel_event"),
    path("<int:event>/registrations/", registrations.registrations, name="registrations"),
    path("<int:event>/registrations/act/", acting.act, name="act"),
    path("<int:event>/registrations/register-member/", registration.register_member, name="register_member"),
    path("<int:event>/registrations/<uuid:registration>/", registration.registration, name="registration"),
    path(
        "<int:event>/registrations/<uuid:registration>/write-note/",
        registration.write_note,
        name="write_note",
    ),
    path(
        "<int:event>/registrations/<uuid:registration>/change-answers/",
        registration.change_answers,
        name="change_answers",
    ),
    path("<int:event>/export/", registrations.export, name="export"),
    path("<int:event>/messages/", messages.messages_of_event, name="messages"),
    path("<int:event>/messages/write/", messages.write_message, name="write_message"),
    path("<int:event>/messages/<uuid:message>/", messages.message, name="message"),
    path("<int:event>/messages/<uuid:message>/change/", messages.change_message, name="change_message"),
    path("<int:event>/messages/<uuid:message>/test/", messages.send_test_message, name="send_test_message"),
    path("<int:event>/messages/<uuid:message>/send/", messages.send_message, name="send_message"),
    path("<int:event>/messages/<uuid:message>/pause/", messages.pause_message, name="pause_message"),
    path("<int:event>/messages/<uuid:message>/resume/", messages.resume_message, name="resume_message"),
    path("<int:event>/messages/<uuid:message>/cancel/", messages.cancel_message, name="cancel_message"),
    path("<int:event>/invitations/", invitations.invitations, name="invitations"),
    path("<int:event>/invitations/plan/", invitations.plan_wave, name="plan_wave"),
    path("<int:event>/invitations/<uuid:wave>/", invitations.wave, name="wave"),
    path("<int:event>/invitations/<uuid:wave>/change/", invitations.change_wave, name="change_wave"),
    path("<int:event>/invitations/<uuid:wave>/list/", invitations.bring_list, name="bring_list"),
    path(
        "<int:event>/invitations/<uuid:wave>/list/problems.csv",
        invitations.list_problems,
        name="list_problems",
    ),
    path("<int:event>/invitations/<uuid:wave>/test/", invitations.try_invitation, name="try_invitation"),
    path("<int:event>/invitations/<uuid:wave>/start/", invitations.start_wave, name="start_wave"),
    path("<int:event>/invitations/<uuid:wave>/pause/", invitations.pause_wave, name="pause_wave"),
    path("<int:event>/invitations/<uuid:wave>/resume/", invitations.resume_wave, name="resume_wave"),
    path("<int:event>/invitations/<uuid:wave>/cancel/", invitations.cancel_wave, name="cancel_wave"),
    path(
        "<int:event>/invitations/<uuid:wave>/stop-reminders/",
        invitations.stop_reminders,
        name="stop_reminders",
    ),
    path(
        "<int:event>/invitations/<uuid:wave>/invited.csv",
        invitations_sent.export_invited,
        name="export_invited",
    ),
    path("<int:event>/letters/", letters.letters, name="letters"),
    path("<int:event>/letters/<slug:kind>/change/", letters.change_letter, name="change_letter"),
    path("<int:event>/letters/<slug:kind>/restore/", letters.restore_letter, name="restore_letter"),
    path("<int:event>/materials/", materials.materials, name="materials"),
    path("<int:event>/materials/add/", materials.add_material, name="add_material"),
    path("<int:event>/materials/<uuid:material>/change/", materials.change_material, name="change_material"),
    path("<int:event>/materials/<uuid:material>/remove/", materials.remove_material, name="remove_material"),
    path("<int:event>/team/", team.team, name="team"),
    path("<int:event>/team/<int:team_member>/change/", team.change_team_member, name="change_team_member"),
    path("<int:event>/team/<int:team_member>/remove/", team.remove_team_member, name="remove_team_member"),
]
