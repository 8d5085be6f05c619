"""The page that lists all events."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.utils import timezone

from events import listing
from events.models.pages import EventPage
from pages.models import PortalPage

if TYPE_CHECKING:
    from django.http import HttpRequest


class EventIndexPage(PortalPage):
    """The list of all events, upcoming and past."""

    max_count = 1
    subpage_types: ClassVar[list[str]] = [
        "events.ConferencePage",
        "events.WorkshopPage",
        "events.SeriesPage",
    ]
    template = "events/event_index_page.html"

    class Meta:
        verbose_name = "list of events"

    def get_context(self, request: "HttpRequest", *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context["listing"] = listing.read(
            EventPage.objects.listed_for(request.user),
            request.GET,
            reader=request.user,
            now=timezone.now(),
            url=self.get_url(request) or "",
            kinds=EventPage.Kind.choices,
            formats=EventPage.Format.choices,
        )
        return context
