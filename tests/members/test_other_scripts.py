"""Addresses at domains in other scripts are kept as the mail system writes them, and never at a guess."""

import pytest

from members import roster
from members.adapters import AccountAdapter
from members.domains import domain_of, in_plain_letters


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("one@münchen.example", "one@xn--mnchen-3ya.example"),
        ("one@kent.example", "one@kent.example"),
        ("ünal@kent.example", "ünal@kent.example"),
        ("nobody", "nobody"),
        # Each of these would come back as another domain: somebody else's, perhaps.
        ("one@straße.example", "one@straße.example"),
        ("one@ｋent.example", "one@ｋent.example"),
        ("one@München.example", "one@München.example"),
        ("one@K\N{COMBINING ACUTE ACCENT}ent.example", "one@K\N{COMBINING ACUTE ACCENT}ent.example"),
        ("one@essеx.example", "one@essеx.example"),
        ("one@..ü", "one@..ü"),
        (f"one@{'ü' * 80}.example", f"one@{'ü' * 80}.example"),
    ],
)
def test_in_plain_letters_converts_what_can_be_meant_one_way_alone(address, expected):
    assert in_plain_letters(address) == expected


@pytest.mark.parametrize("address", ["one@straße.example", "one@ｋent.example"])
def test_what_is_not_converted_has_no_domain(address):
    """So that it is refused wherever addresses are read."""
    assert domain_of(in_plain_letters(address)) is None


def test_clean_email_converts_at_sign_up():
    assert AccountAdapter().clean_email("one@münchen.example") == "one@xn--mnchen-3ya.example"


def test_roster_converts_too():
    rows, refusals = roster.read(
        "email,first_name,last_name,organisation\none@münchen.example,A,B,C".encode()
    )

    assert [(row.email, refusals) for row in rows] == [("one@xn--mnchen-3ya.example", [])]
