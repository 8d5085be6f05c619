"""What the front page needs: `{% load home %}`."""

from django import template
from wagtail.models import Page

register = template.Library()


@register.filter
def list_url(page: Page) -> str:
    """The address of the list that a page stands in. Read off its own: asking for the parent is a query."""
    return (page.url or "").removesuffix(f"{page.slug}/")
