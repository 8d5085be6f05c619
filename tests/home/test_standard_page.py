"""A page of text, as its readers get it."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from home.models import SECTIONS_OF_A_LONG_PAGE, StandardPage

QUERIES = 4


def heading(text):
    return {"type": "heading", "value": {"text": text, "level": "h2"}}


def text(html):
    return {"type": "text", "value": html}


@pytest.fixture
def write(site_tree):
    def publish(*blocks):
        page = StandardPage(title="A page", slug="a-page", summary="In short.", body=json.dumps(blocks))
        return site_tree.add_child(instance=page)

    return publish


def test_visitor_reads_title_summary_and_text(client, write):
    page = write(heading("First"), text("<p>In <b>our</b> words.</p>"))

    shown = " ".join(client.get(page.url).text.split())

    assert '<h1 class="govuk-heading-l">A page</h1>' in shown
    assert '<p class="pp-lead">In short.</p>' in shown
    assert '<h2 class="govuk-heading-l" id="first">First</h2>' in shown
    assert "<p>In <b>our</b> words.</p>" in shown
    assert "On this page" not in shown


def test_long_page_begins_with_links_to_its_sections(client, write):
    page = write(*[heading(f"Section {number}") for number in range(SECTIONS_OF_A_LONG_PAGE)])

    shown = client.get(page.url).text

    assert shown.index("On this page") < shown.index('id="section-0"')
    for number in range(SECTIONS_OF_A_LONG_PAGE):
        assert f'<a class="govuk-link" href="#section-{number}">Section {number}</a>' in shown
        assert f'id="section-{number}"' in shown


@pytest.mark.parametrize("number", [1, 3, 30])
def test_page_costs_the_same_queries_however_long(client, write, number):
    page = write(*[heading("Section"), text("<p>Words.</p>")] * number)
    client.get(page.url)

    with CaptureQueriesContext(connection) as queries:
        client.get(page.url)

    assert len(queries) == QUERIES


def test_address_of_a_page_that_is_not_published_is_not_found(client, write):
    page = write(text("<p>Secret.</p>"))
    page.unpublish()

    response = client.get("/a-page/")

    assert response.status_code == 404
    assert "Secret" not in response.text
