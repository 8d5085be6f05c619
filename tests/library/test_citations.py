"""A finding is cited in one plain style."""

import pytest

from library.citations import Reference, authors_in_words, cite, doi_url


def test_cite_names_an_article_with_journal_volume_issue_pages_and_address():
    reference = Reference(
        title="Policing in a Time of Austerity",
        year=2018,
        authors=["Mann, N.", "Devendran, P.", "Lundrigan, S."],
        institution="Anglia Ruskin University",
        journal="Policing",
        volume="14",
        issue="3",
        pages="630-642",
        doi="10.1093/police/pay047",
    )

    assert cite(reference) == (
        "Mann, N., Devendran, P. and Lundrigan, S. (2018). Policing in a Time of Austerity. "
        "Policing, 14(3), 630–642. https://doi.org/10.1093/police/pay047"
    )


def test_cite_names_the_institution_of_a_report_without_a_journal():
    reference = Reference(
        title="A National Evaluation: Final report",
        year=2020,
        authors=["Mann, N."],
        institution="A University",
    )

    assert cite(reference) == "Mann, N. (2020). A National Evaluation: Final report. A University."


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({}, "(2020). A title."),
        ({"title": "Does it work?"}, "(2020). Does it work?"),
        ({"journal": "J", "volume": "2"}, "(2020). A title. J, 2."),
        ({"journal": "J", "issue": "7"}, "(2020). A title. J, (7)."),
        ({"journal": "J", "pages": "e12"}, "(2020). A title. J, e12."),
        ({"volume": "2", "pages": "1-18"}, "(2020). A title."),  # in print means in a journal
        ({"doi": "10.1000/x"}, "(2020). A title. https://doi.org/10.1000/x"),
    ],
)
def test_cite_leaves_out_what_is_not_known(parts, expected):
    assert cite(Reference(**({"title": "A title", "year": 2020} | parts))) == expected


@pytest.mark.parametrize(
    ("authors", "expected"),
    [
        ([], ""),
        (["A, B."], "A, B."),
        (["A, B.", "C, D."], "A, B. and C, D."),
        (["A, B.", "C, D.", "E, F."], "A, B., C, D. and E, F."),
    ],
)
def test_authors_in_words_joins_the_last_with_and(authors, expected):
    assert authors_in_words(authors) == expected


def test_doi_url_of_no_doi_is_empty():
    assert doi_url("") == ""
