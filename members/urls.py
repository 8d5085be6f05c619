"""Addresses under /members/: a member's own account."""

from django.urls import path

from members import views

app_name = "members"

urlpatterns = [
    path("details/", views.change_details, name="change_details"),
    path("mail-preferences/", views.change_mail_preferences, name="change_mail_preferences"),
    path("my-data/", views.download_my_data, name="download_my_data"),
    path("leave/", views.leave, name="leave"),
    path("left/", views.left, name="left"),
    path("status/", views.membership_status, name="membership_status"),
    path("second-factor/", views.set_up_second_factor, name="set_up_second_factor"),
    path("confirm/", views.confirm_by_code, name="confirm_by_code"),
    path("confirm/send-code/", views.send_confirmation_code, name="send_confirmation_code"),
]
