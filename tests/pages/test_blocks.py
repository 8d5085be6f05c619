"""What editors build pages from: what is written, what is refused, what the picker shows."""

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.urls import reverse
from wagtail.blocks.struct_block import StructBlockValidationError
from wagtail.models import Page

from pages import blocks

BODY = blocks.BodyBlock()


def drawn(block, value) -> str:
    return block.render(block.to_python(value))


def problems(block, value) -> set[str]:
    """The parts of the block that its editor has to look at again."""
    with pytest.raises(StructBlockValidationError) as caught:
        block.clean(block.to_python(value))
    return set(caught.value.block_errors)


def link(**parts) -> dict:
    return {"label": "Events", "page": None, "address": ""} | parts


@pytest.mark.parametrize(
    "address",
    ["/events/", "https://www.example.org/?a=b", "http://example.org", "mailto:portal@portal.example"],
)
def test_link_may_lead_to_an_address(address):
    block = blocks.LinkBlock()

    assert block.clean(block.to_python(link(address=address))).url == address


@pytest.mark.parametrize(
    "address", ["events", "javascript:alert(1)", "//example.org", "data:text/html,x", "ftp://example.org"]
)
def test_link_refuses_what_is_no_address(address):
    assert problems(blocks.LinkBlock(), link(address=address)) == {"address"}


def test_link_leads_to_one_place_only(site_tree):
    block = blocks.LinkBlock()

    assert problems(block, link()) == {"page"}
    assert problems(block, link(page=site_tree.pk, address="/events/")) == {"page"}


def test_link_to_a_page_follows_it_and_ends_with_it(site_tree):
    contact = Page.objects.get(slug="contact")
    block = blocks.LinkBlock()

    assert block.to_python(link(page=contact.pk)).url == "/contact/"

    contact.unpublish()
    assert block.to_python(link(page=contact.pk)).url == ""

    contact.delete()
    assert block.to_python(link(page=contact.pk)).url == ""


@pytest.mark.parametrize(("level", "tag"), [("h2", "h2"), ("h3", "h3")])
def test_heading_can_be_linked_to(read, level, tag):
    html = read(drawn(blocks.HeadingBlock(), {"text": "What we <learned>", "level": level}))

    heading = html.find(tag)
    assert (heading["id"], heading.get_text()) == ("what-we-learned", "What we <learned>")


def test_text_is_set_as_prose(read):
    html = read(drawn(blocks.TextBlock(), "<p>One <b>two</b></p>"))

    assert [str(child) for child in html.select_one("div.pp-prose").find_all("p")] == [
        "<p>One <b>two</b></p>"
    ]


def test_quote_names_who_said_it(read):
    html = read(drawn(blocks.QuoteBlock(), {"quote": "One <b>.\nTwo.", "attribution": "Officer, police"}))

    assert html.select_one("blockquote").decode_contents() == "One &lt;b&gt;.<br/>Two."
    assert html.select_one("figcaption").get_text() == "Officer, police"


def test_picture_needs_words_or_to_be_decoration(picture):
    block = blocks.PictureBlock()

    def with_image(**parts):
        return {"image": {"image": picture.pk, "alt_text": "", "decorative": False} | parts, "caption": ""}

    assert problems(block, with_image()) == {"image"}
    assert block.clean(block.to_python(with_image(alt_text="Two doors"))) is not None
    assert block.clean(block.to_python(with_image(decorative=True))) is not None


@pytest.mark.parametrize(
    ("parts", "alt"),
    [
        ({"alt_text": "Two doors", "decorative": False}, "Two doors"),
        ({"alt_text": "Left over", "decorative": True}, ""),
    ],
)
def test_picture_is_drawn_in_sizes_with_its_words(read, picture, parts, alt):
    value = {"image": {"image": picture.pk} | parts, "caption": "Own picture, 2026"}

    html = read(drawn(blocks.PictureBlock(), value))

    image = html.select_one("figure.pp-picture img")
    assert image["alt"] == alt
    assert (image["width"], image["height"]) == ("480", "270")
    assert [size.split()[-1] for size in image["srcset"].split(", ")] == ["480w", "960w"]
    assert html.select_one("figcaption").get_text() == "Own picture, 2026"


def test_picture_costs_one_query_however_many_sizes(picture, django_assert_num_queries):
    block = blocks.PictureBlock()
    value = block.to_python(
        {"image": {"image": picture.pk, "alt_text": "x", "decorative": False}, "caption": ""}
    )
    cache.clear()

    with django_assert_num_queries(1):
        block.render(value)


def test_document_says_its_kind_and_size(read, document):
    html = read(drawn(blocks.DocumentBlock(), {"document": document.pk, "description": "All of it."}))

    assert html.select_one("a")["href"] == document.url
    assert " ".join(html.get_text().split()) == "Final report (PDF, 2.0\xa0KB) All of it.".replace(
        "\xa0", " "
    )


def test_video_loads_nothing_by_itself(read, site_tree):
    html = read(
        drawn(
            blocks.VideoBlock(),
            {
                "title": "How <it> is done",
                "address": "https://youtu.be/dQw4w9WgXcQ",
                "transcript": Page.objects.get(slug="contact").pk,
            },
        )
    )

    assert html.select("iframe, img, script") == []
    video = html.select_one("[data-module=pp-video]")
    assert video["data-player"] == "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"
    assert video["data-title"] == "How <it> is done"
    assert html.select_one("button").has_attr("hidden")
    assert [item["href"] for item in html.select("a")] == ["https://youtu.be/dQw4w9WgXcQ", "/contact/"]


def test_video_of_another_site_is_refused():
    value = {"title": "x", "address": "https://example.org/film.mp4", "transcript": None}

    assert problems(blocks.VideoBlock(), value) == {"address"}


def test_video_of_a_provider_no_longer_allowed_is_not_drawn(read):
    html = drawn(blocks.VideoBlock(), {"title": "x", "address": "https://example.org/v", "transcript": None})

    assert html.strip() == ""


def test_call_to_action_has_one_button(read):
    value = {"title": "Come", "text": "All may.", "link": link(address="/events/")}

    html = read(drawn(blocks.CallToActionBlock(), value))

    assert [(item["href"], item.get_text()) for item in html.select("a.govuk-button")] == [
        ("/events/", "Events")
    ]


@pytest.mark.parametrize(
    ("of", "shown"),
    [("69", "60 of 69"), ("", "60")],
)
def test_key_figure_is_number_meaning_and_source_in_that_order(read, of, shown):
    value = {"value": "60", "of": of, "label": "answered", "source": "Workshops, 2020"}

    html = read(drawn(blocks.KeyFiguresBlock(), {"figures": [value]}))

    figure = html.select_one("dl.pp-figures > .pp-figure")
    assert figure.select_one("dt").get_text() == "answered"
    assert [item.get_text() for item in figure.select("dd")] == [shown, "Workshops, 2020"]


def test_key_figure_without_a_source_is_refused():
    value = {"value": "60", "of": "", "label": "answered", "source": ""}

    assert problems(blocks.KeyFigureBlock(), value) == {"source"}


def test_key_figures_are_four_at_most():
    figure = {"value": "1", "of": "", "label": "x", "source": "y"}
    block = blocks.KeyFiguresBlock()

    assert block.clean(block.to_python({"figures": [figure] * 4})) is not None
    assert problems(block, {"figures": [figure] * 5}) == {"figures"}
    assert problems(block, {"figures": []}) == {"figures"}


def test_body_draws_its_blocks_in_order(read):
    html = read(
        BODY.render(
            BODY.to_python(
                [
                    {"type": "heading", "value": {"text": "First", "level": "h2"}},
                    {"type": "text", "value": "<p>Second</p>"},
                    {"type": "heading", "value": {"text": "Third", "level": "h3"}},
                ]
            )
        )
    )

    assert [item.get_text() for item in html.select("h2, p, h3")] == ["First", "Second", "Third"]


@pytest.mark.parametrize("name", BODY.child_blocks)
def test_every_block_has_icon_description_group_and_template(name):
    meta = BODY.child_blocks[name].meta

    assert meta.icon not in {"", "placeholder"}
    assert meta.description.endswith(".") is False
    assert meta.group in {blocks.TEXT, blocks.PICTURES, blocks.EVIDENCE}
    assert meta.template == f"pages/blocks/{name}.html"


@pytest.mark.parametrize("block", [*BODY.child_blocks.values(), blocks.LinkBlock(), blocks.KeyFigureBlock()])
def test_every_block_is_previewed_in_our_look(admin_client, read, block):
    answer = admin_client.get(reverse("wagtailadmin_block_preview"), {"id": block.definition_prefix})

    html = read(answer)
    assert block.is_previewable
    assert [item["href"] for item in html.select("link[rel=stylesheet]")] == ["/static/portal/portal.css"]
    assert html.select_one("main").get_text().strip() != ""


def test_address_of_a_link_is_checked_by_name():
    with pytest.raises(ValidationError, match="Begin with / for this site"):
        blocks.check_address("www.example.org")
