"""What was typed becomes words that are safe to search with."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.queries import MOST_CHARACTERS, clean, is_too_long, words


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", []),
        ("ARMS refresher", ["ARMS", "refresher"]),
        ("risk, risk; and RISK", ["risk", "and", "RISK"]),
        ("'You're never really free'", ["You", "re", "never", "really", "free"]),
        ("co-host under_score", ["co", "host", "under", "score"]),
        ('"quoted" AND NOT (x:y*) NEAR/2 ^z', ["quoted", "AND", "NOT", "x", "y", "NEAR", "2", "z"]),
        ("café cafe\u0301", ["café"]),
        ("%s %(x)s {0} \\", ["s", "x", "0"]),
        ("'; DROP TABLE pages; --", ["DROP", "TABLE", "pages"]),
        ("!?*&|():<>\"'\\^~ ", []),
        ("a\x00b\u202ec", ["a", "b", "c"]),
    ],
)
def test_words_are_letters_and_digits_each_once(typed, expected):
    assert words(typed) == expected


@given(st.text())
def test_words_hold_nothing_that_means_something_to_a_database(typed):
    assert [word for word in words(typed) if not word.isalnum()] == []


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("  two   words \n", "two words"),
        ("a\x00b\tc\x7f", "a b c"),
        ("half \ud83d pair", "half pair"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
def test_clean_keeps_what_can_be_shown_on_one_line(typed, expected):
    assert clean(typed) == expected


def test_is_too_long_starts_after_the_limit():
    assert is_too_long("x" * MOST_CHARACTERS) is False
    assert is_too_long("x" * (MOST_CHARACTERS + 1)) is True
