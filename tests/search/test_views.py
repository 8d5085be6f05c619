"""The search page."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from search.views import RESULTS_A_PAGE

SEARCH = "/search/"


def search_for(client, query, **parts):
    return client.get(SEARCH, {"q": query, **parts})


def results(response):
    """Title, kind and snippet of each result, as HTML."""
    return re.findall(
        r'<li class="pp-result">\s*<p class="pp-result__kind"><span>(.*?)</span>.*?<h2><a[^>]*>(.*?)</a></h2>',
        response.text,
        re.DOTALL,
    )


def count_shown(response):
    return re.findall(r'role="status"><strong>(.*?)</strong>', response.text)


def box(response):
    """What stands in the search box of the page, as HTML."""
    [shown] = re.findall(r'id="q" name="q" type="search" value="([^"]*)"', response.text)
    return shown


def test_search_has_one_address():
    assert reverse("search:search") == SEARCH


def test_search_shows_visitors_kind_date_title_and_snippet(client, new_event, new_finding):
    event = new_event(title="Rating hard factors", kind="workshop", summary="How rating is learned.")
    new_finding(title="On assessment", published_year=2019, kind="report", summary="Where rating goes wrong.")

    response = search_for(client, "rating")

    assert sorted(results(response)) == [
        ("Report", "On assessment"),
        ("Workshop", "<mark>Rating</mark> hard factors"),
    ]
    assert "How <mark>rating</mark> is learned." in response.text
    assert f'<span class="pp-quiet">{event.when}</span>' in response.text
    assert '<span class="pp-quiet">2019</span>' in response.text
    assert count_shown(response) == ["2 results"]
    assert box(response) == "rating"


def test_search_without_words_invites_and_shows_no_count(client, new_finding):
    new_finding(title="Anything")

    for response in (client.get(SEARCH), search_for(client, ""), search_for(client, "  \t ")):
        assert count_shown(response) == []
        assert "Write one or more words." in response.text


def test_search_that_finds_nothing_leads_on(client, new_finding):
    new_finding(title="Anything")

    response = search_for(client, "unheard")

    assert count_shown(response) == ["0 results"]
    assert "Nothing here holds all of these words." in response.text
    assert re.findall(r'<a class="govuk-link" href="(/events/|/library/)">', response.text) == [
        "/events/",
        "/library/",
    ]


def test_search_keeps_a_query_that_is_too_long_and_says_so(client, new_finding):
    new_finding(title="Anything")
    query = "anything " * 30

    response = search_for(client, query)

    assert box(response) == query.strip()
    assert (
        "Your search has 269 characters. Use 200 or fewer. What you typed is still in the box."
        in response.text
    )
    assert count_shown(response) == []


def test_search_pages_through_the_results(client, new_finding):
    for place in range(RESULTS_A_PAGE + 1):
        new_finding(title=f"Number {place}")

    first = search_for(client, "number")
    second = search_for(client, "number", page=2)
    beyond = search_for(client, "number", page=3)

    assert (len(results(first)), len(results(second)), len(results(beyond))) == (RESULTS_A_PAGE, 1, 0)
    assert (
        '<a class="govuk-link govuk-pagination__link" href="/search/?q=number&amp;page=2" rel="next">'
        in first.text
    )
    assert '<a class="govuk-link govuk-pagination__link" href="/search/?q=number" rel="prev">' in second.text
    assert "There are no more results" in beyond.text
    assert '<a class="govuk-link" href="/search/?q=number">The first results</a>' in beyond.text


@pytest.mark.parametrize("page", ["0", "-1", "x", "", "1.5", "9" * 40, "\x00", "٢"])
def test_search_takes_a_page_that_is_none_for_the_first(client, new_finding, page):
    new_finding(title="Number")

    response = search_for(client, "number", page=page)

    assert len(results(response)) == 1


def test_search_escapes_titles_snippets_and_the_query(client, new_finding):
    new_finding(title="<script>alert(1)</script> rating", summary='<img src=x onerror="alert(2)"> rating')

    response = search_for(client, '"><script>alert(3)</script> rating')

    assert "<script>alert" not in response.text
    assert "<img src=x" not in response.text
    assert box(response) == "&quot;&gt;&lt;script&gt;alert(3)&lt;/script&gt; rating"

    found = search_for(client, "rating")

    assert results(found) == [("Report", "&lt;script&gt;alert(1)&lt;/script&gt; <mark>rating</mark>")]
    assert "&lt;img src=x onerror=&quot;alert(2)&quot;&gt; <mark>rating</mark>" in found.text


def test_search_says_when_there_are_too_many_to_rank(client, new_finding, monkeypatch):
    monkeypatch.setattr("search.database.RANKED_AT_MOST", 1)
    new_finding(title="Number one")
    new_finding(title="Number two")

    response = search_for(client, "number")

    assert "so the newest come first. Add a word to narrow them down." in response.text
    assert len(results(response)) == 2


def test_search_answers_any_string(client, new_finding, naughty_strings):
    new_finding(title="Still here")

    for string in naughty_strings:
        response = search_for(client, string)

        assert response.status_code == 200, string
        assert (
            len(count_shown(response))
            + ("Write one or more words." in response.text)
            + ("Use 200 or fewer" in response.text)
            == 1
        ), string


@pytest.mark.parametrize(
    "operator", ['"', "'", "*", "NEAR(a b)", "a OR", "NOT", "a AND", "{title}: a", "-a", "^a", ":*"]
)
def test_search_gives_the_databases_operators_no_meaning(client, new_finding, operator):
    new_finding(title="A near not and or title")

    assert search_for(client, operator).status_code == 200


def test_search_ignores_what_is_not_asked_with_get(client, site_tree):
    assert client.post(SEARCH, {"q": "x"}).status_code == 405


@pytest.mark.parametrize("number", [1, 3, 200])
def test_search_costs_the_same_queries_however_many_results(client, new_event, new_finding, new_page, number):
    for place in range(number):
        new_event(title=f"Rating {place}")
        new_finding(title=f"Rating {place} again")
        new_page(title=f"How rating {place} is done")
    search_for(client, "rating")

    with CaptureQueriesContext(connection) as queries:
        response = search_for(client, "rating")

    assert count_shown(response) == [f"{3 * number} results"]
    assert len(queries) <= QUERIES


# The frame, then what `find` asks; fewer where a page of results happens to hold one kind only.
QUERIES = 9
