"""What every page of the site has, and the settings of the site."""

from typing import Any, ClassVar

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting
from wagtail.fields import StreamField
from wagtail.models import Page, PageViewRestriction
from wagtail.search import index

from pages.blocks import LinkBlock
from pages.editing import Meanwhile, MeanwhilePanel, PortalPageForm
from pages.privacy import is_anything_private

# Depths in Wagtail's tree: 1 is the root of all sites, 2 a front page.
FRONT_PAGE = 2


def address_of(url_path: str) -> str:
    """The address of a page on its site: its path in the tree without the front page's own name."""
    _, _, below = url_path.lstrip("/").partition("/")
    return reverse("wagtail_serve", args=[below])


class PortalPage(Page):
    """A page of the portal: a title, and one or two sentences that say what it is for."""

    summary = models.TextField(
        "in short",
        blank=True,
        max_length=400,
        help_text="One or two sentences: under the title, in lists and in search results.",
    )

    # What somebody else saved while this page was being written. Set by `wagtail_hooks` for the form that was sent.
    changed_meanwhile: Meanwhile | None = None

    # Whether any page has a privacy setting, if that was asked together with the page's address.
    anything_is_private: bool | None = None

    base_form_class = PortalPageForm
    content_panels: ClassVar[list] = [MeanwhilePanel(), *Page.content_panels, FieldPanel("summary")]
    search_fields: ClassVar[list] = [*Page.search_fields, index.SearchField("summary")]
    preview_modes: ClassVar[list[tuple[str, str]]] = [
        ("", "As you see it"),
        ("visitor", "As a visitor sees it"),
    ]

    class Meta:
        abstract = True

    @property
    def short_description(self) -> str:
        """For search engines and link previews."""
        return self.search_description or self.summary

    def crumbs(self, request: HttpRequest) -> list[tuple[str, str]]:
        """Title and address of the pages above, from the front page down.

        One query, and none right under the front page.
        """
        if self.depth <= FRONT_PAGE:
            return []
        between = [self.path[: depth * self.steplen] for depth in range(FRONT_PAGE + 1, self.depth)]
        found = Page.objects.filter(path__in=between).order_by("path") if between else Page.objects.none()
        return [
            ("Home", reverse("wagtail_serve", args=[""])),
            *((title, address_of(url_path)) for title, url_path in found.values_list("title", "url_path")),
        ]

    def get_view_restrictions(self) -> "models.QuerySet[PageViewRestriction]":
        """As Wagtail's, which asks for every page above first. Where nothing is private, that is for nothing."""
        known = self.anything_is_private
        if not (is_anything_private() if known is None else known):
            return PageViewRestriction.objects.none()
        return super().get_view_restrictions()

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context["crumbs"] = self.crumbs(request)
        return context

    def serve_preview(self, request: HttpRequest, mode_name: str) -> TemplateResponse:
        if mode_name == "visitor":
            request.user = AnonymousUser()
        return super().serve_preview(request, mode_name)


@register_setting(icon="cog")
class SiteSettings(BaseSiteSetting):
    """The name of the portal, how to reach the people who run it, and what every page leads to."""

    name = models.CharField(max_length=80, default="Practice Portal")
    contact_email = models.EmailField("contact address", blank=True, help_text="Shown on error pages.")
    phase = models.CharField(
        max_length=20, blank=True, help_text="For example: Beta. Empty: no banner on top of the pages."
    )
    phase_text = models.CharField(
        "what the phase means",
        max_length=250,
        blank=True,
        help_text="For example: This is a new service. Tell us what does not work.",
    )
    footer_text = models.TextField(
        max_length=400,
        blank=True,
        default="For police officers, probation practitioners and partners who manage people who may harm others.",
    )
    main_navigation = StreamField(
        [("link", LinkBlock())],
        blank=True,
        max_num=5,
        help_text="At most five, one word each, so that a phone shows all of them. "
        "Empty: the pages right under the front page that are shown in menus.",
    )
    footer_navigation = StreamField(
        [("link", LinkBlock())],
        blank=True,
        max_num=10,
        help_text="Accessibility statement, privacy notice, cookies and contact belong here. "
        "Empty: the pages right under the front page that are not shown in menus.",
    )

    panels: ClassVar[list] = [
        MultiFieldPanel([FieldPanel("name"), FieldPanel("contact_email")], heading="Who we are"),
        MultiFieldPanel([FieldPanel("phase"), FieldPanel("phase_text")], heading="Banner on every page"),
        FieldPanel("main_navigation"),
        MultiFieldPanel([FieldPanel("footer_text"), FieldPanel("footer_navigation")], heading="Footer"),
    ]

    class Meta:
        verbose_name = "site settings"
