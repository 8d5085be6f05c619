"""What may stand in a text that people typed: everything that can be seen."""

import unicodedata

from django.core.exceptions import ValidationError

# Joiners belong to names in several scripts.
_JOINERS = {"\N{ZERO WIDTH NON-JOINER}", "\N{ZERO WIDTH JOINER}"}
# Control, format (also those that turn the direction of the text), half of a surrogate pair.
_INVISIBLE = {"Cc", "Cf", "Cs"}
# What it looks like only some computers know: the apple of some, an empty box to all others.
_PRIVATE_USE = "Co"
_LINE_BREAKS = {"Zl", "Zp"}


def validate_line(value: str) -> None:
    """Accept one line: no line break and nothing invisible, which would change what the rest looks like."""
    if any(_is_invisible(letter) or unicodedata.category(letter) in _LINE_BREAKS for letter in value):
        raise ValidationError(
            "This holds a line break or an invisible character. Type it anew.", code="invisible"
        )
    _validate_shared(value)


def validate_text(value: str) -> None:
    """Accept lines of text: nothing invisible but line breaks and tabs."""
    if any(_is_invisible(letter) for letter in value if letter not in "\r\n\t"):
        raise ValidationError("This holds an invisible character. Type it anew.", code="invisible")
    _validate_shared(value)


def _validate_shared(value: str) -> None:
    if any(unicodedata.category(letter) == _PRIVATE_USE for letter in value):
        raise ValidationError(
            "This holds a sign that other computers do not show, such as a logo. Leave it out.",
            code="private",
        )


def _is_invisible(letter: str) -> bool:
    return letter not in _JOINERS and unicodedata.category(letter) in _INVISIBLE
