"""Everything that can be found, and as whom.

A source says which rows a person may read and what each looks like as a result. An engine asks every
source, so a new kind of thing is found by adding a line to `SOURCES`.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from wagtail.models import Page
from wagtail.query import PageQuerySet
from wagtail.search.index import SearchField

from events.models import EventPage, SeriesPage
from library.citations import authors_in_words
from library.models import FindingPage
from pages.privacy import DEEPEST, closed_to

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.models import User

    Reader: TypeAlias = User | AnonymousUser

# The tree's root and the front page: the front page repeats what other pages say.
_DEPTH_OF_THE_FRONT_PAGE = 2


@dataclass(frozen=True)
class Document:
    """What a result shows: nothing that its reader could not open. `about` is who or where."""

    kind: str
    date: str
    title: str
    url: str
    text: str
    about: str = ""


@dataclass(frozen=True)
class Source:
    """One kind of thing to find."""

    name: str
    visible_to: Callable[["Reader"], PageQuerySet]
    document: Callable[[Any], Document]


def events_visible_to(reader: "Reader") -> PageQuerySet:
    return EventPage.objects.visible_to(reader)


def event_document(event: EventPage) -> Document:
    return Document(
        kind=event.get_kind_display(),
        date=event.when,
        title=event.title,
        url=event.url or "",
        text=searched_text(event, aside=("place",)),
        about=event.where,
    )


def findings_visible_to(reader: "Reader") -> PageQuerySet:
    return FindingPage.objects.visible_to(reader)


def finding_document(finding: FindingPage) -> Document:
    return Document(
        kind=finding.get_kind_display(),
        date=str(finding.published_year),
        title=finding.title,
        url=finding.url or "",
        text=searched_text(finding, aside=("authors", "institution")),
        about=", ".join(filter(None, [authors_in_words(finding.author_names), finding.institution])),
    )


def other_pages_visible_to(reader: "Reader") -> PageQuerySet:
    """Every page that has no source of its own: standing pages, lists and what later apps bring."""
    # Privacy is known only so far down: what lies deeper is not found rather than given away.
    pages = Page.objects.filter(depth__gt=_DEPTH_OF_THE_FRONT_PAGE, depth__lte=DEEPEST)
    return pages.live().exclude(closed_to(reader)).not_type(EventPage, FindingPage).specific()


def page_document(page: Page) -> Document:
    return Document(kind=_kind(page), date="", title=page.title, url=page.url or "", text=searched_text(page))


def _kind(page: Page) -> str:
    if isinstance(page, SeriesPage):
        return "Course" if page.is_booked_as_one else "Series of events"
    return "Page"


SOURCES = (
    Source("events", events_visible_to, event_document),
    Source("findings", findings_visible_to, finding_document),
    Source("pages", other_pages_visible_to, page_document),
)


def searched_text(page: Page, aside: Collection[str] = ()) -> str:
    """The text the index holds of a page: what is found can then also be shown.

    Its title and the fields named `aside` are shown on lines of their own.
    """
    fields = [field for field in page.get_search_fields() if isinstance(field, SearchField)]
    return " ".join(
        text
        for field in fields
        if field.field_name != "title" and field.field_name not in aside
        for text in _texts(field.get_value(page))
        if text.strip()
    )


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _texts(list(value.values()))
    elif isinstance(value, Iterable):
        for item in value:
            yield from _texts(item)
