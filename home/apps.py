"""The front page, the standing pages, my page and the digest letter."""

from django.apps import AppConfig


class HomeConfig(AppConfig):
    """The front page, the standing pages, my page and the digest letter."""

    name = "home"
    default_auto_field = "django.db.models.BigAutoField"
