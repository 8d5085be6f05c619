"""What organisers see of an event when they edit it. Below the models: they name the form and the panels."""

import re
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from wagtail.admin.forms.pages import CopyForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, Panel
from wagtail.admin.widgets import AdminDateInput

from events import clocks, programme_editing, registration_editing
from members.models import OrganisationKind
from pages import dates
from pages.editing import PortalPageForm
from pages.forms import DayField

if TYPE_CHECKING:
    from events.models import EventPage

SAME_WEEKDAY_NEXT_YEAR = timedelta(weeks=52)
ZONES = [(zone, zone.replace("_", " ")) for zone in sorted(available_timezones()) if "/" in zone]


class EventPageForm(PortalPageForm):
    """Checks what an event alone cannot know: how many people hold a place already, and how its sessions fit."""

    instance: "EventPage"

    audience_kinds = forms.MultipleChoiceField(
        label="Kinds of organisation",
        choices=OrganisationKind.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    audience_domains = registration_editing.DomainsField(
        label="E-mail domains", help_text="The part after the @, one on each line.", required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "sessions" in self.formsets:
            self.formsets["sessions"].form_kwargs["zone"] = self.zone

    @property
    def zone(self) -> ZoneInfo:
        """The zone that was chosen with the times, or the event's. London's while neither makes sense."""
        chosen = self.data.get("time_zone") if self.is_bound else self.instance.time_zone
        return ZoneInfo(chosen) if chosen in dict(ZONES) else dates.LONDON

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        self._keep_the_places_given(cleaned.get("capacity"))
        self._check_programme(cleaned)
        self._check_registration(cleaned)
        return cleaned

    def _check_registration(self, cleaned: dict[str, Any]) -> None:
        for name, problem in list(registration_editing.admission_problems(cleaned)):
            if name in self.fields:
                self.add_error(name, problem)
        if "questions" not in self.formsets:
            return
        questions = self.formsets["questions"].forms
        for form in questions:
            form.full_clean()
        for form, name, problem in list(registration_editing.question_problems(questions)):
            form.add_error(name, problem)

    def _check_programme(self, cleaned: dict[str, Any]) -> None:
        if "sessions" not in self.formsets:
            return
        sessions = self.formsets["sessions"].forms
        for form in sessions:
            form.full_clean()
        found = programme_editing.problems(
            sessions,
            event=programme_editing.Span(cleaned.get("starts_at"), cleaned.get("ends_at")),
            use=self.instance.use_of_sessions() if self.instance.pk else {},
            zone=self.zone,
        )
        for form, name, problem in list(found):
            form.add_error(name, problem)

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


class CopyEventForm(CopyForm):
    """How the copy is called, and when it begins. It is always a draft: somebody looks through it first."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("publish_copies", "alias"):
            self.fields.pop(name, None)
        event = self.page.specific
        began = clocks.day_of(event.starts_at, ZoneInfo(event.time_zone))
        self.fields["new_slug"].initial = _free_slug(event)
        self.fields["first_day"] = DayField(
            label="First day of the copy",
            initial=began + SAME_WEEKDAY_NEXT_YEAR,
            widget=AdminDateInput(),
            error_messages={"invalid": "Give a day, for example 2027-03-04."},
            help_text=(
                f"This event began on {dates.day_date(began)}. Its end, its sessions and the times of "
                "registration move by as many days. People, materials and certificates are not copied."
            ),
        )


def _free_slug(event: "EventPage") -> str:
    """The event's, with the first number behind it that no page beside it has."""
    stem = re.sub(r"-\d{1,2}$", "", event.slug)
    taken = set(event.get_parent().get_children().values_list("slug", flat=True))
    return next(slug for number in count(2) if (slug := f"{stem}-{number}") not in taken)


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
            help_text="Write all times of the event as a clock in its time zone shows them.",
        ),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("format"), FieldPanel("place")]),
                FieldPanel("venue"),
                FieldRowPanel([FieldPanel("joining_url"), FieldPanel("hours_joining_link_shows")]),
                FieldRowPanel([FieldPanel("co_host"), FieldPanel("series")]),
            ],
            heading="Where, with whom and as part of what",
        ),
        FieldPanel("body"),
        programme_editing.programme_panel(),
        *registration_editing.registration_panels(),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("gives_certificates"), FieldPanel("certificate_hours")]),
            ],
            heading="Certificates of attendance",
            help_text=(
                "Everybody who was there gets a certificate once the event is over. Other hours, published "
                "afterwards, correct those that were sent."
            ),
        ),
        FieldPanel("recorded_figures"),
    ]
