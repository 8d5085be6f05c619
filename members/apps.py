"""People, their organisations, and who is let in."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    """People, their organisations, and who is let in."""

    name = "members"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from members import receivers

        receivers.connect()
