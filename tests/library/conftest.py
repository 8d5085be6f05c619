"""Findings to list, show and cite."""

from collections.abc import Callable

import pytest

from library.models import FindingPage, LibraryIndexPage


@pytest.fixture
def library(site_tree) -> LibraryIndexPage:
    return LibraryIndexPage.objects.get()


@pytest.fixture
def new_finding(library) -> Callable[..., FindingPage]:
    """Publish a finding; each call one more."""

    def publish(**fields) -> FindingPage:
        number = FindingPage.objects.count() + 1
        values = {"title": f"Finding {number}", "slug": f"finding-{number}", "published_year": 2020}
        return library.add_child(instance=FindingPage(**(values | fields)))

    return publish
