"""Conferences and workshops: programme, registration and the waiting list."""

from django.apps import AppConfig


class EventsConfig(AppConfig):
    """Conferences and workshops: programme, registration and the waiting list."""

    name = "events"
    default_auto_field = "django.db.models.BigAutoField"
