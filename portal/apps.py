"""The top: settings, addresses, schedule and the commands that need every app."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """The top: settings, addresses, schedule and the commands that need every app."""

    name = "portal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from portal import checks  # noqa: F401 - registers them
