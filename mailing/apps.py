"""Durable outgoing mail: every letter is a row before it is sent."""

from django.apps import AppConfig


class MailingConfig(AppConfig):
    """Durable outgoing mail: every letter is a row before it is sent."""

    name = "mailing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from mailing import receivers

        receivers.connect()
