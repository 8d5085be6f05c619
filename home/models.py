"""The front page and the standing pages."""

from typing import ClassVar

from wagtail.models import Page

from pages.models import PortalPage


class HomePage(PortalPage):
    """The front page."""

    max_count = 1
    parent_page_types: ClassVar[list[str]] = ["wagtailcore.Page"]

    class Meta:
        verbose_name = "front page"


class StandardPage(PortalPage):
    """A page of text, such as the privacy notice."""

    parent_page_types: ClassVar[list[type[Page] | str]] = ["home.HomePage", "home.StandardPage"]
