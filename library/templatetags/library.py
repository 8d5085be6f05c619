"""Citations in templates: `{% load library %}`."""

from django import template

from library import citations
from library.models import FindingPage

register = template.Library()


@register.simple_tag
def citation(finding: FindingPage) -> str:
    """The finding as others cite it, as plain text."""
    return citations.cite(
        citations.Reference(
            title=finding.title,
            year=finding.published_year,
            authors=finding.author_names,
            institution=finding.institution,
            journal=finding.journal,
            volume=finding.volume,
            issue=finding.issue,
            pages=finding.pages,
            doi=finding.doi,
        )
    )


@register.filter
def authors_in_words(finding: FindingPage) -> str:
    """As in a sentence: "Mann, N. and Lundrigan, S."."""
    return citations.authors_in_words(finding.author_names)


@register.filter
def doi_url(doi: str) -> str:
    """The address at which a DOI resolves."""
    return citations.doi_url(doi)
