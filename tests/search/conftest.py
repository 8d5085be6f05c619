"""Pages to find, written into the index as the background work would do it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from wagtail.models import Page
from wagtail.search import index

from events.models import EventIndexPage, EventPage, WorkshopPage
from home.models import StandardPage
from library.models import FindingPage, LibraryIndexPage


@pytest.fixture
def publish(site_tree) -> Callable[..., Page]:
    """Put a page under another and into the index; each call one more."""

    def publish_page(parent: Page, page: Page) -> Page:
        page.slug = f"page-{Page.objects.count()}"
        parent.add_child(instance=page)
        index.insert_or_update_object(page)
        return page

    return publish_page


@pytest.fixture
def new_event(publish, now) -> Callable[..., EventPage]:
    def new(**fields) -> EventPage:
        values = {"title": "An event", "starts_at": now, "ends_at": now + timedelta(hours=3)}
        return publish(EventIndexPage.objects.get(), WorkshopPage(**(values | fields)))

    return new


@pytest.fixture
def new_finding(publish) -> Callable[..., FindingPage]:
    def new(**fields) -> FindingPage:
        values = {"title": "A finding", "published_year": 2020}
        return publish(LibraryIndexPage.objects.get(), FindingPage(**(values | fields)))

    return new


@pytest.fixture
def new_page(publish, site_tree) -> Callable[..., StandardPage]:
    def new(**fields) -> StandardPage:
        return publish(site_tree, StandardPage(**({"title": "A page"} | fields)))

    return new
