"""How many of what, in figures."""

import pytest

from pages.counts import number_of


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 guests"), (1, "1 guest"), (2, "2 guests"), (2000, "2,000 guests")]
)
def test_number_of(number, words):
    assert number_of(number, "guest", "guests") == words
