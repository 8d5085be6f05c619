"""Findings: who may read them, in which order, a page at a time."""

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from wagtail.models import PageViewRestriction

from library.listing import FINDINGS_A_PAGE, Asked, Key
from library.models import FindingPage

VISITOR = AnonymousUser()


def titles(findings):
    return [finding.title for finding in findings]


def test_visible_to_leaves_out_drafts(new_finding, member):
    new_finding(title="Published")
    new_finding(title="Draft", live=False)

    assert titles(FindingPage.objects.visible_to(VISITOR)) == ["Published"]
    assert titles(FindingPage.objects.visible_to(member)) == ["Published"]


def test_visible_to_follows_privacy_settings_on_the_page_or_above_it(
    new_finding, library, member, other_member
):
    readers = Group.objects.create(name="Readers")
    member.groups.add(readers)
    new_finding(title="Open")
    for title, kind in [
        ("Login", PageViewRestriction.LOGIN),
        ("Group", PageViewRestriction.GROUPS),
        ("Word", PageViewRestriction.PASSWORD),
    ]:
        restriction = PageViewRestriction.objects.create(
            page=new_finding(title=title), restriction_type=kind, password="x"
        )
        if kind == PageViewRestriction.GROUPS:
            restriction.groups.add(readers)
    visible = FindingPage.objects.order_by("path").visible_to

    assert titles(visible(VISITOR)) == ["Open"]
    assert titles(visible(member)) == ["Open", "Login", "Group"]
    assert titles(visible(other_member)) == ["Open", "Login"]

    PageViewRestriction.objects.create(page=library, restriction_type=PageViewRestriction.LOGIN)

    assert titles(visible(VISITOR)) == []
    assert titles(visible(other_member)) == ["Open", "Login"]


def test_latest_first_sorts_by_year_and_then_by_the_order_of_writing(new_finding):
    for title, year in [("a", 2018), ("b", 2020), ("c", 2018), ("d", 2019)]:
        new_finding(title=title, published_year=year)

    assert titles(FindingPage.objects.latest_first()) == ["b", "d", "c", "a"]


def test_years_are_listed_once_the_latest_first(new_finding):
    for year in (2018, 2020, 2018):
        new_finding(published_year=year)

    assert FindingPage.objects.all().years() == [2020, 2018]


def test_matching_takes_any_of_the_kinds_and_any_of_the_years(new_finding):
    new_finding(title="a", kind="article", published_year=2018)
    new_finding(title="b", kind="report", published_year=2018)
    new_finding(title="c", kind="article", published_year=2020)

    def found(**asked):
        return titles(FindingPage.objects.matching(Asked(**asked)).latest_first())

    assert found() == ["c", "b", "a"]
    assert found(kinds=("article",)) == ["c", "a"]
    assert found(kinds=("article", "report"), years=(2018,)) == ["b", "a"]
    assert found(kinds=("report",), years=(2020,)) == []


def test_one_page_leads_through_the_whole_list_and_back(new_finding):
    number = 2 * FINDINGS_A_PAGE + 5
    for place in range(number):
        new_finding(published_year=2000 + place // 7)  # several a year: the key is more than the year
    everything = titles(FindingPage.objects.latest_first())

    forward, earlier = [], Asked()
    steps = []
    while earlier is not None:
        shown, newer, older = FindingPage.objects.all().one_page(earlier)
        forward.append(titles(shown))
        steps.append(newer)
        earlier = Asked(after=older) if older else None

    assert [title for page in forward for title in page] == everything
    assert [len(page) for page in forward] == [FINDINGS_A_PAGE, FINDINGS_A_PAGE, 5]
    assert steps[0] is None

    shown, newer, older = FindingPage.objects.all().one_page(Asked(before=steps[2]))
    assert titles(shown) == forward[1]
    assert older == shown[-1].key
    shown, newer, older = FindingPage.objects.all().one_page(Asked(before=newer))
    assert titles(shown) == forward[0]
    assert newer is None


@pytest.mark.parametrize("count", [0, 1, FINDINGS_A_PAGE])
def test_one_page_of_a_short_list_leads_nowhere(new_finding, count):
    for _ in range(count):
        new_finding()

    shown, newer, older = FindingPage.objects.all().one_page(Asked())

    assert (len(shown), newer, older) == (count, None, None)


def test_one_page_past_the_end_is_empty(new_finding):
    new_finding()

    assert FindingPage.objects.all().one_page(Asked(after=Key(1900, 1))) == ([], None, None)


def test_author_names_are_one_a_line(new_finding):
    finding = new_finding(authors="Mann, N.\r\n\n  Lundrigan, S.  \n")

    assert finding.author_names == ["Mann, N.", "Lundrigan, S."]


@pytest.mark.parametrize("fields", [{"kind": "rumour"}, {"published_year": 20}, {"published_year": 20200}])
def test_database_refuses_unknown_kinds_and_impossible_years(new_finding, fields):
    finding = new_finding()

    with pytest.raises(IntegrityError), transaction.atomic():
        FindingPage.objects.filter(pk=finding.pk).update(**fields)


@pytest.mark.parametrize(
    "doi", ["https://doi.org/10.1093/police/pay047", "10.1093", "doi:10.1093/x", "10.1093/a b"]
)
def test_clean_refuses_what_is_no_doi(new_finding, doi):
    finding = new_finding()
    finding.doi = doi

    with pytest.raises(ValidationError) as refused:
        finding.full_clean()

    assert refused.value.message_dict == {"doi": ["Write the DOI alone, like 10.1093/police/pay047."]}
