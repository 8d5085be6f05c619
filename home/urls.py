"""The addresses of one's own page."""

from django.urls import path

from home import views

app_name = "home"
urlpatterns = [
    path("", views.my_page, name="my_page"),
]
