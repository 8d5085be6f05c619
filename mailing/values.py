"""The values of a letter as text for one column, and back: what a template gets is what its cause gave it.

Pure. Dates, moments, times and decimals keep their type, so the filters of templates work; the order of
mappings is kept too, which a JSON column of PostgreSQL would lose.
"""

import json
import math
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal

from django.utils.functional import Promise

Values = dict[str, object]


class Encoded(str):
    """Values that are written already, ready for their column."""

    __slots__ = ()


# How a type that JSON does not know is written: a mapping with this one key.
_DATE, _MOMENT, _TIME, _DECIMAL = "$date", "$moment", "$time", "$decimal"
_READ: Mapping[str, Callable[[str], object]] = {
    _DATE: date.fromisoformat,
    _MOMENT: datetime.fromisoformat,
    _TIME: time.fromisoformat,
    _DECIMAL: Decimal,
}
# No database holds a NUL in a text, and half of a surrogate pair is no text at all.
_NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")


def encoded(values: object) -> Encoded:
    """Plain values as text.

    Plain are texts, numbers, true and false, None, dates, moments, times, decimals, and lists and
    mappings of them. Raises ValueError, which says where, for anything else: a letter is composed later, when an object
    would have changed or be gone.
    """
    return Encoded(json.dumps(_plain(values, ""), ensure_ascii=False, separators=(",", ":")))


def decoded(text: str) -> object:
    """What `encoded` was given; tuples come back as lists."""
    return json.loads(text, object_hook=_restored)


def _plain(value: object, where: str) -> object:
    """The value as JSON can write it."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str | Promise):
        return _NOT_STORABLE.sub("", str(value))
    if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, Mapping):
        return _plain_mapping(value, where)
    if isinstance(value, list | tuple):
        return [_plain(part, f"{where}[{number}]") for number, part in enumerate(value)]
    if written := _written(value):
        return written
    raise ValueError(
        f"A letter cannot keep a {type(value).__name__}{f' ({where})' if where else ''}: give it texts, numbers, "
        "dates, and lists and mappings of them."
    )


def _plain_mapping(values: Mapping[object, object], where: str) -> dict[str, object]:
    plain = {}
    for name, value in values.items():
        if not isinstance(name, str) or name.startswith("$"):
            raise ValueError(
                f"A letter's values are named by texts that do not start with “$”, not {name!r}."
            )
        plain[_NOT_STORABLE.sub("", name)] = _plain(value, f"{where}.{name}" if where else name)
    return plain


def _written(value: object) -> dict[str, str] | None:
    if isinstance(value, datetime):  # A date too, so it comes first.
        return {_MOMENT: value.isoformat()}
    if isinstance(value, date):
        return {_DATE: value.isoformat()}
    if isinstance(value, time):
        return {_TIME: value.isoformat()}
    if isinstance(value, Decimal) and value.is_finite():
        return {_DECIMAL: str(value)}
    return None


def _restored(mapping: dict[str, object]) -> object:
    if len(mapping) == 1:
        [(name, value)] = mapping.items()
        if (read := _READ.get(name)) and isinstance(value, str):
            return read(value)
    return mapping
