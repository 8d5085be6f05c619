"""What Wagtail and Django tell by signal, where that is the one place to hear of it.

Wagtail's admin, its API and its schedule publish pages in many ways, and all end here. A material's row goes
alone or with its event, and its file has to go either way; so does the row of somebody on an event's team.
"""

from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete
from django.utils import timezone
from wagtail.signals import page_published

from events import actions
from events.models import EventPage, Material, TeamMember
from members.models import User


def on_page_published(*, instance: Any, **_kwargs: Any) -> None:
    if isinstance(instance, EventPage):
        actions.announce_changes(event=instance, now=timezone.now())


def remove_file(*, instance: Material, **_kwargs: Any) -> None:
    """Once it is certain that the row is gone."""
    if instance.file:
        storage, name = instance.file.storage, str(instance.file.name)
        transaction.on_commit(lambda: storage.delete(name))


def leave_event_team(*, instance: TeamMember, **_kwargs: Any) -> None:
    """A role goes with its event too. Nothing is left to do where the member's account goes."""
    if member := User.objects.filter(pk=instance.member_id).first():
        actions.keep_in_event_team(member)


def connect() -> None:
    post_delete.connect(leave_event_team, sender=TeamMember, dispatch_uid="events.team")
    post_delete.connect(remove_file, sender=Material, dispatch_uid="events.materials")
    page_published.connect(on_page_published, dispatch_uid="events")
