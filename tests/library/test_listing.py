"""What is read from the address of the list of findings, and written back to it."""

import pytest
from django.http import QueryDict

from library.listing import Asked, Key

KINDS = ["evaluation", "report"]


def test_read_takes_known_kinds_years_and_a_key():
    asked = Asked.read(QueryDict("kind=report&kind=evaluation&year=2020&year=2018&after=2018-7"), KINDS)

    assert asked == Asked(kinds=("report", "evaluation"), years=(2020, 2018), after=Key(2018, 7))


@pytest.mark.parametrize(
    "query",
    [
        "kind=nonsense&year=twenty&after=&before=",
        "kind=&year=&after=2018",
        "year=20180&after=2018-7x&before=-1",
        "year=-201&after=2018-%00&before=٢٠١٨-٧",
        "after=2018-99999999999999999999",  # no database holds such a number
    ],
)
def test_read_leaves_aside_what_makes_no_sense(query):
    assert Asked.read(QueryDict(query), KINDS) == Asked()


def test_read_takes_the_same_filter_once():
    assert Asked.read(QueryDict("kind=report&kind=report&year=2020&year=2020"), KINDS) == Asked(
        kinds=("report",), years=(2020,)
    )


def test_read_follows_only_one_of_two_keys():
    assert Asked.read(QueryDict("after=2018-7&before=2020-1"), KINDS) == Asked(after=Key(2018, 7))


def test_address_keeps_the_filters_and_adds_the_key():
    asked = Asked(kinds=("report",), years=(2020,), after=Key(2018, 7))

    assert asked.address(before=Key(2019, 3)) == "?kind=report&year=2020&before=2019-3"


def test_without_drops_one_filter_and_the_key():
    asked = Asked(kinds=("report", "evaluation"), years=(2020,), after=Key(2018, 7))

    assert asked.without(kind="report") == "?kind=evaluation&year=2020"
    assert asked.without(year=2020) == "?kind=report&kind=evaluation"
    assert Asked(years=(2020,)).without(year=2020) == "."
