"""Last year's event, again."""

from datetime import date
from typing import Any, cast

from django.db import transaction
from wagtail.actions.copy_page import CopyPageAction
from wagtail.models import Page

from events.actions.wording import copy_letters
from events.models import EventPage
from members.models import User


@transaction.atomic
def copy_event(
    *, event: EventPage, parent: Page, title: str, slug: str, first_day: date, actor: User
) -> EventPage:
    """A draft of the same event that begins on another day, with its sessions, questions, audience and letters.

    Every time of it moves by as many days, by the clock at the event. What is published is copied, not a
    draft of it; people, materials, certificates and figures stay with the event where they belong, and a session
    that was cancelled there is on again.
    Raises PermissionDenied unless the actor may write below the parent.
    """
    action = CopyPageAction(
        page=event,
        to=parent,
        update_attrs={"title": title, "slug": slug},
        copy_revisions=False,
        keep_live=False,
        user=actor,
    )
    copy = cast("EventPage", Page.objects.get(pk=action.execute().pk).specific)
    copy.move_to(first_day)
    for session in cast("Any", copy.sessions).get_object_list():
        session.is_cancelled = False
    copy.save()
    copy_letters(source=event, copy=copy)
    # The revision that copying made is of the old days. Nobody wants to go back to it.
    moved = copy.save_revision(user=actor)
    copy.revisions.exclude(pk=moved.pk).delete()
    return copy
