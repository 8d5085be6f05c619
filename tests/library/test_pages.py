"""The list of findings and the page of one, as readers get them."""

import re
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.documents.models import Document
from wagtail.models import Page, PageViewRestriction

from library.listing import FINDINGS_A_PAGE
from library.models import FindingDocument, FindingOccasion, FindingPage

QUERIES_OF_THE_LIST = 8
QUERIES_OF_A_FINDING = 8


def shown_titles(response):
    """The headings of the list, in their order."""
    cards = re.findall(r'<li class="pp-result">.*?<h3[^>]*><a[^>]*>(.*?)</a>', response.text, re.DOTALL)
    return [card.strip() for card in cards]


def test_list_shows_what_a_visitor_may_read_the_latest_first(client, new_finding):
    new_finding(
        title="Older", published_year=2018, authors="Mann, N.\nLundrigan, S.", summary="What it is about."
    )
    new_finding(title="Newer", published_year=2020)
    new_finding(title="Draft", live=False)
    secret = new_finding(title="Members only")
    PageViewRestriction.objects.create(page=secret, restriction_type=PageViewRestriction.LOGIN)

    response = client.get("/library/")

    assert shown_titles(response) == ["Newer", "Older"]
    assert "Mann, N. and Lundrigan, S." in response.text
    assert "What it is about." in response.text


def test_list_filters_by_kind_and_year_and_offers_to_remove_each(client, new_finding):
    new_finding(title="Right", kind="article", published_year=2018)
    new_finding(title="Wrong year", kind="article", published_year=2019)
    new_finding(title="Wrong kind", kind="report", published_year=2018)

    response = client.get("/library/?kind=article&year=2018")

    assert shown_titles(response) == ["Right"]
    assert re.findall(r'class="pp-chip" href="([^"]*)"', response.text) == ["?year=2018", "?kind=article"]
    assert re.findall(r'value="([^"]*)" checked', response.text) == ["article", "2018"]


def test_list_says_that_nothing_matches_and_leads_on(client, new_finding):
    new_finding(kind="article")

    response = client.get("/library/?kind=report")

    assert shown_titles(response) == []
    assert "No finding matches these filters" in response.text


def test_list_says_that_nothing_is_published_yet(client, library):
    assert "No finding is published yet" in client.get("/library/").text


def test_list_pages_keep_the_filter(client, new_finding):
    for _ in range(FINDINGS_A_PAGE + 1):
        new_finding(kind="article")

    first = client.get("/library/?kind=article")
    [address] = re.findall(r'href="(\?kind=article&amp;after=[^"]*)"', first.text)
    second = client.get("/library/" + address.replace("&amp;", "&"))

    assert len(shown_titles(first)) == FINDINGS_A_PAGE
    assert shown_titles(second) == ["Finding 1"]
    assert "?kind=article&amp;before=" in second.text


def test_list_takes_any_string_in_its_address(client, new_finding, naughty_strings):
    new_finding(title="Still here")

    for string in naughty_strings:
        response = client.get("/library/", dict.fromkeys(["kind", "year", "after", "before"], string))

        assert shown_titles(response) == ["Still here"], string


@pytest.mark.parametrize("number", [1, 3, 200])
def test_list_costs_the_same_queries_however_many_findings(client, new_finding, number):
    for place in range(number):
        new_finding(published_year=1900 + place, authors="Mann, N.")
    client.get("/library/")

    with CaptureQueriesContext(connection) as queries:
        response = client.get("/library/")

    assert len(shown_titles(response)) == min(number, FINDINGS_A_PAGE)
    assert len(queries) == QUERIES_OF_THE_LIST


def test_finding_shows_what_to_read_and_how_to_cite_it(client, new_finding):
    finding = new_finding(
        title="Austerity & protection",
        kind="article",
        authors="Mann, N.\nLundrigan, S.",
        published_year=2018,
        journal="Policing",
        volume="14",
        issue="3",
        pages="630-642",
        doi="10.1093/police/pay047",
        summary="In one sentence.",
    )
    document = Document.objects.create(title="Full text", file=ContentFile(b"x" * 2048, name="full.pdf"))
    FindingDocument.objects.create(finding=finding, document=document, description="84 pages")

    text = " ".join(client.get(finding.url).text.split())

    assert "Finding: journal article" in text
    assert "In one sentence." in text
    assert (
        "Mann, N. and Lundrigan, S. (2018). Austerity &amp; protection. Policing, 14(3), 630–642. "
        "https://doi.org/10.1093/police/pay047"
    ) in text
    assert (
        '<a class="govuk-link" href="https://doi.org/10.1093/police/pay047" rel="external">At the journal</a>'
        in text
    )
    assert f'<a class="govuk-link" href="{document.url}">Full text</a>' in text
    assert "84 pages" in text


def panel(client, finding) -> str:
    """The words of the panel of a finding."""
    [found] = re.findall(r"<aside.*?</aside>", client.get(finding.url).text, re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", found).split())


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            {"kind": "evaluation", "institution": "Example University"},
            (
                "Read it The portal does not hold the report itself. Look for it by the reference, or ask Example "
                "University. Published 2020 Published by Example University Cite this"
            ),
        ),
        (
            {"kind": "article"},
            (
                "Read it The portal does not hold the article itself. Look for it by the reference. Published 2020 "
                "Cite this"
            ),
        ),
        (
            {"kind": "report", "report_url": "https://www.police.example/reports/7?page=1"},
            "Read it The report At police.example Published 2020 Cite this",
        ),
        (
            {
                "kind": "article",
                "institution": "Example University",
                "journal": "Policing",
                "volume": "14",
                "issue": "3",
                "pages": "630-642",
                "doi": "10.1093/police/pay047",
            },
            (
                "Read it At the journal DOI 10.1093/police/pay047 Published 2020 in Policing, 14(3), 630–642 Study by "
                "Example University Cite this"
            ),
        ),
        (
            {"first_published_at": datetime(2027, 1, 14, 9, tzinfo=UTC), "doi": "10.1093/x"},
            (
                "Read it At the publisher DOI 10.1093/x Published 2020 On the portal since Thursday 14 January 2027 "
                "Cite this"
            ),
        ),
    ],
)
def test_panel_says_where_a_finding_can_be_read_and_where_it_comes_from(client, new_finding, fields, words):
    assert panel(client, new_finding(**fields)) == words


def test_report_opens_at_its_publisher(client, new_finding):
    text = client.get(new_finding(report_url="https://www.police.example/reports/7").url).text

    assert '<a class="govuk-link" href="https://www.police.example/reports/7" rel="external">' in text


@pytest.fixture
def other_pages(library) -> dict[str, Page]:
    """Any page can be an event's: findings know no more of them."""
    made = {
        name: library.add_child(
            instance=FindingPage(title=name, slug=name.lower(), published_year=2020, **more)
        )
        for name, more in {"Conference": {}, "Workshop": {}, "Draft": {"live": False}, "Closed": {}}.items()
    }
    PageViewRestriction.objects.create(page=made["Closed"], restriction_type=PageViewRestriction.LOGIN)
    return made


def occasions_in(client, finding) -> list[tuple[str, str]]:
    [found] = re.findall(r"<aside.*?</aside>", client.get(finding.url).text, re.DOTALL)
    return re.findall(
        r'<dd class="govuk-summary-list__value"><a class="govuk-link" href="(.*?)">(.*?)</a>', found
    )


def test_panel_leads_to_the_events_that_the_reader_may_see_in_their_order(
    client, member, new_finding, other_pages
):
    finding = new_finding()
    for place, name in enumerate(["Workshop", "Draft", "Closed", "Conference"]):
        FindingOccasion.objects.create(finding=finding, page=other_pages[name], sort_order=place)
    shown = [("/library/workshop/", "Workshop"), ("/library/conference/", "Conference")]

    assert occasions_in(client, finding) == shown
    assert "Events Workshop Conference" in panel(client, finding)
    client.force_login(member)
    assert occasions_in(client, finding) == [shown[0], ("/library/closed/", "Closed"), shown[1]]


@pytest.mark.parametrize("number", [1, 3])
def test_finding_costs_one_query_more_for_its_events_however_many(client, new_finding, number):
    finding = new_finding()
    for _ in range(number):
        FindingOccasion.objects.create(finding=finding, page=new_finding())
    assert len(occasions_in(client, finding)) == number

    with CaptureQueriesContext(connection) as queries:
        client.get(finding.url)

    assert len(queries) == QUERIES_OF_A_FINDING + 1


def test_preview_of_a_finding_shows_events_that_are_not_saved_yet(rf, new_finding, other_pages):
    finding = new_finding()
    finding.occasions = [FindingOccasion(page=other_pages["Conference"])]

    context = finding.get_context(request_of_visitor(rf, finding))

    assert context["occasions"] == [("Conference", "/library/conference/")]


def test_finding_escapes_what_editors_wrote(client, new_finding, naughty_strings):
    scripts = [string for string in naughty_strings if "<script" in string.lower()]
    assert scripts

    for string in scripts:
        text = client.get(new_finding(title=string[:200], authors=string, institution=string[:200]).url).text

        assert string not in text


@pytest.mark.parametrize("number", [1, 3])
def test_finding_costs_the_same_queries_however_many_documents(client, new_finding, number):
    finding = new_finding()
    for place in range(number):
        document = Document.objects.create(
            title=f"Part {place}", file=ContentFile(b"x", name="part.pdf"), file_size=1
        )
        FindingDocument.objects.create(finding=finding, document=document)
    client.get(finding.url)

    with CaptureQueriesContext(connection) as queries:
        response = client.get(finding.url)

    assert response.text.count("PDF") == number
    assert len(queries) == QUERIES_OF_A_FINDING


def test_preview_of_a_finding_shows_documents_that_are_not_saved_yet(rf, new_finding):
    finding = new_finding()
    document = Document.objects.create(
        title="Draft report", file=ContentFile(b"x", name="draft.pdf"), file_size=1
    )
    finding.documents = [FindingDocument(document=document)]

    context = finding.get_context(request_of_visitor(rf, finding))

    assert [entry.document.title for entry in context["documents"]] == ["Draft report"]


def request_of_visitor(rf, page):
    request = rf.get(page.url)
    request.user = AnonymousUser()
    return request
