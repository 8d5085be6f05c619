"""Addresses of the Wagtail admin that sign people in or change passwords: allauth's pages do that."""

from django.urls import path, re_path

from members import views

urlpatterns = [
    path("login/", views.sign_in_to_admin),
    re_path(r"^password_reset/", views.reset_admin_password),
]
