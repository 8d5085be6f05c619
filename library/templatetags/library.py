"""Citations in templates: `{% load library %}`."""

from django import template

from library import citations
from library.models import FindingPage

register = template.Library()


@register.simple_tag
def citation(finding: FindingPage) -> str:
    """The finding as others cite it, as plain text."""
    return citations.cite(finding.reference)


@register.filter
def in_print(finding: FindingPage) -> str:
    """Where it stands in print: "Journal, 14(3), 630–642"; empty for what no journal has."""
    return citations.in_print(finding.reference)


@register.filter
def authors_in_words(finding: FindingPage) -> str:
    """As in a sentence: "Mann, N. and Lundrigan, S."."""
    return citations.authors_in_words(finding.author_names)


@register.filter
def doi_url(doi: str) -> str:
    """The address at which a DOI resolves."""
    return citations.doi_url(doi)
