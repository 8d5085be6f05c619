"""Addresses that letters lead to (below /letters/)."""

from django.urls import path

from mailing import views

app_name = "mailing"

urlpatterns = [
    path("stop/<str:token>/", views.stop_letters, name="stop_letters"),
]
