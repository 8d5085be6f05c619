"""Addresses of the Wagtail admin that must not do what Wagtail does there; they come before its own.

allauth's pages sign people in and change passwords, and nothing happens to users in bulk.
"""

from django.urls import path, re_path

from members import views

urlpatterns = [
    path("login/", views.sign_in_to_admin),
    re_path(r"^password_reset/", views.reset_admin_password),
    re_path(r"^bulk/members/user/", views.no_users_in_bulk),
]
