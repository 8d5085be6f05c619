"""Addresses under /my-page/topics/: what members do in the library."""

from django.urls import path

from library import views

app_name = "library"

urlpatterns = [
    path("", views.choose_topics, name="choose_topics"),
]
