"""The pages of the Wagtail admin for what events share: venues, speakers and recorded figures."""

from typing import ClassVar

from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.snippets.views.snippets import SnippetViewSet

from events.models import RecordedFigures, Speaker, Venue


class RecordedFiguresViewSet(SnippetViewSet):
    """What was counted at past events: chosen where an event is edited."""

    model = RecordedFigures
    icon = "order"
    menu_label = "Recorded figures"
    menu_name = "recorded_figures"
    menu_order = 310
    add_to_admin_menu = True
    list_display: ClassVar[list[str]] = ["name", "attended", "feedback_answers", "feedback_asked"]
    search_fields: ClassVar[list[str]] = ["name", "source"]
    panels: ClassVar[list] = [
        FieldRowPanel([FieldPanel("name"), FieldPanel("number_of_events")]),
        FieldRowPanel([FieldPanel("attended"), FieldPanel("organisations")]),
        FieldRowPanel([FieldPanel("feedback_asked"), FieldPanel("feedback_answers")]),
        FieldPanel("source"),
    ]


class VenueViewSet(SnippetViewSet):
    """Buildings that events take place in."""

    model = Venue
    icon = "site"
    menu_label = "Venues"
    menu_name = "venues"
    menu_order = 311
    add_to_admin_menu = True
    list_display: ClassVar[list[str]] = ["name", "address"]
    search_fields: ClassVar[list[str]] = ["name", "address"]
    panels: ClassVar[list] = [
        FieldPanel("name"),
        FieldPanel("address"),
        FieldPanel("map_url"),
        FieldPanel("access_information"),
        FieldPanel("travel"),
    ]


class SpeakerViewSet(SnippetViewSet):
    """People who speak at events."""

    model = Speaker
    icon = "user"
    menu_label = "Speakers"
    menu_name = "speakers"
    menu_order = 312
    add_to_admin_menu = True
    list_display: ClassVar[list[str]] = ["name", "role", "organisation"]
    search_fields: ClassVar[list[str]] = ["name", "role"]
    panels: ClassVar[list] = [
        FieldRowPanel([FieldPanel("name"), FieldPanel("role")]),
        FieldPanel("organisation"),
        FieldPanel("biography"),
        FieldPanel("photo"),
    ]
