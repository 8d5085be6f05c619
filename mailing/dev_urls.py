"""Addresses of single letters on the development machine (below /dev/mail/, only with DEBUG)."""

from django.urls import path

from mailing import views

app_name = "dev_mail"

urlpatterns = [
    path("<str:key>/", views.dev_letter, name="dev_letter"),
    path("<str:key>/html/", views.dev_letter_html, name="dev_letter_html"),
    path("<str:key>/attachments/<int:number>/", views.dev_attachment, name="dev_attachment"),
]
