"""Findings and publications."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from wagtail.admin.panels import FieldPanel
from wagtail.models import PageManager
from wagtail.query import PageQuerySet
from wagtail.search import index

from pages.models import PortalPage

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.models import User


class LibraryIndexPage(PortalPage):
    """The list of all findings."""

    max_count = 1
    subpage_types: ClassVar[list[str]] = ["library.FindingPage"]


class FindingQuerySet(PageQuerySet):
    """Findings, asked for in the words of the field."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Published findings; those behind a Wagtail privacy setting stay out."""
        return self.live().public()

    def latest_first(self) -> Self:
        return self.order_by("-published_year", "-first_published_at", "-pk")


class FindingPage(PortalPage):
    """What a study found: an evaluation or a publication."""

    class Kind(models.TextChoices):
        EVALUATION = "evaluation", "Evaluation"
        ARTICLE = "article", "Journal article"
        REPORT = "report", "Report"

    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.REPORT)
    authors = models.CharField(max_length=300, blank=True, help_text="For example: Mann, N., Lundrigan, S.")
    published_year = models.PositiveSmallIntegerField("year")

    objects: ClassVar[PageManager] = PageManager.from_queryset(FindingQuerySet)()

    parent_page_types: ClassVar[list[str]] = ["library.LibraryIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    content_panels: ClassVar[list] = [
        *PortalPage.content_panels,
        FieldPanel("kind"),
        FieldPanel("authors"),
        FieldPanel("published_year"),
    ]
    search_fields: ClassVar[list] = [*PortalPage.search_fields, index.SearchField("authors")]
