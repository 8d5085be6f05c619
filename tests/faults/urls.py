"""Where letters lead."""

from django.urls import include, path

urlpatterns = [path("letters/", include("mailing.urls"))]
