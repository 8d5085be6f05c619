"""The first texts of the standing pages."""

import re

import pytest

from home.models import StandardPage
from home.standing_texts import SLUGS, TEXTS, Particulars, _blocks, standing_text
from portal.site_tree import STANDING_PAGES

PARTICULARS = Particulars(run_by="Example <University>", contact="help@portal.example", mail_body_days=30)


def test_every_standing_page_of_the_tree_has_a_text_and_every_text_a_page():
    assert sorted(SLUGS) == sorted(node.slug for node in STANDING_PAGES)
    assert sorted(path.stem for path in TEXTS.iterdir()) == sorted(SLUGS)


def test_blocks_are_headings_paragraphs_lists_and_links():
    text = "Words of\n{run_by}.\n\n## A & B\n\n- one\n- [two](/two/)\n\nWrite to {contact} in {mail_body_days} days."

    assert list(_blocks(text, PARTICULARS)) == [
        {"type": "text", "value": "<p>Words of Example &lt;University&gt;.</p>"},
        {"type": "heading", "value": {"text": "A & B", "level": "h2"}},
        {
            "type": "text",
            "value": (
                '<ul><li>one</li><li><a href="/two/">two</a></li></ul>'
                '<p>Write to <a href="mailto:help@portal.example">help@portal.example</a> in 30 days.</p>'
            ),
        },
    ]


@pytest.mark.parametrize("slug", SLUGS)
def test_standing_text_leaves_nothing_to_fill_in(slug):
    said = str(standing_text(slug, PARTICULARS))

    assert said
    assert re.findall(r"\{[a-z_]+\}|\]\(|TODO|lorem", said, re.IGNORECASE) == []


@pytest.mark.parametrize("slug", SLUGS)
def test_standing_text_leads_only_to_addresses_that_exist(client, site_tree, slug):
    StandardPage.objects.update(live=True)
    inside = set(re.findall(r'href="(/[^"]*)"', str(standing_text(slug, PARTICULARS))))

    answers = {address: client.get(address).status_code for address in inside}

    assert {address: status for address, status in answers.items() if status not in {200, 302}} == {}


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("privacy", "Example &lt;University&gt;"),
        ("privacy", "30 days after it was sent"),
        ("accessibility", "No independent audit has been made yet"),
        ("cookies", "“sessionid”"),
        ("cookies", "“csrftoken”"),
        ("cookies", "“messages”"),
        ("hard-cases", "you cannot write about a case here yet"),
        ("hard-cases", "call 999"),
        ("anonymity", "Nothing you do on the portal today is anonymous to us"),
        ("contact", "help@portal.example"),
    ],
)
def test_standing_text_says_what_must_be_said(slug, words):
    assert words in str(standing_text(slug, PARTICULARS))


def test_cookies_page_names_the_cookies_the_portal_sets(settings):
    said = str(standing_text("cookies", PARTICULARS))

    assert f"“{settings.SESSION_COOKIE_NAME}”" in said
    assert f"“{settings.CSRF_COOKIE_NAME}”" in said
    assert f"after {settings.SESSION_COOKIE_AGE // 3600} hours" in said
