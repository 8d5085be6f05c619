"""The demo's front page and standing pages."""

import json
import re

from wagtail.fields import StreamField

from home import demo
from home.models import HomePage, StandardPage


def content():
    home = HomePage.objects.get()
    return [
        (home.latest_revision_id, home.searches_to_try, json.dumps(home.figures.get_prep_value())),
        *[(page.slug, page.latest_revision_id) for page in StandardPage.objects.order_by("pk")],
    ]


def test_load_fills_front_page_and_standing_pages(client, site_tree, now):
    demo.load(now)

    text = " ".join(client.get("/").text.split())
    assert "10 <small>of 17</small>" in text
    assert "26,405" in text
    assert [page.slug for page in StandardPage.objects.all() if not page.body] == []


def test_load_again_changes_nothing(site_tree, now):
    demo.load(now)
    before = content()

    demo.load(now)

    assert content() == before


def test_load_keeps_an_editors_figures(site_tree, now):
    site_tree.figures = json.dumps([{"type": "figure", "value": {**demo.FIGURES[0], "value": "11"}}])
    site_tree.save_revision().publish()

    demo.load(now)

    assert [figure.value["value"] for figure in HomePage.objects.get().figures] == ["11"]


def test_every_figure_of_the_demo_names_its_source():
    assert [
        figure["label"] for figure in demo.FIGURES if not re.search(r"\b(19|20)\d\d\b", figure["source"])
    ] == []


def test_load_writes_only_what_an_editor_could_save(site_tree, now):
    demo.load(now)

    for page in [HomePage.objects.get(), *StandardPage.objects.all()]:
        page.full_clean()
        for field in page._meta.get_fields():
            if isinstance(field, StreamField):
                field.stream_block.clean(getattr(page, field.name))  # raises ValidationError
