"""Reading the list of findings: what was asked for in the address, and where a page of the list begins.

Pure: an address in, values out. Whatever makes no sense in an address is left aside.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode

from django.http import QueryDict

FINDINGS_A_PAGE = 20

_KEY = re.compile(r"(\d{4})-(\d{1,18})", re.ASCII)


@dataclass(frozen=True)
class Key:
    """A finding's place in the list: the year, then the number among those of one year."""

    year: int
    number: int

    @classmethod
    def read(cls, written: str | None) -> Self | None:
        found = _KEY.fullmatch(written or "")
        return cls(int(found[1]), int(found[2])) if found else None

    def __str__(self) -> str:
        return f"{self.year}-{self.number}"


@dataclass(frozen=True)
class Asked:
    """What a reader wants to see of the list. At most one of the keys is set."""

    topics: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    after: Key | None = None
    before: Key | None = None

    @classmethod
    def read(cls, query: QueryDict, known_kinds: Collection[str], known_topics: Collection[str] = ()) -> Self:
        after = Key.read(query.get("after", ""))
        return cls(
            topics=tuple(dict.fromkeys(topic for topic in query.getlist("topic") if topic in known_topics)),
            kinds=tuple(dict.fromkeys(kind for kind in query.getlist("kind") if kind in known_kinds)),
            years=tuple(dict.fromkeys(_years(query.getlist("year")))),
            after=after,
            before=None if after else Key.read(query.get("before", "")),
        )

    @property
    def has_filter(self) -> bool:
        return bool(self.topics or self.kinds or self.years)

    def address(self, **keys: Key) -> str:
        """The same filters, from another place in the list on; without one, from its beginning."""
        return _address(self.topics, self.kinds, self.years, {name: str(key) for name, key in keys.items()})

    def without(self, *, topic: str = "", kind: str = "", year: int = 0) -> str:
        """The filters but one, from the beginning of the list."""
        return _address(
            [each for each in self.topics if each != topic],
            [each for each in self.kinds if each != kind],
            [each for each in self.years if each != year],
            {},
        )


def _years(written: Iterable[str]) -> Iterable[int]:
    return (int(year) for year in written if re.fullmatch(r"\d{4}", year, re.ASCII))


def _address(
    topics: Iterable[str], kinds: Iterable[str], years: Iterable[int], keys: Mapping[str, str]
) -> str:
    parts = [
        *(("topic", topic) for topic in topics),
        *(("kind", kind) for kind in kinds),
        *(("year", str(year)) for year in years),
        *keys.items(),
    ]
    return "?" + urlencode(parts) if parts else "."
