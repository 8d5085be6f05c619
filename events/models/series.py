"""The page of events that belong together."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.utils import timezone
from wagtail.fields import StreamField
from wagtail.search import index

from events.models.courses import Course
from pages.blocks import BodyBlock
from pages.models import PortalPage, address_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.http import HttpRequest

    from members.models import User


class SeriesPage(Course, PortalPage):
    """Events that belong together: the dates of a course, or a conference year by year."""

    body = StreamField(BodyBlock(), blank=True, verbose_name="about the series")
    is_booked_as_one = models.BooleanField(
        "all dates are booked at once or none",
        default=False,
        help_text="A course: whoever registers gets a place on every date, or on none.",
    )

    template = "events/series_page.html"
    parent_page_types: ClassVar[list[str]] = ["events.EventIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    content_panels: ClassVar[list] = [*PortalPage.content_panels, "body", "is_booked_as_one"]
    search_fields: ClassVar[list] = [*PortalPage.search_fields, index.SearchField("body")]

    class Meta:
        verbose_name = "series of events"

    @property
    def address(self) -> str:
        """Without a query, which Wagtail's own way of finding it would take."""
        return address_of(self.url_path)

    def get_context(self, request: "HttpRequest", *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context |= {"upcoming": [], "past": []}
        return context | self.events_for(request.user, timezone.now()) if self.pk else context

    def events_for(self, user: "User | AnonymousUser", now: datetime) -> dict[str, Any]:
        """`upcoming` and `past` events that the reader may see; of a course, where they stand with its `dates`."""
        # Not asked of `self.events`, which would fetch the series of each again: a card does not load it.
        events = self.events.model.objects.listed_for(user).filter(series=self.pk)
        shown: dict[str, Any] = {
            "upcoming": list(events.upcoming(now).with_places_left(now).for_reader(user, now).for_cards()),
            "past": list(events.past(now).with_figures().for_cards()),
        }
        if self.is_booked_as_one:
            dates = self.dates_to_come(now)
            shown["dates"] = dates
            # Where a date is kept from the reader, there is nothing that they could do.
            if dates and {date.pk for date in dates} <= {event.pk for event in shown["upcoming"]}:
                shown |= self.standing_of(user, dates, now)
        return shown
