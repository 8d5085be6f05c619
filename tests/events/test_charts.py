"""The geometry of charts."""

import pytest

from events import charts
from events.charts import Segment


@pytest.mark.parametrize(
    ("values", "longest", "expected"),
    [
        ((3, 1), 4, [Segment("0%", "75%", series=1), Segment("75%", "25%", series=2)]),
        ((0, 2), 4, [Segment("0%", "50%", series=2)]),
        ((1, 0), 3, [Segment("0%", "33.333%", series=1)]),
        ((0, 0), 4, []),
        ((0, 0), 0, []),
    ],
)
def test_bar_lays_its_values_end_to_end(values, longest, expected):
    assert charts.bar(values, longest) == expected


def test_columns_stand_side_by_side_on_the_ground():
    assert charts.columns([10, 0, 5, 1], height=100) == [
        Segment("2.5%", "20%", y=0, height=100),
        Segment("52.5%", "20%", y=50, height=50),
        Segment("77.5%", "20%", y=90, height=10),
    ]


@pytest.mark.parametrize("values", [[], [0, 0]])
def test_columns_of_nothing_are_none(values):
    assert charts.columns(values, height=100) == []


def test_columns_show_the_smallest_beside_the_highest():
    assert charts.columns([1, 10_000], height=100)[0].height == 1


def test_longest_of_is_the_sum_of_the_longest():
    assert charts.longest_of([(3, 1), (0, 5), (2, 2)]) == 5
    assert charts.longest_of([]) == 0
