"""What editors build pages from. Every block has a template, an icon, a description and a preview."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.utils.text import slugify
from wagtail import blocks
from wagtail.blocks.struct_block import StructBlockValidationError
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageBlock

from pages import videos

TEXT = "Text"
PICTURES = "Pictures and files"
EVIDENCE = "Figures and ways on"

RICH_TEXT_FEATURES = ["bold", "italic", "ol", "ul", "link", "document-link"]


class LinkValue(blocks.StructValue):
    """A link, wherever it leads."""

    @property
    def url(self) -> str:
        """The address to write; empty when the page is gone or not published."""
        page = self.get("page")
        if page is None:
            return str(self.get("address") or "")
        return str(page.url or "") if page.live else ""


def check_address(address: str) -> None:
    """Raise ValidationError unless it is a path of this site, a web address or a mail address."""
    if not address.startswith(("/", "https://", "http://", "mailto:")) or address.startswith("//"):
        raise ValidationError("Begin with / for this site, or with https:// for another.")


class LinkBlock(blocks.StructBlock):
    """A link to a page of the portal, or to an address, with the words to show."""

    label = blocks.CharBlock(max_length=60, help_text="What it leads to, in a word or two.")
    page = blocks.PageChooserBlock(required=False, help_text="A page of the portal…")
    address = blocks.CharBlock(
        required=False,
        max_length=500,
        validators=[check_address],
        help_text="…or an address, such as /events/ or https://www.example.org.",
    )

    def clean(self, value: dict[str, Any]) -> blocks.StructValue:
        cleaned = super().clean(value)
        if bool(cleaned["page"]) == bool(cleaned["address"]):
            problem = ValidationError("Choose a page or write an address: one of the two.")
            raise StructBlockValidationError(block_errors={"page": problem})
        return cleaned

    class Meta:
        icon = "link"
        value_class = LinkValue
        description = "A link to a page or an address"
        preview_value: ClassVar[dict[str, Any]] = {"label": "Events", "page": None, "address": "/events/"}
        preview_template = "pages/blocks/previews/link.html"


class HeadingBlock(blocks.StructBlock):
    """A heading inside a page."""

    text = blocks.CharBlock(max_length=120, label="Heading")
    level = blocks.ChoiceBlock(
        choices=[("h2", "Section"), ("h3", "Part of a section")],
        default="h2",
        label="Kind",
        search_index=False,
    )

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context=parent_context)
        context["anchor"] = slugify(value["text"])
        return context

    class Meta:
        icon = "title"
        group = TEXT
        template = "pages/blocks/heading.html"
        form_classname = "struct-block title"
        description = "A heading; readers can link to it"
        preview_value: ClassVar[dict[str, Any]] = {"text": "What changed because of it", "level": "h2"}


class TextBlock(blocks.RichTextBlock):
    """Running text: paragraphs, lists, links."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"features": RICH_TEXT_FEATURES, **kwargs})

    class Meta:
        icon = "pilcrow"
        group = TEXT
        label = "Text"
        template = "pages/blocks/text.html"
        description = "Paragraphs, lists and links"
        preview_value = (
            "<p>Assessment works when both agencies do it <b>together</b>.</p>"
            "<ul><li>Agree who leads.</li><li>Write down what you disagree on.</li></ul>"
        )


class QuoteBlock(blocks.StructBlock):
    """What somebody said."""

    quote = blocks.TextBlock(max_length=600, rows=3)
    attribution = blocks.CharBlock(
        required=False, max_length=120, help_text="Role and agency, for example: Offender manager, police."
    )

    class Meta:
        icon = "openquote"
        group = TEXT
        template = "pages/blocks/quote.html"
        description = "Somebody's words, set apart"
        preview_value: ClassVar[dict[str, Any]] = {
            "quote": "It was the first time we rated a case in one room.",
            "attribution": "Offender manager, police",
        }


class PictureBlock(blocks.StructBlock):
    """A picture with words for those who do not see it, or marked as decoration."""

    image = ImageBlock()
    caption = blocks.CharBlock(required=False, max_length=250, help_text="Shown below. Name the source.")

    class Meta:
        icon = "image"
        group = PICTURES
        label = "Picture"
        template = "pages/blocks/picture.html"
        description = "A picture, described in words or marked as decoration"
        preview_template = "pages/blocks/previews/picture.html"
        preview_value: ClassVar[dict[str, Any]] = {"image": None, "caption": "Two doors, one room."}


class DocumentBlock(blocks.StructBlock):
    """A file to take away."""

    document = DocumentChooserBlock()
    description = blocks.CharBlock(
        required=False, max_length=250, help_text="What it holds, in one sentence."
    )

    class Meta:
        icon = "doc-full"
        group = PICTURES
        label = "Document"
        template = "pages/blocks/document.html"
        description = "A file to download, with its kind and size"
        preview_template = "pages/blocks/previews/document.html"
        preview_value: ClassVar[dict[str, Any]] = {
            "document": None,
            "description": "What the evaluation asked, how, and what it found.",
        }


def check_video(address: str) -> None:
    """Raise ValidationError unless the address is a video of a provider the site may show."""
    if videos.find(address) is None:
        raise ValidationError(f"Give the address of a video on {videos.names()}.")


class VideoValue(blocks.StructValue):
    """A video of another site."""

    @property
    def video(self) -> videos.Video | None:
        """Where it is watched; nothing where the provider is no longer allowed."""
        return videos.find(str(self.get("address") or ""))


class VideoBlock(blocks.StructBlock):
    """A video of another site. Nothing is loaded from there before the reader asks for it."""

    title = blocks.CharBlock(max_length=120, help_text="What it shows.")
    address = blocks.URLBlock(validators=[check_video], help_text=f"A video on {videos.names()}.")
    transcript = blocks.PageChooserBlock(
        required=False, help_text="A page with everything that is said, for those who cannot hear it."
    )

    class Meta:
        icon = "media"
        group = PICTURES
        label = "Video"
        value_class = VideoValue
        template = "pages/blocks/video.html"
        description = f"A video on {videos.names()}, loaded only when the reader asks for it"
        preview_value: ClassVar[dict[str, Any]] = {
            "title": "How a joint assessment is done",
            "address": "https://vimeo.com/76979871",
            "transcript": None,
        }


class CallToActionBlock(blocks.StructBlock):
    """The one thing to do next."""

    title = blocks.CharBlock(max_length=80)
    text = blocks.TextBlock(required=False, max_length=300, rows=2)
    link = LinkBlock(label="Button")

    class Meta:
        icon = "pick"
        group = EVIDENCE
        label = "Call to action"
        template = "pages/blocks/call_to_action.html"
        description = "A panel with one button. One on a page is enough"
        preview_value: ClassVar[dict[str, Any]] = {
            "title": "Come to a workshop",
            "text": "Open to practitioners from every agency.",
            "link": {"label": "Find an event", "page": None, "address": "/events/"},
        }


class KeyFigureBlock(blocks.StructBlock):
    """One number, what it counts, and where it comes from."""

    value = blocks.CharBlock(max_length=20, label="Number", help_text="For example: 60, or 26,405.")
    of = blocks.CharBlock(
        required=False, max_length=20, label="Of how many", help_text="The denominator, for example: 69."
    )
    label = blocks.CharBlock(max_length=120, label="What it counts")
    source = blocks.CharBlock(max_length=250, help_text="Where it comes from, with its year.")

    class Meta:
        icon = "order"
        description = "One number with its denominator and source"
        template = "pages/blocks/key_figure.html"
        preview_value: ClassVar[dict[str, Any]] = {
            "value": "60",
            "of": "69",
            "label": "answered the questionnaire",
            "source": "Workshops, December 2019 and January 2020",
        }


class KeyFiguresBlock(blocks.StructBlock):
    """Up to four key figures in a row."""

    figures = blocks.ListBlock(KeyFigureBlock(), min_num=1, max_num=4)

    class Meta:
        icon = "table"
        group = EVIDENCE
        label = "Key figures"
        template = "pages/blocks/key_figures.html"
        description = "Up to four numbers, none without its source"
        preview_value: ClassVar[dict[str, Any]] = {
            "figures": [
                {
                    "value": "10",
                    "of": "17",
                    "label": "recommendations carried out",
                    "source": "Evaluation, 2020",
                },
                {"value": "43", "of": "43", "label": "police forces took part", "source": "Evaluation, 2020"},
            ]
        }


class BodyBlock(blocks.StreamBlock):
    """Everything a page of text may hold: `body = StreamField(BodyBlock(), blank=True)`."""

    heading = HeadingBlock()
    text = TextBlock()
    quote = QuoteBlock()
    picture = PictureBlock()
    document = DocumentBlock()
    video = VideoBlock()
    call_to_action = CallToActionBlock()
    key_figures = KeyFiguresBlock()

    class Meta:
        template = "pages/blocks/body.html"
