"""One search over everything a person may read."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    """One search over everything a person may read."""

    name = "search"
    default_auto_field = "django.db.models.BigAutoField"
