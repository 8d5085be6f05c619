"""What a benchmark prints: other programs read it."""

import json

import pytest

from bench.results import Goal, Peer, Result, Skipped, Spread, rounded, spread, table


def result(**changes) -> Result:
    values = {
        "name": "events.book_place",
        "value": 40.0,
        "unit": "registrations a second",
        "spread": Spread(n=3, min=38.0, median=40.0, p95=44.0, max=44.0),
        "peer": Peer("a view that inserts one row", 160.0),
        "goal": Goal("at least 0.4 of the peer", met=False),
    }
    return Result(**values | changes)


def test_spread_of_one_value_is_that_value():
    assert spread([7.0]) == Spread(n=1, min=7.0, median=7.0, p95=7.0, max=7.0)


@pytest.mark.parametrize(
    ("number", "median", "p95"),
    [
        (2, 1.5, 2),  # an even number: the middle lies between two
        (19, 10, 19),  # no 95 in 100 of so few: the highest
        (20, 10.5, 19),
        (100, 50.5, 95),
        (200, 100.5, 190),
    ],
)
def test_spread_takes_the_middle_and_the_value_that_95_in_100_keep_to(number, median, p95):
    values = list(range(number, 0, -1))

    assert spread(values) == Spread(n=number, min=1, median=median, p95=p95, max=number)


def test_spread_refuses_no_values():
    with pytest.raises(ValueError, match="at least one value"):
        spread([])


def test_line_holds_every_key_that_readers_rely_on_in_one_line():
    line = result(also={"deadlocks": 0}).line()

    assert "\n" not in line
    assert json.loads(line) == {
        "name": "events.book_place",
        "value": 40.0,
        "unit": "registrations a second",
        "n": 3,
        "min": 38.0,
        "median": 40.0,
        "max": 44.0,
        "peer": "a view that inserts one row",
        "peer_value": 160.0,
        "ratio": 0.25,
        "goal": "at least 0.4 of the peer",
        "met": False,
        "deadlocks": 0,
    }


def test_line_has_no_ratio_to_a_peer_of_nothing():
    assert json.loads(result(peer=Peer("nothing", 0.0)).line())["ratio"] is None


def test_line_of_a_skipped_benchmark_has_the_same_keys_and_the_reason():
    skipped = json.loads(Skipped("events.book_place", "PostgreSQL is not installed.").line())
    ran = json.loads(result().line())

    assert skipped.keys() == {*ran.keys(), "skipped"}
    assert {key: value for key, value in skipped.items() if value is not None} == {
        "name": "events.book_place",
        "skipped": "PostgreSQL is not installed.",
    }


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (12.345678, 12.35),
        (0.000123456, 0.0001235),
        (123456.0, 123500.0),
        (12345, 12345),  # a count is exact
        (True, True),
        (None, None),
        ("12.345678", "12.345678"),
        ({"cpu_ms": [1.23456, 2]}, {"cpu_ms": [1.235, 2]}),
    ],
)
def test_rounded_keeps_four_digits_of_what_was_measured(value, printed):
    assert rounded(value) == printed


def test_table_shows_what_was_met_missed_and_left_out():
    shown = table(
        [
            result(),
            result(name="home.front_page", goal=Goal("at most 15 ms", met=True)),
            Skipped("events.race", "No PostgreSQL."),
        ]
    )

    assert [line.split("  ")[0] for line in shown.splitlines()] == [
        "benchmark",
        "events.book_place",
        "home.front_page",
        "events.race",
    ]
    assert [line.split()[-1] for line in shown.splitlines()[1:]] == ["MISSED", "met", "PostgreSQL."]
