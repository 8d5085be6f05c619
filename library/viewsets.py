"""The pages of the Wagtail admin for what findings share."""

from typing import ClassVar

from wagtail.admin.panels import FieldPanel, TitleFieldPanel
from wagtail.snippets.views.snippets import SnippetViewSet

from library.models import Topic


class TopicViewSet(SnippetViewSet):
    """The topics, in the order in which members and readers see them: dragged into it."""

    model = Topic
    icon = "tag"
    menu_label = "Topics"
    menu_name = "topics"
    menu_order = 309
    add_to_admin_menu = True
    copy_view_enabled = False
    list_display: ClassVar[list[str]] = ["name", "description"]
    search_fields: ClassVar[list[str]] = ["name", "description"]
    panels: ClassVar[list] = [
        TitleFieldPanel("name", targets=["slug"]),
        FieldPanel("slug"),
        FieldPanel("description"),
    ]
