"""Which domain an address is at, and which domain may stand for an organisation."""

import pytest
from django.core.exceptions import ValidationError

from members.domains import domain_of, validate_domain


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("officer@essex.police.uk", "essex.police.uk"),
        ("officer@ESSEX.Police.UK", "essex.police.uk"),
        ("officer+events@essex.police.uk", "essex.police.uk"),
        ('"officer@evil.example"@essex.police.uk', "essex.police.uk"),
        # Somebody else's, however much of the known one they hold.
        ("officer@essex.police.uk@evil.example", "evil.example"),
        ("officer+essex.police.uk@evil.example", "evil.example"),
        ("officer@essex.police.uk.evil.example", "essex.police.uk.evil.example"),
        ("officer@mail.essex.police.uk", "mail.essex.police.uk"),
        ("officer@xn--essx-9sd.police.uk", "xn--essx-9sd.police.uk"),
        # No domain at all: nothing is repaired.
        ("officer@essex.police.uk.", None),
        ("officer@.essex.police.uk", None),
        ("officer@essex..police.uk", None),
        ("officer@essеx.police.uk", None),  # a Cyrillic е
        ("officer@ｅssex.police.uk", None),  # a full-width e
        ("officer@\N{KELVIN SIGN}ent.police.uk", None),  # becomes a k in lower case
        ("officer@essex。police.uk", None),  # an ideographic full stop
        ("officer@essex.police.uk ", None),
        ("officer@essex.police.uk\n", None),
        ("officer@essex.police.uk\x00", None),
        ("officer@[192.0.2.1]", None),
        ("officer@192.0.2.1", None),
        ("officer@localhost", None),
        ("essex.police.uk", None),
        ("", None),
    ],
)
def test_domain_of_is_what_stands_after_the_last_at_sign_or_nothing(address, domain):
    assert domain_of(address) == domain


@pytest.mark.parametrize("domain", ["essex.police.uk", "aru.ac.uk", "a-b.example"])
def test_validate_domain_accepts_a_domain(domain):
    assert validate_domain(domain) is None


@pytest.mark.parametrize(
    ("domain", "code"),
    [
        ("Essex.police.uk", "invalid_domain"),
        ("@essex.police.uk", "invalid_domain"),
        ("essex.police.uk.", "invalid_domain"),
        ("*.police.uk", "invalid_domain"),
        ("uk", "invalid_domain"),
        ("essеx.police.uk", "invalid_domain"),
        ("-essex.police.uk", "invalid_domain"),
        ("gmail.com", "public_provider"),
        ("btinternet.com", "public_provider"),
    ],
)
def test_validate_domain_refuses_what_is_none_or_is_anybodys(domain, code):
    with pytest.raises(ValidationError) as refusal:
        validate_domain(domain)

    assert refusal.value.code == code
