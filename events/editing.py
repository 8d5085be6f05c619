"""What organisers see of an event when they edit it. Below the models: they name the form and the panels."""

from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django import forms
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, Panel

if TYPE_CHECKING:
    from events.models import EventPage

ZONES = [(zone, zone.replace("_", " ")) for zone in sorted(available_timezones()) if "/" in zone]


class EventPageForm(WagtailAdminPageForm):
    """Checks what an event alone cannot know: how many people hold a place already."""

    instance: "EventPage"

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        self._keep_the_places_given(cleaned.get("capacity"))
        return cleaned

    def _keep_the_places_given(self, capacity: int | None) -> None:
        if capacity is None or self.instance.pk is None:
            return
        taken = self.instance.registrations.holding_a_place().count()
        if capacity < taken:
            people = "1 person holds" if taken == 1 else f"{taken:,} people hold"
            self.add_error(
                "capacity",
                f"{people} a place. Give {taken:,} or more, or cancel registrations first.",
            )


def content_panels(kinds: list[tuple[str, str]]) -> list[Panel]:
    """The panels between the summary and the figures; `kinds` are those to choose from, if any."""
    kind = [FieldPanel("kind", widget=forms.Select(choices=kinds))] if kinds else []
    return [
        *kind,
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("starts_at"), FieldPanel("ends_at")]),
                FieldRowPanel(
                    [
                        FieldPanel("date_precision"),
                        FieldPanel("time_zone", widget=forms.Select(choices=ZONES)),
                    ]
                ),
            ],
            heading="When",
            help_text="Write the times as a clock in London shows them.",
        ),
        MultiFieldPanel([FieldPanel("format"), FieldPanel("place"), FieldPanel("co_host")], heading="Where"),
        FieldPanel("body"),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("capacity"), FieldPanel("shows_numbers")]),
                FieldRowPanel([FieldPanel("registration_opens_at"), FieldPanel("registration_closes_at")]),
                FieldRowPanel([FieldPanel("has_waiting_list"), FieldPanel("hours_to_take_an_offer")]),
            ],
            heading="Registration",
        ),
        FieldPanel("recorded_figures"),
    ]
