"""What the Wagtail admin does about programmes: copies with other days, and warnings."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html, format_html_join
from wagtail.admin import messages
from wagtail.models import Page

from events import actions
from events.editing import CopyEventForm
from events.models import EventPage
from events.programme_editing import speakers_in_two_places
from members.models import User


def copy_event(request: HttpRequest, page: Page) -> HttpResponse | None:
    """In place of Wagtail's own copying, once the form is right. It shows the form, and again with its errors."""
    if request.method != "POST" or not issubclass(page.specific_class or Page, EventPage):
        return None
    form = CopyEventForm(request.POST, user=request.user, page=page)
    if not (form.is_valid() and isinstance(request.user, User)):
        return None
    copy = actions.copy_event(
        event=page.specific,
        parent=form.cleaned_data["new_parent_page"],
        title=form.cleaned_data["new_title"],
        slug=form.cleaned_data["new_slug"],
        first_day=form.cleaned_data["first_day"],
        actor=request.user,
    )
    messages.success(
        request,
        f"“{copy.title}” is a draft now: {copy.when}. Look through its times and texts, then publish it.",
    )
    return redirect("wagtailadmin_pages:edit", copy.pk)


def warn_of_speakers(request: HttpRequest, page: Page, **_kwargs: Any) -> None:
    """Say who is to be in two places at once. It was saved all the same: only the organiser knows whether it works."""
    is_autosave = not request.accepts("text/html")
    if is_autosave or not isinstance(page, EventPage):
        return
    found = speakers_in_two_places(page.programme())
    if found:
        sentences = format_html_join("", "<li>{}</li>", ((sentence,) for sentence in found))
        messages.warning(request, format_html("<ul>{}</ul>", sentences))
