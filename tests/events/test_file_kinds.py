"""A file is what its content says: names lie."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.file_kinds import KINDS, kind_of

ODT = "application/vnd.oasis.opendocument.text"


def archive(**parts: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as bundle:
        for name, part in parts.items():
            bundle.writestr(name.replace("__", "/").replace("_dot_", "."), part)
    return content.getvalue()


def office(main: str, *more: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as bundle:
        for name in ("[Content_Types].xml", main, *more):
            bundle.writestr(name, "<x/>")
    return content.getvalue()


WORD = office("word/document.xml")
GOOD = {
    "pdf": b"%PDF-1.7\n...",
    "docx": WORD,
    "pptx": office("ppt/presentation.xml"),
    "xlsx": office("xl/workbook.xml"),
    "odt": archive(mimetype=ODT.encode()),
    "odp": archive(mimetype=b"application/vnd.oasis.opendocument.presentation"),
    "ods": archive(mimetype=b"application/vnd.oasis.opendocument.spreadsheet"),
    "png": b"\x89PNG\r\n\x1a\nrest",
    "jpg": b"\xff\xd8\xff\xe0rest",
    "gif": b"GIF89arest",
    "webp": b"RIFF\x00\x00\x00\x00WEBPrest",
    "txt": "Plain words, “quoted”.\n".encode(),
    "csv": b"Name,Hours\nPat,3\n",
}


def found(filename: str, content: bytes) -> str | None:
    kind = kind_of(filename, io.BytesIO(content))
    return kind.ending if kind else None


def test_every_kind_has_a_specimen():
    assert set(GOOD) == set(KINDS)


@pytest.mark.parametrize("ending", GOOD)
def test_kind_of_a_file_that_is_what_its_name_says(ending):
    assert found(f"Slides (final).{ending.upper()}", GOOD[ending]) == ending


def test_kind_of_knows_other_endings_of_the_same_kind():
    assert found("photo.jpeg", GOOD["jpg"]) == "jpg"


@pytest.mark.parametrize(
    ("filename", "content"),
    [
        ("page.html", b"<script>alert(1)</script>"),
        ("picture.svg", b"<svg onload='alert(1)'/>"),
        ("program.exe", b"MZ\x90"),
        ("noending", b"%PDF-1.7"),
        ("slides.pdf", b"<html><script>alert(1)</script>"),
        ("slides.pdf", b"MZ\x90\x00"),
        ("slides.pdf", b""),
        ("photo.png", GOOD["jpg"]),
        ("letter.docx", GOOD["xlsx"]),
        ("letter.docx", b"PK\x03\x04 broken"),
        ("letter.docx", office("word/document.xml", "word/vbaProject.bin")),
        ("letter.docx", office("word/document.xml", "WORD/VBAPROJECT.BIN")),
        ("letter.docm", WORD),
        ("letter.odt", archive(mimetype=b"application/epub+zip")),
        ("letter.odt", archive(content=b"x")),
        ("letter.odt", archive(mimetype=b"x" * 100_000)),
        ("notes.txt", b"MZ\x90\x00\x03"),
        ("notes.txt", "é".encode("latin-1")),
        ("notes.txt", b"cut off in a character \xe2\x80"),
    ],
)
def test_kind_of_is_none_for_what_lies_or_is_not_ours(filename, content):
    assert found(filename, content) is None


def test_kind_of_leaves_the_file_at_its_beginning():
    file = io.BytesIO(GOOD["docx"])
    file.seek(7)

    kind_of("letter.docx", file)

    assert file.tell() == 0


@given(st.sampled_from(sorted(KINDS)), st.binary(max_size=200))
def test_kind_of_never_fails(ending, content):
    assert found(f"file.{ending}", content) in {ending, None}
