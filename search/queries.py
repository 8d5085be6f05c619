"""What was typed into the search box, made safe to search with.

The database backends build their own match language from the words they are given: SQLite's does not
escape a double quote, PostgreSQL refuses a NUL. Words of letters and digits are safe in both.
"""

import re
import unicodedata

MOST_CHARACTERS = 200

_WORD = re.compile(r"[^\W_]+")


def clean(typed: str) -> str:
    """The query as it is shown again: one line, no control characters, not cut."""
    shown = "".join(
        " " if unicodedata.category(character) in {"Cc", "Cs"} else character for character in typed
    )
    return " ".join(shown.split())


def is_too_long(query: str) -> bool:
    return len(query) > MOST_CHARACTERS


def words(query: str) -> list[str]:
    """The words to look for, each once, in the order they were typed.

    An apostrophe or a hyphen ends a word, as it does in both databases' indexes.
    """
    folded = unicodedata.normalize("NFC", query)
    return list(dict.fromkeys(_WORD.findall(folded)))
