"""Words that a person writes for a letter: `{name}` stands for a value of each recipient.

Pure. Only a name in braces is a placeholder; a brace that stands alone is text.
"""

import re
from collections.abc import Collection, Mapping
from datetime import date, datetime

from pages import dates

_PLACEHOLDER = re.compile(r"\{[ \t]*([A-Za-z_]\w*)[ \t]*\}", re.ASCII)
# A line that is one placeholder, as an item or quotation perhaps, with the label above it if there is one.
_ALONE = re.compile(
    r"^(?P<label>[^\n]*:\n\n?)?(?P<mark>> |- )?\{[ \t]*(?P<name>[A-Za-z_]\w*)[ \t]*\}[ \t]*$",
    re.ASCII | re.MULTILINE,
)
_LINE_BREAK = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")


def problems(
    *, subject: str, text: str, placeholders: Collection[str], required: Collection[str] = ()
) -> dict[str, list[str]]:
    """What is wrong with a wording, by the field it stands in: "subject" or "text". Empty if nothing is.

    `placeholders` are the names there are; those in `required` have to stand in the text.
    """
    found: dict[str, list[str]] = {}
    for field, words in (("subject", subject), ("text", text)):
        if not words.strip():
            found.setdefault(field, []).append(f"Write the {field} of the letter.")
        unknown = [name for name in placeholders_in(words) if name not in placeholders]
        for name in unknown:
            found.setdefault(field, []).append(
                f"There is no placeholder {_braced(name)}. You can use {_listed(placeholders)}."
            )
    for name in required:
        if name not in placeholders_in(text):
            found.setdefault("text", []).append(
                f"Put {_braced(name)} into the text: without it the letter leads nowhere."
            )
    return found


def placeholders_in(words: str) -> list[str]:
    """The names in braces, each once, in their order."""
    return list(dict.fromkeys(_PLACEHOLDER.findall(words)))


def filled(words: str, values: Mapping[str, object]) -> str:
    """The words with their values; one that is missing leaves nothing behind.

    On a line of its own it takes the label above along ("Join online:", over no address). An item "- {name}"
    becomes one for each value of a list. Line breaks inside the words stay; what the values bring is the
    caller's to make harmless.
    """

    def alone(found: re.Match[str]) -> str:
        value = values.get(found["name"])
        if not in_words(value):
            return ""
        mark = found["mark"] or ""
        items = value if mark == "- " and isinstance(value, list | tuple) else [value]
        return _in_line(found["label"] or "", values) + "\n".join(f"{mark}{in_words(item)}" for item in items)

    parts = []
    end = 0
    tidied = tidy(words)
    for found in _ALONE.finditer(tidied):
        parts += [_in_line(tidied[end : found.start()], values), alone(found)]
        end = found.end()
    return "".join([*parts, _in_line(tidied[end:], values)])


def _in_line(words: str, values: Mapping[str, object]) -> str:
    return _PLACEHOLDER.sub(lambda found: in_words(values.get(found[1])), words)


def tidy(words: str) -> str:
    """Words with plain line ends and without control characters."""
    return "\n".join(_CONTROL.sub("", line).rstrip() for line in _LINE_BREAK.split(words))


def in_words(value: object) -> str:
    """A value as a letter shows it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return dates.moment(value)
    if isinstance(value, date):
        return dates.day_date(value)
    if isinstance(value, list | tuple):
        return ", ".join(map(in_words, value))
    return str(value)


def _braced(name: str) -> str:
    return "{" + name + "}"


def _listed(names: Collection[str]) -> str:
    braced = [_braced(name) for name in names]
    if not braced:
        return "none here"
    *rest, last = braced
    return f"{', '.join(rest)} and {last}" if rest else last
