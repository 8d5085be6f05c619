"""E-mail domains: reading the domain of an address so that nobody can pass for somebody else."""

import re
import unicodedata

from django.core.exceptions import ValidationError

# Letters, digits and hyphens, at least two labels. A name in another script is written in its ASCII
# form (xn--…) by the mail system, so it never equals one that only looks the same.
_DOMAIN = re.compile(
    r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?"
)

# Anyone can have an address there, so it proves nothing about where somebody works.
PUBLIC_PROVIDERS = frozenset(  # one string, because one name a line would be two pages
    """
    aol.com aol.co.uk blueyonder.co.uk btinternet.com fastmail.com gmail.com gmx.co.uk gmx.com gmx.net
    googlemail.com hotmail.co.uk hotmail.com icloud.com live.co.uk live.com mac.com mail.com me.com msn.com
    ntlworld.com outlook.com pm.me proton.me protonmail.com sky.com talktalk.net tiscali.co.uk tutanota.com
    virginmedia.com yahoo.co.uk yahoo.com ymail.com zoho.com
    """.split()  # noqa: SIM905
)


def domain_of(address: str) -> str | None:
    """The domain of an address in the form in which domains are listed, or None if it has no such form.

    Upper case is folded. Anything else that could make two addresses look alike is refused instead of
    repaired: letters outside ASCII (also those that Unicode folds to ASCII), a dot at the end, spaces.
    What stands before the last @ says nothing about where somebody works.
    """
    domain = address.rpartition("@")[2]
    if not domain.isascii() or "@" not in address:
        return None
    domain = domain.lower()
    return domain if _DOMAIN.fullmatch(domain) else None


def in_plain_letters(address: str) -> str:
    """The address with a domain of another script in the form in which the mail system writes it (xn--…).

    Only a domain that comes back from there as it was written. What would come back as another one (letters that
    Unicode folds, upper case, ß) and what mixes scripts to look like another stays as it is, for `domain_of` to refuse:
    nobody is written to at a guess.
    """
    local, at, domain = address.rpartition("@")
    if domain.isascii():
        return address
    try:
        plain = domain.encode("idna").decode("ascii")
        is_same = plain.encode("ascii").decode("idna") == domain and all(
            map(_is_one_script, domain.split("."))
        )
    except UnicodeError:
        return address
    return f"{local}{at}{plain}" if is_same else address


def _is_one_script(label: str) -> bool:
    """Whether all its letters are of one script, by the first word of their names."""
    return len({unicodedata.name(letter, "").partition(" ")[0] for letter in label if letter.isalpha()}) <= 1


def validate_domain(value: str) -> None:
    """Accept a domain in the form in which `domain_of` gives it, and nothing else."""
    if not _DOMAIN.fullmatch(value):
        raise ValidationError(
            "Enter the part of an address after the @, in lower case, such as “essex.police.uk”.",
            code="invalid_domain",
        )
    if value in PUBLIC_PROVIDERS:
        raise ValidationError(
            "Anyone can have an address at %(domain)s, so it cannot stand for an organisation.",
            code="public_provider",
            params={"domain": value},
        )
