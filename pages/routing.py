"""From an address to its page, in one step."""

from django.http import Http404, HttpRequest, HttpResponse
from wagtail import views
from wagtail.models import Page

from pages.privacy import AnythingIsPrivate
from pages.sites import site_of


def serve(request: HttpRequest, path: str) -> HttpResponse:
    """As Wagtail's own view, without fetching every page on the way down.

    Wagtail asks for the front page, then for each page below it, twice each: half of what a page costs.
    But every page knows its whole address. Where no page has it, Wagtail looks in its own way, so that
    a page which answers for addresses below its own still can.
    """
    page = _page_at(request, path)
    if page is not None:
        try:
            found = page.specific
            found.anything_is_private = getattr(page, "anything_is_private", None)
            # Where Wagtail keeps what it found for a request; it looks here before it looks for itself.
            request._wagtail_route_for_request = found.route(request, [])  # type: ignore[attr-defined] # as Wagtail does
        except Http404:
            request._wagtail_route_for_request = None  # type: ignore[attr-defined] # as Wagtail does
    answer: HttpResponse = views.serve(request, path)
    return answer


def _page_at(request: HttpRequest, path: str) -> Page | None:
    site = site_of(request)
    slugs = [slug for slug in path.split("/") if slug]
    if site is None or not slugs:
        return site and site.root_page
    # Slugs have an index, whole addresses have none.
    whole = f"{site.root_page.url_path}{'/'.join(slugs)}/"
    pages = Page.objects.filter(slug=slugs[-1], url_path=whole).only("content_type")
    return pages.annotate(anything_is_private=AnythingIsPrivate()).first()
