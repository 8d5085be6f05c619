"""Findings and publications."""

from django.apps import AppConfig


class LibraryConfig(AppConfig):
    """Findings and publications."""

    name = "library"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from library import personal_data as topics
        from members import personal_data

        personal_data.register("topics", collect=topics.collect, erase=topics.erase)
