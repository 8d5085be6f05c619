"""The embedded engine finds what a reader may read, and costs the same however much it finds."""

import json

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import PageViewRestriction

from search import database
from search.database import find

VISITOR = AnonymousUser()


def found_titles(words, reader=VISITOR, start=0, count=50):
    return [document.title for document in find(words, reader, start=start, count=count).documents]


def test_find_looks_through_events_findings_and_pages(new_event, new_finding, new_page):
    new_event(title="Workshop on rating")
    new_finding(title="A finding on rating")
    new_page(title="How rating is done")

    assert sorted(found_titles(["rating"])) == [
        "A finding on rating",
        "How rating is done",
        "Workshop on rating",
    ]


def test_find_says_what_each_result_is(new_event, new_finding, new_page, now):
    event = new_event(title="Rating together", summary="Bring a case.", kind="refresher", place="Midlands")
    finding = new_finding(
        title="Rating apart",
        kind="report",
        published_year=2019,
        authors="Mann, N.\nLundrigan, S.",
        institution="A University",
    )
    page = new_page(
        title="Rating", body=json.dumps([{"type": "text", "value": "<p>In <b>plain</b> words.</p>"}])
    )

    documents = {
        document.title: document for document in find(["rating"], VISITOR, start=0, count=9).documents
    }

    assert (documents["Rating together"].kind, documents["Rating together"].date) == ("Refresher", event.when)
    assert documents["Rating together"].url == event.url
    assert documents["Rating together"].text == "Bring a case."
    assert documents["Rating together"].about == event.where
    assert (documents["Rating apart"].kind, documents["Rating apart"].date) == ("Report", "2019")
    assert documents["Rating apart"].url == finding.url
    assert documents["Rating apart"].text == ""
    assert documents["Rating apart"].about == "Mann, N. and Lundrigan, S., A University"
    assert (documents["Rating"].kind, documents["Rating"].date) == ("Page", "")
    assert documents["Rating"].url == page.url
    assert documents["Rating"].text == "In plain words."


def test_find_needs_every_word_wherever_it_stands(new_finding):
    new_finding(title="Both", summary="emotional", authors="congruence")
    new_finding(title="One", summary="emotional")

    assert found_titles(["emotional", "congruence"]) == ["Both"]
    assert found_titles(["Emotional"]) == ["Both", "One"] or sorted(found_titles(["Emotional"])) == [
        "Both",
        "One",
    ]


def test_find_puts_a_word_in_the_title_above_one_in_the_text(new_finding):
    long_text = "filler " * 200
    new_finding(title="Something else", summary=f"assessment {long_text}"[:400])
    new_finding(title="Assessment")

    assert found_titles(["assessment"]) == ["Assessment", "Something else"]


def test_find_nothing_without_words(new_finding):
    new_finding(title="Anything")

    assert find([], VISITOR, start=0, count=9) == database.Found(0, [])


def test_find_leaves_out_what_the_reader_may_not_read(new_event, new_finding, new_page, member):
    pages = [
        new(title=f"secret {kind} {place}")
        for place, new in enumerate([new_event, new_finding, new_page])
        for kind in ("draft", "login", "password")
    ]
    for page in pages:
        if "draft" in page.title:
            page.unpublish()
        else:
            kind = PageViewRestriction.LOGIN if "login" in page.title else PageViewRestriction.PASSWORD
            PageViewRestriction.objects.create(page=page, restriction_type=kind, password="x")

    assert find(["secret"], VISITOR, start=0, count=9) == database.Found(0, [])
    assert find(["secret"], member, start=0, count=9).total == 3
    assert sorted(found_titles(["secret"], member)) == ["secret login 0", "secret login 1", "secret login 2"]


def test_find_leaves_out_the_front_page(site_tree, new_page):
    from wagtail.search import index

    site_tree.title = "Lighthouse"
    site_tree.save()
    index.insert_or_update_object(site_tree)
    new_page(title="Lighthouse keepers")

    assert found_titles(["lighthouse"]) == ["Lighthouse keepers"]


def test_find_gives_one_page_at_a_time_and_counts_all(new_finding):
    for place in range(5):
        new_finding(title=f"Finding number {place}")

    pages = [found_titles(["number"], start=start, count=2) for start in (0, 2, 4, 6)]

    assert [len(page) for page in pages] == [2, 2, 1, 0]
    assert len({title for page in pages for title in page}) == 5
    assert find(["number"], VISITOR, start=6, count=2).total == 5


def test_find_puts_the_newest_first_where_there_are_too_many_to_rank(new_finding, monkeypatch, now):
    monkeypatch.setattr(database, "RANKED_AT_MOST", 1)
    old = new_finding(title="number", first_published_at=now)
    new = new_finding(title="number and many other words", first_published_at=now.replace(year=2028))

    found = find(["number"], VISITOR, start=0, count=9)

    assert (found.total, found.is_ranked) == (2, False)
    assert [document.url for document in found.documents] == [new.url, old.url]


@pytest.mark.parametrize("number", [1, 3, 200])
def test_find_costs_the_same_queries_however_much_it_finds(new_event, new_finding, new_page, number):
    for place in range(number):
        new_event(title=f"Rating {place}")
        new_finding(title=f"Rating {place} again")
        new_page(title=f"How rating {place} is done")
    find(["rating"], VISITOR, start=0, count=600)

    with CaptureQueriesContext(connection) as queries:
        found = find(["rating"], VISITOR, start=0, count=600)

    assert (found.total, len(found.documents)) == (3 * number, 3 * number)
    # How many there are, which come first, then events, findings, pages and pages in full.
    assert len(queries) == 6
