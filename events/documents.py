"""Documents as PDF: certificates, badges, sign-in sheets, CPD records. Pure: data in, bytes out.

Typst sets them in milliseconds and tags them as PDF/UA-1 asks (structure, language, title). The templates
stand in `templates/events/documents/`; everything people wrote goes in as data and comes out as text.
"""

import json
import logging
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

import typst

TEMPLATES = Path(__file__).resolve().parent.parent / "templates" / "events" / "documents"
STANDARD: Final = "ua-1"
CONTENT_TYPE = "application/pdf"
# Control, surrogate, private use and unassigned characters: no font shows them.
_NOT_SHOWN = {"Cc", "Cs", "Co", "Cn"}

# What belongs to the character before it, or is not to be seen.
_JOINED = {"Mn", "Mc", "Me", "Cf"}
# Typst's own fonts show these.
LATIN_ENDS: Final = "\u0180"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class CertificateFacts:
    """All that a certificate says. `code_picture` is the address as an SVG document without a margin."""

    name: str
    event: str
    when: str
    hours: str
    code: str
    address: str
    code_picture: str
    issued_on: str


@dataclass(frozen=True)
class Badge:
    """One person's badge; without a picture of a code where nobody scans one."""

    name: str
    organisation: str
    code_picture: str = ""


@dataclass(frozen=True)
class Sheet:
    """One list to sign: name and organisation of each."""

    title: str
    note: str
    rows: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class RecordYear:
    """A year of a CPD record; each row has event, when, hours and code."""

    title: str
    rows: Sequence[Mapping[str, str]]
    total: str


def certificate(facts: CertificateFacts, *, author: str, made_at: datetime) -> bytes:
    return _made(
        "certificate", {"title": "Certificate of attendance", **asdict(facts)}, author=author, made_at=made_at
    )


def badges(event: str, people: Sequence[Badge], *, author: str, made_at: datetime) -> bytes:
    data = {"title": f"Badges: {event}", "event": event, "people": [asdict(badge) for badge in people]}
    return _made("badges", data, author=author, made_at=made_at)


def sign_in_sheet(event: str, when: str, sheets: Sequence[Sheet], *, author: str, made_at: datetime) -> bytes:
    data = {
        "title": "Sign-in sheet" if len(sheets) == 1 else "Sign-in sheets",
        "event": event,
        "when": when,
        "sheets": [asdict(sheet) for sheet in sheets],
    }
    return _made("sign_in_sheet", data, author=author, made_at=made_at)


def cpd_record(
    name: str, years: Sequence[RecordYear], *, made_on: str, author: str, made_at: datetime
) -> bytes:
    data = {
        "title": "CPD record",
        "name": name,
        "made_on": made_on,
        "years": [
            {"title": year.title, "rows": list(map(dict, year.rows)), "total": year.total} for year in years
        ],
    }
    return _made("cpd_record", data, author=author, made_at=made_at)


def _made(template: str, data: Mapping[str, Any], *, author: str, made_at: datetime) -> bytes:
    """The document, the same bytes for the same data and moment.

    PDF/UA asks that every character can be shown. Where no font of the machine has one (a name in Chinese on
    a bare server), the document is made all the same, tagged but without that claim: it can still be read
    out and copied.
    """
    inputs = {"data": json.dumps(_shown({**data, "author": author}), ensure_ascii=False)}
    # A compiler serves one thread at a time; a new one costs two milliseconds, since the fonts are kept.
    compiler = typst.Compiler(root=TEMPLATES, font_paths=_fonts())
    options: dict[str, Any] = {
        "input": TEMPLATES / f"{template}.typ",
        "format": "pdf",
        "sys_inputs": inputs,
        "timestamp": made_at.replace(microsecond=0),  # PDF knows none
    }
    try:
        made = compiler.compile(**options, pdf_standards=[STANDARD])
    except typst.TypstError as error:
        if "could not be displayed" not in error.message:
            raise
        logger.warning("A %s has characters that no font here shows.", template)
        made = compiler.compile(**options)
    assert isinstance(made, bytes)  # one document has one file  # noqa: S101
    return made


def lacking(text: str) -> str:
    """The characters of a text that no font here shows, each once; on paper they come out as empty boxes."""
    return "".join(character for character in dict.fromkeys(_shown(text)) if not _has_picture(character))


@lru_cache(maxsize=10_000)
def _has_picture(character: str) -> bool:
    """Typst says so when it has to promise it: two milliseconds, once for each character."""
    if character < LATIN_ENDS or character.isspace() or unicodedata.category(character) in _JOINED:
        return True
    source = f'#set document(title: "One character")\n#"{character}"'
    try:
        typst.Compiler(font_paths=_fonts()).compile(
            input=source.encode(), format="pdf", pdf_standards=[STANDARD]
        )
    except typst.TypstError as error:
        return "could not be displayed" not in error.message
    return True


@cache
def _fonts() -> typst.Fonts:
    """Typst's own, and the machine's for characters that those lack."""
    return typst.Fonts()


def _shown(value: Any) -> Any:
    """The data without characters that nothing can show."""
    if isinstance(value, str):
        return "".join(character for character in value if unicodedata.category(character) not in _NOT_SHOWN)
    if isinstance(value, Mapping):
        return {name: _shown(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_shown(part) for part in value]
    return value
