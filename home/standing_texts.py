"""The first texts of the standing pages, for editors to make their own.

They lie in `data/standing_texts/`, one file a page, named after its slug: `## ` begins a section, `- `
an item of a list, an empty line ends a paragraph, `[words](address)` is a link. `{run_by}`, `{contact}`
and `{mail_body_days}` stand for what differs from one installation to another.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import Path

TEXTS = Path(__file__).resolve().parent / "data" / "standing_texts"

SLUGS = ("about", "hard-cases", "anonymity", "accessibility", "privacy", "cookies", "contact")

_LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
_HEADING = "## "
_ITEM = "- "

# A block of a StreamField as it is stored: its type and its value.
Block = dict[str, object]


@dataclass(frozen=True)
class Particulars:
    """What differs from one installation to another."""

    run_by: str
    contact: str
    mail_body_days: int


def standing_text(slug: str, particulars: Particulars) -> list[Block]:
    """The first text of a standing page. Raises FileNotFoundError for a slug that has none."""
    return list(_blocks((TEXTS / f"{slug}.txt").read_text(encoding="utf-8"), particulars))


def _blocks(text: str, particulars: Particulars) -> Iterator[Block]:
    paragraphs = [paragraph.strip() for paragraph in text.split("\n\n") if paragraph.strip()]
    for is_heading, group in groupby(paragraphs, lambda paragraph: paragraph.startswith(_HEADING)):
        if is_heading:
            for heading in group:
                yield {
                    "type": "heading",
                    "value": {"text": heading.removeprefix(_HEADING), "level": "h2"},
                }
        else:
            yield {"type": "text", "value": "".join(_rich_text(group, particulars))}


def _rich_text(paragraphs: Iterable[str], particulars: Particulars) -> Iterator[str]:
    for paragraph in paragraphs:
        lines = paragraph.splitlines()
        if all(line.startswith(_ITEM) for line in lines):
            items = (f"<li>{_inline(line.removeprefix(_ITEM), particulars)}</li>" for line in lines)
            yield f"<ul>{''.join(items)}</ul>"
        else:
            yield f"<p>{_inline(' '.join(lines), particulars)}</p>"


def _inline(text: str, particulars: Particulars) -> str:
    """One line as HTML: everything escaped, links made, the particulars filled in last."""
    html = _LINK.sub(r'<a href="\2">\1</a>', escape(text))
    contact = escape(particulars.contact)
    return html.format(
        run_by=escape(particulars.run_by),
        contact=f'<a href="mailto:{contact}">{contact}</a>',
        mail_body_days=particulars.mail_body_days,
    )
