"""Numbers and lists as they stand in a sentence."""

import pytest

from home.wording import count_of, listed


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "no events"), (1, "one event"), (2, "two events"), (9, "nine events"), (10, "10 events")],
)
def test_count_of_is_in_words_up_to_nine(number, words):
    assert count_of(number, "event") == words


@pytest.mark.parametrize(
    ("words", "sentence"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")],
)
def test_listed_joins_the_last_with_and(words, sentence):
    assert listed(words) == sentence
