"""Finding pages by their addresses."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import Page, Site

from home.models import StandardPage

pytestmark = pytest.mark.django_db


@pytest.fixture
def front_page(site_tree):
    return Site.objects.get(is_default_site=True).root_page


def add(parent: Page, slug: str, **fields) -> Page:
    return parent.add_child(instance=StandardPage(title=slug.title(), slug=slug, **fields))


@pytest.mark.parametrize(
    ("path", "answers"),
    [
        ("/", 200),
        ("/standing/", 200),
        ("/standing/below/", 200),
        ("/below/", 404),  # its slug, but not its place
        ("/standing/standing/", 404),
        ("/draft/", 404),
        ("/nothing/", 404),
    ],
)
def test_serve_answers_for_published_pages_at_their_own_address_only(client, front_page, path, answers):
    standing = add(front_page, "standing")
    add(standing, "below")
    add(front_page, "draft", live=False)

    assert client.get(path).status_code == answers


def test_serve_asks_as_often_however_deep_a_page_is(client, front_page):
    shallow = add(add(front_page, "standing"), "below")
    deep = add(add(shallow, "lower"), "lowest")
    client.get(shallow.url)

    asked = []
    for page in (shallow, deep):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page.url).status_code == 200
        asked.append(len(queries))

    assert asked[0] == asked[1]


def test_serve_leaves_addresses_below_a_page_to_the_page(client, front_page, monkeypatch):
    page = add(front_page, "standing")
    monkeypatch.setattr(
        StandardPage, "route", lambda self, request, components: Page.route(self, request, [])
    )

    assert client.get(f"{page.url}2026/").context["page"] == page
