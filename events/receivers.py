"""What Wagtail tells by signal: its admin, its API and its schedule publish pages in many ways, and all end here."""

from typing import Any

from django.utils import timezone
from wagtail.signals import page_published

from events import actions
from events.models import EventPage


def on_page_published(*, instance: Any, **_kwargs: Any) -> None:
    if isinstance(instance, EventPage):
        actions.announce_changes(event=instance, now=timezone.now())


def connect() -> None:
    page_published.connect(on_page_published, dispatch_uid="events")
