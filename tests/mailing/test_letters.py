"""From a template to text and HTML."""

import re
from pathlib import Path

import pytest
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from mailing.letters import SUBJECT_LIMIT, LetterFormatError, absolute_url, compose, plain_values

P = '<p style="margin:0 0 18px 0">'
LINK = "color:#0a5a78;text-decoration:underline;word-break:break-word"


def written(template: str, **values: object):
    """The letter of a template, rendered as queue_letter does."""
    return compose(Template(template).render(Context(plain_values(values), autoescape=False)))


def html_body(letter) -> str:
    """The words of the HTML part, without the frame around them."""
    _, _, rest = letter.html.partition('overflow-wrap:anywhere">\n')
    return rest.partition('\n</td></tr>\n<tr><td style="padding:16px')[0]


def test_compose_letter_takes_subject_and_adds_footer():
    letter = compose("Subject: Your place\n\nYou have a place.\n")

    assert letter.subject == "Your place"
    assert letter.text == "You have a place.\n\n-- \nSent by the Practice Portal.\n"


@pytest.mark.parametrize("text", ["", "Your place\n\nText", "Subject: Your place\nText", "Subject:\n\nText"])
def test_compose_letter_refuses_a_template_without_subject(text):
    with pytest.raises(LetterFormatError):
        compose(text)


@pytest.mark.parametrize(
    "line_break", ["\n", "\r\n", "\r", "\n\n", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"]
)
def test_compose_letter_keeps_line_breaks_of_values_out_of_headers(line_break):
    letter = written(
        "Subject: Your place: {{ title }}\n\nText.", title=f"Safety{line_break}Bcc: thief@elsewhere.example"
    )

    assert letter.subject == "Your place: Safety Bcc: thief@elsewhere.example"
    assert letter.text.startswith("Text.\n")


def test_compose_letter_shortens_a_subject_that_no_column_holds():
    letter = written("Subject: {{ title }}\n\nText.", title="word " * 100)

    assert len(letter.subject) == SUBJECT_LIMIT
    assert letter.subject.endswith("word…") or letter.subject.endswith("…")


def test_compose_letter_escapes_values_in_html_only():
    letter = written("Subject: A & B\n\n{{ comment }}", comment='<b onload="x">5 & 6</b>')

    assert letter.text.startswith('<b onload="x">5 & 6</b>\n')
    assert html_body(letter) == f"{P}&lt;b onload=&quot;x&quot;&gt;5 &amp; 6&lt;/b&gt;</p>"
    assert "<title>A &amp; B</title>" in letter.html


def test_compose_letter_joins_lines_of_a_paragraph_and_keeps_key_value_lines():
    letter = compose("Subject: S\n\nOne line\nand more.\n\nWhen: Thursday\nWhere: London\n")

    assert html_body(letter) == f"{P}One line and more.</p>\n{P}When: Thursday<br>\nWhere: London</p>"


def test_compose_letter_draws_one_button_and_further_links_as_links():
    letter = compose(
        "Subject: S\n\nSee your registration:\nhttps://portal.example/a/?b=1&c=2\n\nCancel:\nhttps://portal.example/d/\n"
    )

    body = html_body(letter)
    assert body.count("background-color:#0f5765") == 1
    assert 'href="https://portal.example/a/?b=1&amp;c=2"' in body
    assert (
        'color:#ffffff;text-decoration:none;border:1px solid #0f5765;border-radius:4px">See your registration</a>'
        in body
    )
    assert body.endswith(f'{P}<a href="https://portal.example/d/" style="{LINK}">Cancel</a></p>')


def test_compose_letter_draws_lists_with_their_introduction():
    letter = compose("Subject: S\n\nBring:\n- a pen\n- paper,\n  lined\n")

    assert html_body(letter) == (
        f"{P}Bring:</p>\n"
        '<ul style="margin:0 0 18px 24px;padding:0">\n'
        '<li style="margin:0 0 6px 0">a pen</li>\n'
        '<li style="margin:0 0 6px 0">paper, lined</li>\n'
        "</ul>"
    )


def test_compose_letter_quotes_every_line_of_what_somebody_wrote():
    """Their own words, whatever they look like: also a quotation of theirs."""
    words = "First & last\n- no list\n> not ours\nEnd"

    letter = written("Subject: S\n\n> {{ words }}", words=words)

    assert letter.text.startswith("> First & last\n> - no list\n> > not ours\n> End\n\n-- \n")
    [quotation] = re.findall(r"<blockquote.*</blockquote>", html_body(letter), re.DOTALL)
    assert quotation == (
        '<blockquote style="margin:0">\nFirst &amp; last<br>\n- no list<br>\n&gt; not ours<br>\nEnd\n</blockquote>'
    )


def test_compose_letter_lets_no_value_pose_as_a_button():
    letter = written(
        "Subject: S\n\n{{ comment }}", comment="Hello\n\nSign in here:\nhttps://thief.example/\n\nBye"
    )

    assert "background-color:#0f5765" not in html_body(letter)
    assert html_body(letter) == (
        f"{P}Hello<br>\n<br>\nSign in here:<br>\n"
        f'<a href="https://thief.example/" style="{LINK}">https://thief.example/</a><br>\n<br>\nBye</p>'
    )


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("See https://portal.example/a/.", "https://portal.example/a/"),
        ("(https://portal.example/a)", "https://portal.example/a"),
        ("https://portal.example/a?b=“c”", "https://portal.example/a?b=“c"),
        ("https://portal.example/a, then", "https://portal.example/a"),
    ],
)
def test_compose_letter_links_addresses_without_the_punctuation_after_them(text, url):
    letter = compose(f"Subject: S\n\n{text}")

    assert f'<a href="{url}" style="{LINK}">{url}</a>' in letter.html


def test_compose_letter_offers_a_way_to_stop():
    letter = compose("Subject: S\n\nText.", unsubscribe_url="https://portal.example/stop/?a=1&b=2")

    assert letter.text.endswith("To stop letters like this one: https://portal.example/stop/?a=1&b=2\n")
    assert 'href="https://portal.example/stop/?a=1&amp;b=2"' in letter.html


@given(st.text(), st.text())
def test_compose_letter_survives_any_value(title, comment):
    letter = written(
        "Subject: On {{ title }}\n\n{{ comment }}\n\n> {{ comment }}\n\n- {{ title }}",
        title=title,
        comment=comment,
    )

    assert len(letter.subject.splitlines()) == 1
    assert letter.subject.isprintable() or not any(ord(sign) < 32 for sign in letter.subject)
    assert not any(ord(sign) < 32 for sign in letter.text.replace("\n", "").replace("\t", ""))


TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=f"{path.parts[-3]}:{path.stem}")
        for path in sorted(TEMPLATES.glob("*/mail/*.txt"))
    ],
)
def test_every_letter_template_starts_with_subject_and_empty_line(path):
    first, second, third, *_ = path.read_text(encoding="utf-8").split("\n")

    # A tag such as {% load %} may stand before the word.
    assert first.rpartition("%}")[2].startswith("Subject: ") or first.startswith("Subject: ")
    assert second == ""
    assert third.strip() != ""


@pytest.mark.parametrize("base", ["https://portal.example", "https://portal.example/"])
def test_absolute_url_joins_site_and_path(settings, base):
    settings.BASE_URL = base

    assert absolute_url("/events/1/?a=b") == "https://portal.example/events/1/?a=b"
    assert absolute_url("https://elsewhere.example/x") == "https://elsewhere.example/x"
