"""The page of the Wagtail admin where recorded figures are kept."""

from typing import ClassVar

from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.snippets.views.snippets import SnippetViewSet

from events.models import RecordedFigures


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
