"""Outlook on Windows lays letters out with Word: the HTML part of every letter uses only what Word knows.

What Word knows is in Microsoft's "Word 2007 HTML and CSS Rendering Capabilities in Outlook 2007" (MSDN aa338201, in
two parts; later versions of Outlook on Windows kept that engine). Three things that it does not say, and that people
who write letters for Outlook rely on: it reads comments for "mso", `mso-padding-alt` gives a cell a padding that no
other program sees, and `mso-line-height-rule:exactly` makes it keep to a line height.
"""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events import invitation_wording
from mailing.letters import compose

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").glob("*/mail/*.txt"))

TAGS = {
    "html",
    "head",
    "meta",
    "title",
    "body",
    "table",
    "tr",
    "td",
    "p",
    "a",
    "br",
    "ul",
    "li",
    "blockquote",
}
VOID = {"meta", "br"}
BLOCKS = {"p", "ul", "li", "blockquote"}
TEXT_STYLE = {"color", "font-family", "font-size", "font-weight", "line-height", "text-decoration"}
# By element: what Word keeps to there.
KNOWN = {
    "body": {"margin", "padding", "background-color"},
    "table": {"margin"},
    "td": TEXT_STYLE
    | {"width", "height", "padding", "background-color", "border-left", "border-top", "border-bottom"}
    | {"mso-padding-alt", "mso-line-height-rule"},
    "a": TEXT_STYLE,
    **dict.fromkeys(BLOCKS, TEXT_STYLE | {"margin"}),
}
# What it passes over, and why nothing is lost.
PASSED_OVER = {
    ("table", "max-width"): "a table that only Word sees around it is as wide",
    ("td", "border-radius"): "corners are square",
    ("a", "border-radius"): "corners are square",
    ("td", "word-break"): "an address longer than a line makes the letter wider",
    ("td", "overflow-wrap"): "an address longer than a line makes the letter wider",
    ("a", "word-break"): "an address longer than a line makes the letter wider",
    ("a", "display"): "the button is its cell",
    ("a", "padding"): "the button is its cell, which has mso-padding-alt",
    ("a", "border"): "the button is its cell, of the same colour",
    ("ul", "padding"): "it is none, against the padding that other programs give a list",
}
SIZE = re.compile(r"(0|-?\d+px)( (0|\d+px)){0,3}")
COLOUR = re.compile(r"#[0-9a-f]{6}")


class Outlook(HTMLParser):
    """Reads a letter as Word does, and notes what it would not know."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.problems: list[str] = []
        self.open: list[tuple[str, dict[str, str]]] = []
        self.buttons = 0
        # The comments that are for Word are no comments to it.
        self.feed(re.sub(r"<!--\[if mso\]>(.*?)<!\[endif\]-->", _without_settings, html, flags=re.DOTALL))
        self.close()
        self.problems += [f"<{tag}> is never closed" for tag, _ in self.open]

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self._check(tag, given)
        if tag not in VOID:
            self.open.append((tag, given))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1][0] != tag:
            self.problems.append(f"</{tag}> closes nothing")
        else:
            self.open.pop()

    def handle_comment(self, data: str) -> None:
        self.problems.append(f"a comment that is not for Word: {data}")

    def handle_data(self, data: str) -> None:
        tags = [tag for tag, _ in self.open]
        if data.strip("\n \xa0") and "td" in tags:
            # A table inherits no font from what is around it.
            cell = [given for tag, given in self.open if tag == "td"][-1]
            if not {"font-family", "font-size", "color"} <= styles(cell).keys() and tags[-1] != "a":
                self.problems.append(f"text in a cell without a font: {data.strip()[:40]}")

    def _check(self, tag: str, given: dict[str, str]) -> None:
        if tag not in TAGS:
            self.problems.append(f"<{tag}>")
        if {"class", "id", "background", "bgimage", "colspan", "rowspan"} & given.keys():
            self.problems.append(f"<{tag}> with {sorted(given)}")
        for name, value in styles(given).items():
            if name not in KNOWN.get(tag, set()) and (tag, name) not in PASSED_OVER:
                self.problems.append(f"<{tag}> with {name}")
            if re.search(r"url\(|rgba?\(|calc|var\(|!important|\d(r?em|vw|vh|%)", value):
                self.problems.append(f"{name}: {value}")
            if "color" in name and not COLOUR.fullmatch(value):
                self.problems.append(f"{name}: {value}")
            if name in {
                "margin",
                "padding",
                "mso-padding-alt",
                "width",
                "height",
                "font-size",
            } and not SIZE.fullmatch(value):
                self.problems.append(f"{name}: {value}")
        if tag == "table":
            self._check_table(given)
        if tag == "a" and "padding" in styles(given):
            self._check_button()

    def _check_table(self, given: dict[str, str]) -> None:
        wanted = {"role": "presentation", "cellpadding": "0", "cellspacing": "0", "border": "0"}
        if wanted.items() - given.items():
            self.problems.append(f"a table that draws itself: {given}")
        if "max-width" in styles(given):
            around = [outer for tag, outer in self.open if tag == "table"]
            if not around or f"{around[-1].get('width')}px" != styles(given)["max-width"]:
                self.problems.append("a greatest width that Word has no width for")

    def _check_button(self) -> None:
        self.buttons += 1
        tag, cell = self.open[-1]
        if tag != "td" or not {"background-color", "mso-padding-alt"} <= styles(cell).keys():
            self.problems.append("a button whose colour and padding are not its cell's")


def _without_settings(comment: re.Match[str]) -> str:
    return "" if comment[1].startswith("<xml>") else comment[1]


def styles(given: dict[str, str]) -> dict[str, str]:
    declarations = [part.partition(":") for part in given.get("style", "").split(";") if part]
    return {name.strip(): value.strip() for name, _, value in declarations}


def filled(source: str) -> str:
    """A template with every branch taken and a word in place of every value."""
    source = re.sub(r"\{%-?.*?%\}|\{#.*?#\}", "", source, flags=re.DOTALL)
    source = re.sub(
        r"\{\{\s*[\w.]*(url|address|link)\w*\b.*?\}\}", "https://portal.example/a/?b=1&c=2", source
    )
    return re.sub(r"\{\{.*?\}\}", "Some <b>words</b> & signs", source, flags=re.DOTALL)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parts[-3]}.{path.stem}")
def test_every_letter_uses_only_what_word_knows(path):
    letter = compose(filled(path.read_text()), unsubscribe_url="https://portal.example/stop/")

    outlook = Outlook(letter.html)

    assert outlook.problems == []
    assert outlook.buttons <= 1


@pytest.mark.parametrize("text", [invitation_wording.TEXT, invitation_wording.REMINDER_TEXT])
def test_every_invitation_uses_only_what_word_knows(text):
    words = text.replace("{link}", "https://portal.example/a/")
    assert Outlook(compose(f"Subject: Come\n\n{words}").html).problems == []


def test_letter_of_every_kind_of_block_uses_only_what_word_knows():
    blocks = (
        "Answer here:\nhttps://portal.example/a/",
        "And here:\nhttps://portal.example/b/",
        "A list:\n- one\n- two,\n  and more",
        "When: 1pm\nWhere: here",
        "> somebody\n> said so",
        "See https://portal.example/c/.",
    )
    outlook = Outlook(
        compose("Subject: All\n\n" + "\n\n".join(blocks), unsubscribe_url="https://x.example/").html
    )
    assert (outlook.problems, outlook.buttons) == ([], 1)


@given(st.text(max_size=300))
def test_letter_of_any_words_uses_only_what_word_knows(words):
    assert Outlook(compose(f"Subject: Any\n\n{words}").html).problems == []


@pytest.mark.parametrize(
    ("html", "problem"),
    [
        ('<div style="display:flex">x</div>', "<div>"),
        ('<p style="display:flex">x</p>', "<p> with display"),
        ('<p style="padding:4px">x</p>', "<p> with padding"),
        ('<p style="color:rgb(0, 0, 0)">x</p>', "color: rgb(0, 0, 0)"),
        ('<p style="font-size:1.2em">x</p>', "font-size: 1.2em"),
        ('<table width="600"></table>', "a table that draws itself: {'width': '600'}"),
        (
            '<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="max-width:600px"></table>',
            "a greatest width that Word has no width for",
        ),
        (
            '<table role="presentation" cellpadding="0" cellspacing="0" border="0"><tr><td>x</td></tr></table>',
            "text in a cell without a font: x",
        ),
        (
            '<p><a href="/" style="padding:4px">x</a></p>',
            "a button whose colour and padding are not its cell's",
        ),
        ("<p>x", "<p> is never closed"),
        ("<!-- x -->", "a comment that is not for Word:  x "),
    ],
)
def test_outlook_notes_what_word_does_not_know(html, problem):
    assert problem in Outlook(html).problems
