"""The embedded engine: Wagtail's database search, SQLite FTS5 or PostgreSQL's text search.

An engine is a function like `find`. Another one can stand in its place (`search.views`) as long as it
goes through `search.sources` for what a reader may see.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.db.models import Q
from wagtail.models import Page
from wagtail.search.query import PlainText

from search.sources import SOURCES, Document

if TYPE_CHECKING:
    from search.sources import Reader


# SQLite ranks n matches in n² steps: 1,000 take a tenth of a second, 5,000 take three.
RANKED_AT_MOST = 1_000


@dataclass(frozen=True)
class Found:
    """How many documents hold every word, those asked for, and whether the best match comes first."""

    total: int
    documents: list[Document]
    is_ranked: bool = True


def find(words: Sequence[str], reader: "Reader", *, start: int, count: int) -> Found:
    """The documents that hold all the words and that the reader may read, the best match first.

    More than `RANKED_AT_MOST` come newest first instead. The words must come from `queries.words`: the
    database's match language is built from them as they stand. The number of queries does not grow with
    the number of results.
    """
    if not words:
        return Found(0, [])
    visible = [(source, source.visible_to(reader)) for source in SOURCES]
    may_read = reduce(or_, (Q(pk__in=rows.order_by().values("pk")) for _source, rows in visible))
    pages = Page.objects.filter(may_read).order_by("-first_published_at", "-id")
    query = PlainText(" ".join(words), operator="and")
    total = pages.search(query).count()
    is_ranked = total <= RANKED_AT_MOST
    order = [page.pk for page in pages.search(query, order_by_relevance=is_ranked)[start : start + count]]
    loaded = {
        page.pk: source.document(page) for source, rows in visible for page in rows.filter(pk__in=order)
    }
    # A page can be withdrawn between the two queries.
    return Found(total, [loaded[pk] for pk in order if pk in loaded], is_ranked)
