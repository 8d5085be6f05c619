"""Conferences and workshops: programme, registration and the waiting list."""

from django.apps import AppConfig


class EventsConfig(AppConfig):
    """Conferences and workshops: programme, registration and the waiting list."""

    name = "events"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from events import personal_data, receivers
        from members.personal_data import register

        receivers.connect()
        register(
            "registrations",
            collect=personal_data.collect_registrations,
            erase=personal_data.erase_registrations,
        )
        register("calendar", collect=personal_data.collect_calendar, erase=personal_data.erase_calendar)
