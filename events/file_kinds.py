"""What a file is, told by its content: its name alone says nothing. Pure."""

import codecs
import zipfile
from dataclasses import dataclass
from typing import BinaryIO

# Enough for every signature below, and for the first lines of a text.
HEAD = 4096


@dataclass(frozen=True)
class FileKind:
    """A kind of file that may be uploaded."""

    ending: str
    content_type: str
    name: str


_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."

KINDS = {
    kind.ending: kind
    for kind in (
        FileKind("pdf", "application/pdf", "PDF"),
        FileKind("docx", f"{_OFFICE}wordprocessingml.document", "Word document"),
        FileKind("pptx", f"{_OFFICE}presentationml.presentation", "PowerPoint presentation"),
        FileKind("xlsx", f"{_OFFICE}spreadsheetml.sheet", "Excel workbook"),
        FileKind("odt", f"{_OPEN_DOCUMENT}text", "OpenDocument text"),
        FileKind("odp", f"{_OPEN_DOCUMENT}presentation", "OpenDocument presentation"),
        FileKind("ods", f"{_OPEN_DOCUMENT}spreadsheet", "OpenDocument spreadsheet"),
        FileKind("png", "image/png", "picture"),
        FileKind("jpg", "image/jpeg", "picture"),
        FileKind("gif", "image/gif", "picture"),
        FileKind("webp", "image/webp", "picture"),
        FileKind("txt", "text/plain; charset=utf-8", "text"),
        FileKind("csv", "text/csv; charset=utf-8", "table"),
    )
}
ALIASES = {"jpeg": "jpg", "text": "txt"}

# Where each kind of Office file keeps its main part.
_MAIN_PARTS = {
    "docx": "word/document.xml",
    "pptx": "ppt/presentation.xml",
    "xlsx": "xl/workbook.xml",
}
_SIGNATURES = {
    "pdf": (b"%PDF-",),
    "png": (b"\x89PNG\r\n\x1a\n",),
    "jpg": (b"\xff\xd8\xff",),
    "gif": (b"GIF87a", b"GIF89a"),
}


def kind_of(filename: str, file: BinaryIO) -> FileKind | None:
    """The kind that both name and content say; None if they differ or it is none of ours.

    The file has to be seekable, and stands at its beginning afterwards.
    """
    ending = filename.rsplit(".", 1)[-1].lower() if "." in filename else ""
    kind = KINDS.get(ALIASES.get(ending, ending))
    if kind is None:
        return None
    file.seek(0)
    head = file.read(HEAD)
    fits = _fits(kind.ending, head, file)
    file.seek(0)
    return kind if fits else None


def _fits(ending: str, head: bytes, file: BinaryIO) -> bool:
    if ending in _SIGNATURES:
        return head.startswith(_SIGNATURES[ending])
    if ending == "webp":
        return head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    if ending in _MAIN_PARTS:
        return _is_office(ending, file)
    if ending in {"odt", "odp", "ods"}:
        return _is_open_document(KINDS[ending].content_type, file)
    return _is_text(file)


def _is_office(ending: str, file: BinaryIO) -> bool:
    """Without macros: a file that carries some has another ending, so one with this ending hides them."""
    names = _names_in(file)
    has_macros = any(name.lower().endswith("vbaproject.bin") for name in names)
    return "[Content_Types].xml" in names and _MAIN_PARTS[ending] in names and not has_macros


def _is_open_document(content_type: str, file: BinaryIO) -> bool:
    """Its first entry, stored as it is, says what it is (ODF 1.3, part 2, 3.3)."""
    try:
        with zipfile.ZipFile(file) as archive:
            entry = archive.getinfo("mimetype")
            if entry.file_size > len(content_type) + 2:
                return False
            return archive.read(entry).decode("ascii", "replace").strip() == content_type
    except (zipfile.BadZipFile, KeyError, OSError, RuntimeError, NotImplementedError, ValueError):
        return False


def _names_in(file: BinaryIO) -> frozenset[str]:
    """The names in an archive; nothing is unpacked."""
    try:
        with zipfile.ZipFile(file) as archive:
            return frozenset(archive.namelist())
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError):
        return frozenset()


def _is_text(file: BinaryIO) -> bool:
    """UTF-8 throughout, without the bytes that no text has. Read in pieces: it may be large."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    file.seek(0)
    try:
        while piece := file.read(1 << 16):
            if b"\x00" in piece:
                return False
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
