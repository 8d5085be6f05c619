"""What a page looks like when it is printed."""

import pytest

from events.models import ConferencePage
from tests.journeys.browsing import as_json

pytestmark = pytest.mark.journey

# What is written on paper, with the colour of its ink. Browsers leave out what it is drawn on: paper is white.
INK = """() => [...document.querySelectorAll("main *")]
    .filter(e => e.checkVisibility() && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
    .map(e => [e.innerText, getComputedStyle(e).color.match(/[0-9.]+/g).slice(0, 3).map(Number)])"""
# Addresses that are written behind links; those of the portal would lack its name, and nobody types them.
ADDED = """() => [...document.querySelectorAll("main a")].filter(e => e.checkVisibility())
    .map(e => getComputedStyle(e, "::after").content).filter(words => words.includes("(/"))"""


def contrast_with_white(colour: list[float]) -> float:
    """WCAG's ratio, of a colour from 0 to 255 per channel."""
    channels = [value / 255 for value in colour]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in channels]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)


def test_contrast_with_white_is_that_of_wcag() -> None:
    assert [round(contrast_with_white([grey] * 3), 2) for grey in (0, 118, 255)] == [21, 4.54, 1]


@pytest.mark.parametrize("kind", ["front page", "conference", "list of events"])
def test_pages_can_be_read_on_paper(visit, portal, kind) -> None:
    conference = ConferencePage.objects.live().filter(sessions__isnull=False).first()
    page = visit()
    page.goto({"front page": "/", "conference": conference.url, "list of events": "/events/"}[kind])

    page.emulate_media(media="print")

    written = page.evaluate(INK)
    assert len(written) > 20
    faint = [words for words, colour in written if contrast_with_white(colour) < 4.5]
    assert faint == [], as_json(faint)
    assert page.evaluate(ADDED) == []
