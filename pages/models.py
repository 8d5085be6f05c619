"""What every page of the site has, and the settings of the site."""

from typing import ClassVar

from django.db import models
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting
from wagtail.models import Page
from wagtail.search import index


class PortalPage(Page):
    """A page of the portal: a title, and one or two sentences that say what it is for."""

    summary = models.TextField(
        "in short",
        blank=True,
        max_length=400,
        help_text="One or two sentences: under the title, in lists and in search results.",
    )

    content_panels: ClassVar[list] = [*Page.content_panels, FieldPanel("summary")]
    search_fields: ClassVar[list] = [*Page.search_fields, index.SearchField("summary")]

    class Meta:
        abstract = True


@register_setting(icon="cog")
class SiteSettings(BaseSiteSetting):
    """The name of the portal and how to reach the people who run it."""

    name = models.CharField(max_length=80, default="Practice Portal")
    contact_email = models.EmailField(blank=True)

    class Meta:
        verbose_name = "site settings"
