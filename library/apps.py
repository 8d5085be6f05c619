"""Findings and publications."""

from django.apps import AppConfig


class LibraryConfig(AppConfig):
    """Findings and publications."""

    name = "library"
    default_auto_field = "django.db.models.BigAutoField"
