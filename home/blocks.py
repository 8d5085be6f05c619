"""What editors build the front page from."""

from typing import Any, ClassVar

from wagtail import blocks

from pages import icons
from pages.blocks import LinkBlock


class DoorBlock(blocks.StructBlock):
    """One of the rooms of the portal: what one can do there, and the way in."""

    icon = blocks.ChoiceBlock(choices=[(name, name.capitalize()) for name in icons.SHAPES])
    link = LinkBlock(label="Title and way in")
    text = blocks.TextBlock(max_length=250, rows=2, help_text="What one can do there, in two sentences.")

    class Meta:
        icon = "arrow-right"
        label = "Door"
        template = "home/blocks/door.html"
        preview_template = "home/blocks/previews/door.html"
        description = "A way into one part of the portal"
        preview_value: ClassVar[dict[str, Any]] = {
            "icon": "calendar",
            "link": {"label": "Meet", "page": None, "address": "/events/"},
            "text": "Conferences and workshops across agencies. Register in two minutes.",
        }


class PromiseBlock(blocks.StructBlock):
    """One thing that the portal promises, and where to read more."""

    text = blocks.TextBlock(max_length=250, rows=2, label="Promise", help_text="In one sentence.")
    more = blocks.ListBlock(LinkBlock(), max_num=1, default=[], label="Where to read more", collapsed=True)

    class Meta:
        icon = "tick"
        label = "Promise"
        template = "home/blocks/promise.html"
        preview_template = "home/blocks/previews/promise.html"
        description = "One thing that is kept, with a link to read more"
        preview_value: ClassVar[dict[str, Any]] = {
            "text": "You can download everything held about you, whenever you like.",
            "more": [{"label": "Privacy notice", "page": None, "address": "/privacy/"}],
        }
