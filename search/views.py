"""The page that searches."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from events.models import EventIndexPage
from library.models import LibraryIndexPage
from search import queries
from search.database import find
from search.forms import SearchForm
from search.snippets import Piece, mark, snippet
from search.sources import Document

RESULTS_A_PAGE = 20


@dataclass(frozen=True)
class Result:
    """A document as an answer to a query: the words that were looked for are marked."""

    document: Document
    title: list[Piece]
    text: list[Piece]
    about: list[Piece]


@login_not_required  # Visitors find what is public.
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    form = SearchForm(request.GET)
    context: dict[str, object] = {"form": form, "crumbs": [("Home", "/")], "hide_header_search": True}
    if not form.is_valid() or not form.cleaned_data["q"]:
        return render(request, "search/search.html", context)
    words = queries.words(form.cleaned_data["q"])
    start = (form.page - 1) * RESULTS_A_PAGE
    found = find(words, request.user, start=start, count=RESULTS_A_PAGE)
    context |= {
        "found": found,
        "results": [
            Result(
                document,
                title=mark(document.title, words),
                text=snippet(document.text, words),
                about=mark(document.about, words),
            )
            for document in found.documents
        ],
        "earlier_url": address(form.query, form.page - 1) if form.page > 1 else "",
        "later_url": address(form.query, form.page + 1) if found.total > start + RESULTS_A_PAGE else "",
    }
    if not found.documents:
        context["ways_on"] = ways_on(form.query if found.total else "")
    return render(request, "search/search.html", context)


def address(query: str, page: int) -> str:
    """Where one page of the results stands."""
    parts = {"q": query} | ({"page": page} if page > 1 else {})
    return f"{reverse('search:search')}?{urlencode(parts)}"


def ways_on(query: str) -> list[tuple[str, str]]:
    """Where to go from an empty page: back to the results where there are some, else to the lists."""
    links = [("The first results", address(query, 1))] if query else []
    lists = [*EventIndexPage.objects.live().public(), *LibraryIndexPage.objects.live().public()]
    return [*links, *((page.title, page.url or "") for page in lists)]
