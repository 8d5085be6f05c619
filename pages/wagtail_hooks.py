"""What the Wagtail admin does about every page."""

from django.http import HttpRequest
from wagtail import hooks
from wagtail.models import Page

from pages.editing import changed_meanwhile
from pages.models import PortalPage


@hooks.register("before_edit_page")
def note_what_changed_meanwhile(request: HttpRequest, page: Page) -> None:
    """For the form: it sees what was sent, and the page, but not which version of it. Previews do not come by here."""
    if request.method == "POST" and isinstance(page, PortalPage):
        page.changed_meanwhile = changed_meanwhile(page, request)
